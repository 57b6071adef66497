"""The alpha divergences."""

import math

import tensorflow as tf

from zoo.divergences import divergence, stable


def alpha(alpha: float) -> divergence.Divergence:
    """Alpha divergence: f = (u**alpha - 1 - alpha (u - 1)) / (alpha (alpha - 1)).

    f* = (max(0, 1 + (alpha - 1) T)**(alpha / (alpha - 1)) - 1) / alpha
    g = 1 / (1 - alpha) - softplus(-V) for alpha < 1, where T < 1 / (1 - alpha); V for alpha > 1

    Its limits at 1 and 0 are KL and reverse KL; alpha = 2 is half of Pearson, -1 half of Neyman,
    1/2 twice squared Hellinger.

    Args:
        alpha: A finite number, neither 0 nor 1.

    Raises:
        ValueError: If `alpha` is 0 or 1, or not finite.

    Reference: Nowozin et al., 2016, table 6; for alpha > 1 its conjugate is no number for
        T < -1 / (alpha - 1). arXiv:1606.00709
    """
    if alpha in (0.0, 1.0) or not math.isfinite(alpha):
        raise ValueError(
            "`alpha` must be finite and neither 0 (use reverse_kl) nor 1 (use kl). "
            f"Received: {alpha}"
        )
    power, rest = alpha / (alpha - 1.0), alpha - 1.0

    def conjugate(t):
        return (tf.maximum(0.0, 1.0 + rest * t) ** power - 1.0) / alpha

    row = divergence.Divergence(
        f=lambda u: (u**alpha - 1.0 - alpha * (u - 1.0)) / (alpha * rest),
        f_prime=lambda u: (u**rest - 1.0) / rest,
        activation=tf.identity,
        conjugate=conjugate,
        # the base is 0 below -1 / (alpha - 1), and its logarithm -inf
        conjugate_of_activation=stable.sloped(
            lambda v: tf.math.expm1(power * tf.math.log1p(tf.maximum(rest * v, -1.0))) / alpha,
            lambda v: tf.exp(tf.math.log1p(tf.maximum(rest * v, -1.0)) / rest),
        ),
        optimum=lambda r: (r**rest - 1.0) / rest,
        threshold=0.0,
        curvature=1.0,
        between_gaussians=lambda d: math.expm1(alpha * rest * d**2 / 2.0) / (alpha * rest),
    )
    if alpha > 1.0:
        return row

    def slope(v):
        # ((1 - alpha) softplus(-v))**(1 / (alpha - 1)) * sigmoid(-v), whose factors overflow and
        # underflow
        log_slope = (stable.log_softplus_of_minus(v) + math.log(-rest)) / rest - tf.nn.softplus(v)
        far = math.log(-rest) / rest - power * v - 0.5 * tf.exp(-v) / rest - tf.exp(-v)
        return tf.exp(tf.where(v > stable.FAR, far, log_slope))

    def optimum(r):
        softplus = r**rest / -rest
        return -softplus - tf.math.log(-tf.math.expm1(-softplus))

    return row._replace(
        activation=stable.sloped(
            lambda v: -1.0 / rest - tf.nn.softplus(-v), lambda v: tf.sigmoid(-v)
        ),
        conjugate_of_activation=stable.sloped(
            lambda v: (
                tf.math.expm1(power * (stable.log_softplus_of_minus(v) + math.log(-rest))) / alpha
            ),
            slope,
        ),
        optimum=optimum,
        supremum=-1.0 / rest,
    )
