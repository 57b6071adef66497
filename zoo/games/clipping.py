"""Clipping of gradients by the public settings of Keras's optimizers."""

import tensorflow as tf


def clipped(gradients: list[tf.Tensor], optimizer) -> list[tf.Tensor]:
    """Returns the gradients of the global batch, clipped as the optimizer's settings say."""
    if optimizer.clipnorm:
        return [tf.clip_by_norm(gradient, optimizer.clipnorm) for gradient in gradients]
    if optimizer.global_clipnorm:
        return tf.clip_by_global_norm(gradients, optimizer.global_clipnorm)[0]
    if optimizer.clipvalue:
        limit = optimizer.clipvalue
        return [tf.clip_by_value(gradient, -limit, limit) for gradient in gradients]
    return gradients
