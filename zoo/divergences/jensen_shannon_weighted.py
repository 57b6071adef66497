"""Jensen-Shannon with a weight."""

import math

import tensorflow as tf

from zoo.divergences import divergence, stable


def jensen_shannon_weighted(pi: float) -> divergence.Divergence:
    """Weighted Jensen-Shannon, pi KL(P || M) + (1 - pi) KL(Q || M) with M = pi P + (1 - pi) Q.

    f = pi u log(u) - (1 - pi + pi u) log(1 - pi + pi u)
    f* = (1 - pi) log((1 - pi) / (1 - pi exp(T / pi))), T < -pi log(pi)
    g = -pi log(pi) - softplus(-V)

    With pi = 1/2 it is half of `jensen_shannon`.

    Args:
        pi: Weight of P, in (0, 1).

    Raises:
        ValueError: If `pi` is outside (0, 1).

    Reference: Nowozin et al., 2016, table 6. arXiv:1606.00709
    """
    if not 0.0 < pi < 1.0:
        raise ValueError(f"`pi` must be in (0, 1). Received: {pi}")
    supremum = -pi * math.log(pi)

    def conjugate_of_activation(v):
        log_a = stable.log_softplus_of_minus(v) - math.log(pi)  # 1 - pi exp(t / pi) = 1 - exp(-a)
        return (1.0 - pi) * (math.log(1.0 - pi) - stable.log_1_minus_exp_of_minus(log_a))

    def slope(v):
        a = tf.exp(stable.log_softplus_of_minus(v) - math.log(pi))
        far = (1.0 - pi) * (1.0 - 0.5 * tf.exp(-v) - 0.5 * a)  # both factors underflow
        near = tf.minimum(v, stable.FAR)
        a = tf.nn.softplus(-near) / pi
        return tf.where(
            v > stable.FAR,
            far,
            (1.0 / pi - 1.0) * tf.sigmoid(-near) * tf.exp(-a) / -tf.math.expm1(-a),
        )

    def optimum(r):
        log_sigmoid = pi * tf.math.log(pi * r / (1.0 - pi + pi * r))
        return log_sigmoid - tf.math.log(-tf.math.expm1(log_sigmoid))

    return divergence.Divergence(
        f=lambda u: pi * u * tf.math.log(u) - (1.0 - pi + pi * u) * tf.math.log(1.0 - pi + pi * u),
        f_prime=lambda u: pi * tf.math.log(u / (1.0 - pi + pi * u)),
        activation=stable.sloped(lambda v: supremum - tf.nn.softplus(-v), lambda v: tf.sigmoid(-v)),
        conjugate=lambda t: (1.0 - pi) * tf.math.log((1.0 - pi) / (1.0 - pi * tf.exp(t / pi))),
        conjugate_of_activation=stable.sloped(conjugate_of_activation, slope),
        optimum=optimum,
        threshold=0.0,
        curvature=pi * (1.0 - pi),
        supremum=supremum,
    )
