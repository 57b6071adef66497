"""Dropout whose mask is a function of the step."""

import keras
import tensorflow as tf

from zoo import noise, shapes


@keras.saving.register_keras_serializable(package="zoo")
class Dropout(keras.layers.Dropout):
    """Dropout that takes its mask from the noise of the move that is being made.

    output = where(u >= rate, x / (1 - rate), 0), u ~ U[0, 1)

    Keras's own layer draws the same mask on every replica and does not repeat itself after a
    resume. Inside a move, `u` is drawn for the global batch and sliced by replica, so the batch of
    `x` must be the move's. Outside a move this is Keras's layer.

    Args:
        rate: Fraction of the inputs set to 0, in [0, 1).

    Raises:
        ValueError: If `rate` is outside, or if `noise_shape` is given.
    """

    def __init__(self, rate: float, **kwargs):
        if not 0 <= rate < 1:
            raise ValueError(f"`rate` must be in [0, 1). Received: rate={rate}")
        if kwargs.get("noise_shape") is not None:
            raise ValueError(
                "`noise_shape` is not supported: masks have the shape of the input. "
                f"Received: {kwargs['noise_shape']}"
            )
        super().__init__(rate, **kwargs)

    def call(self, inputs, training=False):
        move = noise.current()
        if not training or self.rate == 0 or move is None:
            return super().call(inputs, training=training)
        keep = move.uniform(tuple(inputs.shape[1:])) >= self.rate
        shapes.same_shape(inputs=inputs, mask=keep)
        return tf.where(keep, inputs / (1.0 - self.rate), tf.zeros_like(inputs))
