"""Kullback-Leibler."""

import tensorflow as tf

from zoo.divergences import divergence


def kl() -> divergence.Divergence:
    """Kullback-Leibler KL(P || Q): f = u log(u); f* = exp(T - 1); g = V.

    Reference: Nowozin et al., 2016, table 2. arXiv:1606.00709
    """
    return divergence.Divergence(
        f=lambda u: u * tf.math.log(u),
        f_prime=lambda u: tf.math.log(u) + 1.0,
        activation=tf.identity,
        conjugate=lambda t: tf.exp(t - 1.0),
        conjugate_of_activation=lambda v: tf.exp(v - 1.0),
        optimum=lambda r: 1.0 + tf.math.log(r),
        threshold=1.0,
        curvature=1.0,
        between_gaussians=lambda d: 0.5 * d**2,
    )
