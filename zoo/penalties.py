"""Penalties on the critic's slope: scalars over the local batch, added to the critic's loss.

Each is a function (critic, x_real, x_fake, noise) -> scalar, where `critic` maps images [B, ...] to
logits [B, 1] and works on each image by itself.
"""

from collections.abc import Callable

import tensorflow as tf

from zoo import gradients, replicas, shapes

Penalty = Callable[..., tf.Tensor]
Critic = Callable[[tf.Tensor], tf.Tensor]


def _squared_slope(critic: Critic, x: tf.Tensor) -> tf.Tensor:
    """Returns [B], the squared Euclidean norm of d critic / d x over all axes but the first."""
    _, gradient = gradients.by_input(critic, x)
    return tf.reduce_sum(tf.square(gradient), axis=list(range(1, x.shape.rank)))


def _slope(critic: Critic, x: tf.Tensor) -> tf.Tensor:
    # the root's derivative is infinite at 0, where a rectifier critic can be flat;
    # next to a slope of 1, 1e-12 is lost in float32
    return tf.sqrt(_squared_slope(critic, x) + 1e-12)


def _distance(slope: tf.Tensor, target: float, one_sided: bool) -> tf.Tensor:
    excess = slope - target
    return tf.square(tf.nn.relu(excess) if one_sided else excess)


def _one_per_example(noise, x: tf.Tensor) -> tf.Tensor:
    return noise.uniform(
        (1,) * (x.shape.rank - 1)
    )  # one weight for each image, the same for its pixels


def gradient_penalty(weight: float = 10.0, target: float = 1.0, one_sided: bool = False) -> Penalty:
    """Gradient penalty at random points between real and generated data.

    x = eps * x_real + (1 - eps) * x_fake, eps ~ U[0, 1) per example
    weight * mean((norm(grad(critic)(x)) - target)**2)

    Args:
        weight: Coefficient lambda of the penalty.
        target: The slope that costs nothing.
        one_sided: Whether slopes below `target` cost nothing.

    Returns:
        A penalty: (critic, x_real, x_fake, noise) -> scalar >= 0.

    Reference: Gulrajani et al., 2017, equation 3 and Algorithm 1. arXiv:1704.00028
    """

    def penalty(critic: Critic, x_real: tf.Tensor, x_fake: tf.Tensor, noise) -> tf.Tensor:
        shapes.same_shape(x_real=x_real, x_fake=x_fake)
        eps = _one_per_example(noise, x_real)
        between = eps * x_real + (1.0 - eps) * x_fake
        return weight * tf.reduce_mean(_distance(_slope(critic, between), target, one_sided))

    return penalty


def r1(weight: float = 10.0) -> Penalty:
    """R1: the squared slope on real data.

    weight / 2 * mean(norm(grad(critic)(x_real))**2)

    Args:
        weight: Coefficient gamma of the penalty.

    Returns:
        A penalty: (critic, x_real, x_fake, noise) -> scalar >= 0.

    Reference: Mescheder et al., 2018, equation 9; gamma = 10 in its section 6. arXiv:1801.04406
    """

    def penalty(critic: Critic, x_real: tf.Tensor, x_fake: tf.Tensor, noise) -> tf.Tensor:
        return 0.5 * weight * tf.reduce_mean(_squared_slope(critic, x_real))

    return penalty


def dragan(weight: float = 10.0, target: float = 1.0, scale: float = 0.5) -> Penalty:
    """DRAGAN: gradient penalty around real data.

    x_near = x_real + alpha * scale * std(x_real) * u
    alpha ~ U[0, 1) per example, u ~ U[0, 1) per value
    weight * mean((norm(grad(critic)(x_near)) - target)**2)

    std is over all values of the global batch.

    Args:
        weight: Coefficient lambda of the penalty.
        target: The slope that costs nothing.
        scale: Size of the perturbation in units of the data's standard deviation.

    Returns:
        A penalty: (critic, x_real, x_fake, noise) -> scalar >= 0.

    Reference: Kodali et al., 2017, Algorithm 1; the perturbation is the released code's.
        arXiv:1705.07215
    """

    def penalty(critic: Critic, x_real: tf.Tensor, x_fake: tf.Tensor, noise) -> tf.Tensor:
        mean = tf.reduce_mean(replicas.mean(x_real))
        std = tf.sqrt(tf.reduce_mean(replicas.mean(tf.square(x_real - mean))))
        near = x_real + _one_per_example(noise, x_real) * scale * std * noise.uniform(
            tuple(x_real.shape[1:])
        )
        return weight * tf.reduce_mean(_distance(_slope(critic, near), target, one_sided=False))

    return penalty


PENALTIES = {"dragan": dragan, "gradient_penalty": gradient_penalty, "r1": r1}
