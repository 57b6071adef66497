"""The derivative of a function by its input, which moves no weight."""

from collections.abc import Callable

import tensorflow as tf


def by_input(function: Callable[[tf.Tensor], tf.Tensor], x: tf.Tensor) -> tuple:
    """Returns function(x) and the gradient of its sum by x, of the shape of x.

    Args:
        function: Differentiable. Where row i of its values depends on row i of `x` alone, row i of
            the gradient is that row's own derivative.
        x: Any shape, floating point.

    Example:
        >>> values, gradient = by_input(tf.square, tf.constant([1.0, 3.0]))
        >>> gradient.numpy()
        array([2., 6.], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        values = function(x)
    return values, tape.gradient(values, x)
