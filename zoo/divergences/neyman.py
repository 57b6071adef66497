"""Neyman chi-squared."""

import math

import tensorflow as tf

from zoo.divergences import divergence, stable


def neyman() -> divergence.Divergence:
    """Neyman chi-squared, E_P[(q / p - 1)**2].

    f = (1 - u)**2 / u; f* = 2 - 2 sqrt(1 - T), T <= 1; g = 1 - exp(-V)

    Reference: Nowozin et al., 2016, table 6 (with the increasing activation). arXiv:1606.00709
    """
    return divergence.Divergence(
        f=lambda u: tf.square(1.0 - u) / u,
        f_prime=lambda u: 1.0 - 1.0 / tf.square(u),
        activation=stable.minus_expm1_of_minus,
        conjugate=lambda t: 2.0 - 2.0 * tf.sqrt(1.0 - t),
        conjugate_of_activation=stable.sloped(
            lambda v: -2.0 * tf.math.expm1(-0.5 * v), lambda v: tf.exp(-0.5 * v)
        ),
        optimum=lambda r: 2.0 * tf.math.log(r),
        threshold=0.0,
        curvature=2.0,
        supremum=1.0,
        between_gaussians=lambda d: math.expm1(d**2),
    )
