"""The tempering of a lens: the weight of its adversarial term, its distance from the identity.

Sajjadi et al., 2018, figures 1 and 2. arXiv:1802.04374
"""

import math

import tensorflow as tf

from zoo import shapes


def weight(step: tf.Tensor, horizon: int) -> tf.Tensor:
    """Returns the weight of the lens's adversarial term, which falls from 1 to 0.

    1 - sin(pi * step / (2 * horizon)) up to the horizon, then 0

    Args:
        step: Step of training, floating point of any shape, at least 0.
        horizon: Step K at which the weight is 0, at least 1.
    """
    falling = 1.0 - tf.sin(math.pi / 2.0 * step / horizon)
    return tf.where(step < horizon, falling, tf.zeros_like(falling))


def squared_error(x: tf.Tensor, x_lens: tf.Tensor) -> tf.Tensor:
    """Returns mean(|x - x_lens|**2): the sum over features, the mean over examples.

    Args:
        x: Examples [B, ...].
        x_lens: Lensed examples [B, ...], of the same shape.
    """
    shapes.same_shape(x=x, x_lens=x_lens)
    return tf.reduce_mean(tf.reduce_sum(tf.square(x - x_lens), axis=list(range(1, x.shape.rank))))
