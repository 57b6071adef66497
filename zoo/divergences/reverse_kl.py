"""Reverse Kullback-Leibler."""

import tensorflow as tf

from zoo.divergences import divergence


def reverse_kl() -> divergence.Divergence:
    """Reverse Kullback-Leibler KL(Q || P): f = -log(u); f* = -1 - log(-T), T < 0; g = -exp(-V).

    Reference: Nowozin et al., 2016, table 2. arXiv:1606.00709
    """
    return divergence.Divergence(
        f=lambda u: -tf.math.log(u),
        f_prime=lambda u: -1.0 / u,
        activation=lambda v: -tf.exp(-v),
        conjugate=lambda t: -1.0 - tf.math.log(-t),
        conjugate_of_activation=lambda v: v - 1.0,
        optimum=tf.math.log,
        threshold=-1.0,
        curvature=1.0,
        supremum=0.0,
        between_gaussians=lambda d: 0.5 * d**2,
    )
