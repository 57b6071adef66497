"""Jensen-Shannon."""

import math

import tensorflow as tf

from zoo.divergences import divergence, stable


def jensen_shannon() -> divergence.Divergence:
    """Twice the Jensen-Shannon divergence.

    f = u log(u) - (u + 1) log((u + 1) / 2)
    f* = -log(2 - exp(T)), T < log(2); g = log(2) - softplus(-V)

    Reference: Nowozin et al., 2016, table 2. arXiv:1606.00709
    """

    def activation(v):
        # log(2) - softplus(-v) = -log1p(expm1(-v) / 2), which keeps its digits near 0 and overflows
        # far below
        near = -tf.math.log1p(0.5 * tf.math.expm1(-tf.maximum(v, -1.0)))
        return tf.where(v > -1.0, near, math.log(2.0) - tf.nn.softplus(-v))

    return divergence.Divergence(
        f=lambda u: u * tf.math.log(u) - (u + 1.0) * tf.math.log(0.5 * (u + 1.0)),
        f_prime=lambda u: tf.math.log(2.0 * u / (u + 1.0)),
        activation=stable.sloped(activation, lambda v: tf.sigmoid(-v)),
        conjugate=lambda t: -tf.math.log(2.0 - tf.exp(t)),
        conjugate_of_activation=stable.sloped(lambda v: -activation(-v), tf.sigmoid),
        optimum=tf.math.log,
        threshold=0.0,
        curvature=0.5,
        supremum=math.log(2.0),
    )
