"""What conditional games share: the check of their networks, and how a label is passed."""

import numbers

import keras
import tensorflow as tf


def given(x: tf.Tensor, *label: tf.Tensor) -> tf.Tensor | list[tf.Tensor]:
    """Returns what a network is called with: x alone, or [x, label]."""
    return [x, *label] if label else x


def of(batch: dict[str, tf.Tensor]) -> tuple[tf.Tensor, ...]:
    """Returns the labels of a batch, if it holds any, to be passed on as `*labels.of(batch)`."""
    return (batch["label"],) if "label" in batch else ()


def check(
    name: str, network: keras.Model, shape: tuple[int, ...], classes: int | None, what: str
) -> None:
    """Checks what a network takes.

    Args:
        name: Name of the network in messages.
        network: A built network.
        shape: Shape of the one tensor that it must take.
        classes: Number of classes; None if it must not take a label. Otherwise it must take an
            integer label of shape () as its second input.
        what: What that tensor holds, for messages.

    Raises:
        ValueError: If it takes something else, or `classes` is not an integer > 0.
    """
    expected, labels = [tuple(shape)], ""
    if classes is not None:
        if not isinstance(classes, numbers.Integral) or classes < 1:
            raise ValueError(f"`classes` must be an integer > 0. Received: classes={classes!r}")
        expected, labels = [tuple(shape), ()], ", and then integer labels [B]"
    shapes = [tuple(tensor.shape) for tensor in network.inputs]
    dtypes = [tensor.dtype for tensor in network.inputs[1:]]
    if [shape[1:] for shape in shapes] != expected or any("int" not in dtype for dtype in dtypes):
        taken = ", ".join(map(str, ("B", *shape)))
        received = ", ".join([*map(str, shapes), *dtypes])
        raise ValueError(f"`{name}` must take {what}, [{taken}]{labels}. Received: {received}")
