"""Guards against silent broadcasting."""

import tensorflow as tf


def same_shape(**tensors: tf.Tensor) -> None:
    """Checks that the tensors have one static shape.

    Raises:
        ValueError: If two of them differ; [B] against [B, 1] is the classic.

    Example:
        >>> same_shape(x=tf.zeros([2, 1]), x_fake=tf.zeros([2, 1]))
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    first = next(iter(tensors.values()))
    if not all(first.shape.is_compatible_with(tensor.shape) for tensor in tensors.values()):
        raise ValueError(
            "Tensors must have the same shape. "
            f"Received: {', '.join(f'{k}={v}' for k, v in shapes.items())}"
        )
