"""Sources made from others by changing every image in one way. The functions keep the dtype uint8.

The labels and the order of the examples are those of the source that is changed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Change(NamedTuple):
    """One way to make a source from another.

    Attributes:
        spelling: How it is written in the name of a data set.
        text: What it does, for help.
        images: Function of uint8 images [..., H, W, C], an array or a tensor.
        turns: Whether height and width change places.
    """

    spelling: str
    text: str
    images: Callable
    turns: bool = False

    def shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Returns the shape [H, W, C] that an image of a shape has after the change."""
        height, width, channels = shape
        return (width, height, channels) if self.turns else (height, width, channels)


def inverted(images):
    """Returns 255 - pixel.

    Example:
        >>> inverted(np.array([0, 1, 255], np.uint8)).tolist()
        [255, 254, 0]
    """
    return 255 - images


def rotated(images):
    """Returns images [..., W, H, C] turned by 90 degrees counter-clockwise.

    Example:
        >>> rotated(np.array([[[1], [2]], [[3], [4]]], np.uint8))[..., 0].tolist()
        [[2, 4], [1, 3]]
    """
    if isinstance(images, np.ndarray):
        return np.rot90(images, axes=(-3, -2))
    import tensorflow as tf  # `zoo doctor` reads folders without it

    return tf.image.rot90(images)


CHANGES = {
    "inverted": Change(
        "inverted:NAME", "another source's images in negative, 255 - pixel", inverted
    ),
    "rotated": Change(
        "rotated:NAME",
        "another source's images turned by 90 degrees counter-clockwise",
        rotated,
        turns=True,
    ),
}
