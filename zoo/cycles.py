"""How far an example is from itself after a translation there and back.

Zhu et al., 2017, equation 2. arXiv:1703.10593
"""

import tensorflow as tf

from zoo import shapes


def error(x: tf.Tensor, x_cycle: tf.Tensor) -> tf.Tensor:
    """Returns the mean of |x - x_cycle| over examples and features, as the released code has it.

    Args:
        x: Examples [B, ...].
        x_cycle: What came back of them [B, ...].

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> float(error(tf.constant([[0.0, 1.0]]), tf.constant([[0.5, 1.0]])))
        0.25
    """
    shapes.same_shape(x=x, x_cycle=x_cycle)
    return tf.reduce_mean(tf.abs(x - x_cycle))
