"""The divergence of the first GAN."""

import math

import tensorflow as tf

from zoo.divergences import divergence


def gan() -> divergence.Divergence:
    """The divergence of the first GAN, 2 JSD - log(4).

    f = u log(u) - (u + 1) log(u + 1); f* = -log(1 - exp(T)), T < 0; g = -softplus(-V)

    f(1) is -log(4), so that is what equal distributions give.

    Reference: Nowozin et al., 2016, table 2. arXiv:1606.00709
    """
    return divergence.Divergence(
        f=lambda u: u * tf.math.log(u) - (u + 1.0) * tf.math.log(u + 1.0),
        f_prime=lambda u: tf.math.log(u / (u + 1.0)),
        activation=lambda v: -tf.nn.softplus(-v),
        conjugate=lambda t: -tf.math.log(1.0 - tf.exp(t)),
        conjugate_of_activation=tf.nn.softplus,
        optimum=tf.math.log,
        threshold=-math.log(2.0),
        curvature=0.5,
        supremum=0.0,
    )
