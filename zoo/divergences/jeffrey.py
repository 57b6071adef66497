"""Jeffrey's divergence."""

import tensorflow as tf

from zoo.divergences import divergence, stable


def jeffrey() -> divergence.Divergence:
    """Jeffrey, KL(P || Q) + KL(Q || P): f = (u - 1) log(u); g = V; f* by Newton's iteration.

    With y = log(u) at the supremum, y - expm1(-y) = T and f*(T) = y + expm1(y); in Lambert's
    function, w + 1 / w + T - 2 with w = W(exp(1 - T)), which overflows.

    Reference: Nowozin et al., 2016, table 6. arXiv:1606.00709
    """
    conjugate = stable.sloped(
        lambda t: (y := _log_ratio(t)) + tf.math.expm1(y), lambda t: tf.exp(_log_ratio(t))
    )
    return divergence.Divergence(
        f=lambda u: (u - 1.0) * tf.math.log(u),
        f_prime=lambda u: tf.math.log(u) + 1.0 - 1.0 / u,
        activation=tf.identity,
        conjugate=conjugate,
        conjugate_of_activation=conjugate,
        optimum=lambda r: tf.math.log(r) + 1.0 - 1.0 / r,
        threshold=0.0,
        curvature=2.0,
        between_gaussians=lambda d: d**2,
    )


def _log_ratio(t):
    """Returns the y with y - expm1(-y) = t, by Newton's iteration.

    It starts on the side from which it rises to the root.
    """
    y = tf.where(t > 0.0, 0.5 * t, -tf.math.log1p(tf.maximum(-t, 0.0)))
    for _ in range(8):
        y += (t - y + tf.math.expm1(-y)) / (1.0 + tf.exp(-y))
    return y
