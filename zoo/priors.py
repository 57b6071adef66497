"""Latent distributions: how each is drawn and its log density."""

import math
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf


class Prior(NamedTuple):
    """A distribution of latents [B, Z].

    Attributes:
        size: Z.
        sample: Function from a source with `normal(shape)` and `uniform(shape)`, which is a
            `noise.Noise` or a `seeds.Rows`, to latents [B, Z].
        log_prob: Function from latents [B, Z] to log densities [B] in nats.
        name: Name that a bundle gives the distribution; None for one of your own without a name.
        bounds: (low, high) that each number of a latent keeps to; None if it has no bounds.
    """

    size: int
    sample: Callable
    log_prob: Callable[[tf.Tensor], tf.Tensor]
    name: str | None = None
    bounds: tuple[float, float] | None = None


def _positive(size: int) -> int:
    if size < 1:
        raise ValueError(f"`size` must be at least 1. Received: {size}")
    return size


def normal(size: int) -> Prior:
    """N(0, I).

    log_prob = -0.5 * sum(z**2 + log(2 * pi))

    Args:
        size: Length Z of a latent.

    Raises:
        ValueError: If `size < 1`.

    Example:
        >>> round(float(normal(1).log_prob(tf.zeros([1, 1]))[0]), 6)
        -0.918939

    Reference: Kingma and Welling, 2014, section 3. arXiv:1312.6114
    """
    return Prior(
        size=_positive(size),
        sample=lambda source: source.normal((size,)),
        log_prob=lambda z: -0.5 * tf.reduce_sum(tf.square(z) + math.log(2.0 * math.pi), axis=-1),
        name="normal",
    )


def uniform(size: int, low: float = -1.0, high: float = 1.0) -> Prior:
    """Independent U[low, high).

    log_prob = -size * log(high - low) inside, -inf outside

    Args:
        size: Length Z of a latent.
        low: Lower end of the interval.
        high: Upper end, above `low`. The ends -sqrt(3) and sqrt(3) give unit variance.

    Raises:
        ValueError: If `size < 1` or `high <= low`.

    Reference: Radford et al., 2016, figure 1. arXiv:1511.06434
    """
    if not low < high:
        raise ValueError(f"`low` must be below `high`. Received: low={low}, high={high}")

    def log_prob(z: tf.Tensor) -> tf.Tensor:
        inside = tf.reduce_all((z >= low) & (z <= high), axis=-1)
        return tf.where(
            inside, tf.cast(-size * math.log(high - low), z.dtype), tf.cast(-math.inf, z.dtype)
        )

    return Prior(
        size=_positive(size),
        # not uniform(low, high): the counter-based source draws on (0, 1)
        sample=lambda source: low + (high - low) * source.uniform((size,)),
        log_prob=log_prob,
        name="uniform",
        bounds=(low, high),
    )


def sphere(size: int) -> Prior:
    """Uniform on the unit sphere S^(size-1): a normal draw divided by its length.

    log_prob = lgamma(size / 2) - log(2) - size / 2 * log(pi)

    The density is with respect to the area of the sphere.

    Args:
        size: Length Z of a latent, at least 2.

    Raises:
        ValueError: If `size < 2`.

    Reference: Ulyanov et al., 2017, section 3. arXiv:1704.02304
    """
    if size < 2:
        raise ValueError(f"`size` must be at least 2 on a sphere. Received: {size}")
    value = math.lgamma(size / 2) - math.log(2.0) - size / 2 * math.log(math.pi)
    return Prior(
        size=size,
        sample=lambda source: tf.math.l2_normalize(source.normal((size,)), axis=-1),
        log_prob=lambda z: tf.fill(tf.shape(z)[:-1], tf.cast(value, z.dtype)),
        name="sphere",
        bounds=(-1.0, 1.0),
    )


PRIORS = {"normal": normal, "sphere": sphere, "uniform": uniform}
