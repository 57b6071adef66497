"""Total variation."""

import math

import tensorflow as tf

from zoo.divergences import divergence, stable


def total_variation() -> divergence.Divergence:
    """Total variation: f = abs(u - 1) / 2; f* = max(T, -1/2), T <= 1/2; g = tanh(V) / 2.

    The slope at u = 1 is any of [-1/2, 1/2]; the best V is infinite, so that no finite V makes the
    bound tight.

    Reference: Nowozin et al., 2016, table 6. arXiv:1606.00709
    """
    # tanh's own gradient, 1 - tanh**2, is 0 where the slope is still a number
    half_tanh = stable.sloped(
        lambda v: 0.5 * tf.tanh(v),
        lambda v: tf.exp(math.log(2.0) - 2.0 * tf.abs(v)) * tf.square(tf.sigmoid(2.0 * tf.abs(v))),
    )
    return divergence.Divergence(
        f=lambda u: 0.5 * tf.abs(u - 1.0),
        f_prime=lambda u: 0.5 * tf.sign(u - 1.0),
        activation=half_tanh,
        conjugate=lambda t: tf.maximum(t, -0.5),
        conjugate_of_activation=half_tanh,
        optimum=lambda r: tf.where(
            r > 1.0, math.inf, tf.where(r < 1.0, -math.inf, tf.zeros_like(r))
        ),
        threshold=0.0,
        curvature=math.inf,  # f has a corner there
        supremum=0.5,
        between_gaussians=lambda d: math.erf(abs(d) / 2.0**1.5),  # 2 Phi(d / 2) - 1
    )
