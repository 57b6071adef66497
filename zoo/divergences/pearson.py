"""Pearson chi-squared."""

import math

import tensorflow as tf

from zoo.divergences import divergence, stable


def pearson() -> divergence.Divergence:
    """Pearson chi-squared, E_Q[(p / q - 1)**2]: f = (u - 1)**2; f* = T**2 / 4 + T; g = V.

    For T < -2 the conjugate over u > 0 would be -1; the paper's, over all u, is above it, so the
    bound holds.

    Reference: Nowozin et al., 2016, table 2. arXiv:1606.00709
    """
    return divergence.Divergence(
        f=lambda u: tf.square(u - 1.0),
        f_prime=lambda u: 2.0 * (u - 1.0),
        activation=tf.identity,
        conjugate=lambda t: tf.square(t) / 4.0 + t,
        # as a product it keeps its digits near the roots, 0 and -4
        conjugate_of_activation=stable.sloped(
            lambda v: v * (0.25 * v + 1.0), lambda v: 0.5 * v + 1.0
        ),
        optimum=lambda r: 2.0 * (r - 1.0),
        threshold=0.0,
        curvature=2.0,
        between_gaussians=lambda d: math.expm1(d**2),
    )
