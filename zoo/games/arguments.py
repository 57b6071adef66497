"""Arguments of endpoints: their specs, ranges, names, and how examples of them are drawn."""

import inspect
from collections.abc import Callable, Iterable
from typing import NamedTuple

import tensorflow as tf

from zoo import seeds

EXAMPLES = ("image", "point")  # outputs that are examples, as `example_output` names them


class Second(NamedTuple):
    """An input that follows an endpoint's own ones, or none, with all fields empty."""

    inputs: dict[str, tf.TensorSpec]
    ranges: dict[str, tuple[float, float] | None]
    draw: Callable[[seeds.Rows], dict[str, tf.Tensor]]


def noise(shape: tuple[int, ...]) -> Second:
    """Returns the input `noise` [B, *shape], of N(0, I)."""
    spec = tf.TensorSpec([None, *shape], name="noise")
    return Second({"noise": spec}, {"noise": None}, lambda rows: {"noise": rows.normal(shape)})


def label(classes: int | None) -> Second:
    """Returns the input `label`, int64 [B] in [0, classes); no input without classes."""
    if classes is None:
        return Second({}, {}, lambda rows: {})

    def draw(rows):  # the draw is below 1, the product may round to the number of classes
        label = tf.cast(rows.uniform() * classes, tf.int64)
        return {"label": tf.minimum(label, classes - 1)}

    spec = tf.TensorSpec([None], tf.int64, "label")
    return Second({"label": spec}, {"label": (0, classes - 1)}, draw)


def example_output(shape: tuple[int, ...]) -> str:
    """Returns the name of an output that is an example: `image` of [H, W, C], else `point`."""
    return "image" if len(shape) == 3 else "point"


def named(function: Callable, names: Iterable[str]) -> Callable:
    """Returns the function with arguments of these names, by which it is saved and called."""
    names = list(names)

    def call(*values, **named):
        return function(*values, *(named[name] for name in names[len(values) :]))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    call.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    return call


def examples(
    rows: seeds.Rows, shape: tuple[int, ...], value_range: tuple[float, float] | None
) -> tf.Tensor:
    """Returns drawn examples [B, *shape]: uniform in the range, or of N(0, I) without one."""
    if value_range is None:
        return rows.normal(shape)
    low, high = value_range
    return low + (high - low) * rows.uniform(shape)
