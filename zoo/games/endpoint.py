"""What a trained game offers to its users, in the form that samplers and exporters take."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf


class Endpoint(NamedTuple):
    """One batched function of a trained game.

    Attributes:
        function: Takes the inputs by name, returns a dict of named outputs; batch axis first in every input and output, a
            row's outputs depend on its own inputs only.
        inputs: Name -> tf.TensorSpec with None as the batch axis.
        ranges: Output name -> (low, high) that its values keep to, or None where they are unbounded.
        example: Takes row seeds [B] int64, returns valid inputs by name; the rows differ.
    """

    function: Callable[..., dict[str, tf.Tensor]]
    inputs: dict[str, tf.TensorSpec]
    ranges: dict[str, tuple[float, float] | None]
    example: Callable[[tf.Tensor], dict[str, tf.Tensor]]
