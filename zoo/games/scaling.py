"""Loss scaling for players whose networks compute in float16.

Small gradients are 0 in float16. The loss is multiplied by a power of two, which Keras's
`LossScaleOptimizer` adjusts, and the gradient is divided by it. A move whose gradient is not finite
changes nothing and halves the scale.

Reference: Micikevicius et al., 2018, section 3.2. arXiv:1710.03740
"""

from collections.abc import Iterable

import keras
import tensorflow as tf


def optimizer(given: keras.optimizers.Optimizer, networks: Iterable[keras.Model]):
    """Returns an optimizer that scales the loss if a network computes in float16."""
    layers = [layer for network in networks for layer in (network, *getattr(network, "layers", ()))]
    return scaled(given) if any(layer.compute_dtype == "float16" for layer in layers) else given


def scaled(given: keras.optimizers.Optimizer) -> keras.optimizers.LossScaleOptimizer:
    """Returns an optimizer that scales the loss for the one that is given, or does so already."""
    scales = isinstance(given, keras.optimizers.LossScaleOptimizer)
    return given if scales else keras.optimizers.LossScaleOptimizer(given)


def inner(given):
    """Returns the optimizer that moves the weights: that inside of one that scales the loss."""
    return getattr(given, "inner_optimizer", given)


def scale(given) -> tf.Tensor | None:
    """Returns the factor of the loss; None where it is not scaled."""
    if isinstance(given, keras.optimizers.LossScaleOptimizer):
        return tf.identity(given.dynamic_scale.value)
    return None


def after(norm: tf.Tensor, state: list, factor: tf.Tensor | None) -> tuple[tf.Tensor, list]:
    """Returns the norm of a gradient without the loss's factor, and the state to be written.

    If the gradient is not finite, its move is left out: the norm is 0 and the state stays.
    """
    if factor is None:
        return norm, state
    finite = tf.math.is_finite(norm)
    kept = [(v, tf.where(finite, tf.cast(value, v.dtype), v.value)) for v, value in state]
    return tf.where(finite, norm / factor, 0.0), kept
