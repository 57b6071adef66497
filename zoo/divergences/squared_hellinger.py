"""Squared Hellinger."""

import math

import tensorflow as tf

from zoo.divergences import divergence, stable


def squared_hellinger() -> divergence.Divergence:
    """Squared Hellinger, integral of (sqrt(p) - sqrt(q))**2.

    f = (sqrt(u) - 1)**2; f* = T / (1 - T), T < 1; g = 1 - exp(-V)

    Reference: Nowozin et al., 2016, table 2. arXiv:1606.00709
    """
    return divergence.Divergence(
        f=lambda u: tf.square(tf.sqrt(u) - 1.0),
        f_prime=lambda u: 1.0 - tf.math.rsqrt(u),
        activation=stable.minus_expm1_of_minus,
        conjugate=lambda t: t / (1.0 - t),
        conjugate_of_activation=stable.sloped(tf.math.expm1, tf.exp),  # t / (1 - t) = exp(v) - 1
        optimum=lambda r: 0.5 * tf.math.log(r),
        threshold=0.0,
        curvature=0.5,
        supremum=1.0,
        between_gaussians=lambda d: -2.0 * math.expm1(-(d**2) / 8.0),
    )
