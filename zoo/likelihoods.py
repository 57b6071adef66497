"""Likelihoods p(x | outputs) of an example under the outputs of a decoder.

The decoder ends in a linear layer of the example's shape.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from zoo import shapes


class Likelihood(NamedTuple):
    """A distribution of examples whose parameters are a decoder's outputs.

    Attributes:
        log_prob: (x [B, ...], outputs [B, ...]) -> log probabilities [B] in nats, summed over
            features.
        mean: Function from outputs [B, ...] to the mean examples [B, ...].
        value_range: (low, high) that examples must keep to; None for no bounds.
    """

    log_prob: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    mean: Callable[[tf.Tensor], tf.Tensor]
    value_range: tuple[float, float] | None


def _over_features(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))


def bernoulli() -> Likelihood:
    """Independent Bernoulli features; outputs are their logits.

    log_prob = sum(x * outputs - softplus(outputs)), for x in [0, 1] minus a cross-entropy

    Example:
        >>> round(float(bernoulli().log_prob(tf.ones([1, 1]), tf.zeros([1, 1]))[0]), 6)
        -0.693147

    Reference: Kingma and Welling, 2014, appendix C.1. arXiv:1312.6114
    """

    def log_prob(x, outputs):
        shapes.same_shape(x=x, outputs=outputs)
        return _over_features(x * outputs - tf.nn.softplus(outputs))

    return Likelihood(log_prob, tf.sigmoid, (0.0, 1.0))


def gaussian(std: float, value_range: tuple[float, float] | None = None) -> Likelihood:
    """Independent Gaussian features of one standard deviation.

    log_prob = sum(-0.5 * ((x - mean) / std)**2 - log(std) - 0.5 * log(2 * pi))

    Args:
        std: Standard deviation, above 0.
        value_range: (low, high) within which the mean stays, by a sigmoid of the outputs; None
            takes the outputs as they are.

    Raises:
        ValueError: If `std` is not above 0.

    Reference: Kingma and Welling, 2014, appendix C.2, with a fixed deviation. arXiv:1312.6114
    """
    if not std > 0.0:
        raise ValueError(f"`std` must be above 0. Received: {std}")

    def mean(outputs):
        if value_range is None:
            return outputs
        low, high = value_range
        return low + (high - low) * tf.sigmoid(outputs)

    def log_prob(x, outputs):
        shapes.same_shape(x=x, outputs=outputs)
        return _over_features(
            -0.5 * tf.square((x - mean(outputs)) / std)
            - math.log(std)
            - 0.5 * math.log(2.0 * math.pi)
        )

    return Likelihood(log_prob, mean, value_range)


LIKELIHOODS = {"bernoulli": bernoulli, "gaussian": gaussian}
