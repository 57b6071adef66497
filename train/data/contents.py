"""What opening a source gives: an array in memory, files to decode, or records to stream.

Nothing here needs TensorFlow.
"""

import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf


class Classes(NamedTuple):
    """The classes of a source's examples.

    Attributes:
        labels: int64 [N], each in [0, count), in the order of the examples.
        count: Number of classes of the whole data set, whatever split the examples are.
        names: Name of each class, where it is known.
    """

    labels: np.ndarray
    count: int
    names: tuple[str, ...] | None = None

    def part(self, rows: slice | np.ndarray) -> "Classes":
        """Returns the classes of the examples in some rows."""
        return self._replace(labels=self.labels[rows])


class Array(NamedTuple):
    """Examples in memory: uint8 images [N, H, W, C] or float32 points [N, D]."""

    examples: np.ndarray
    classes: Classes | None = None

    def part(self, rows: slice | np.ndarray) -> "Array":
        """Returns the examples in some rows, with their classes."""
        return Array(self.examples[rows], self.classes and self.classes.part(rows))


class Files(NamedTuple):
    """Image files below a folder, in order; each one's class is the folder of the first level.

    Attributes:
        paths: Path of each file.
        folder: The folder that the source names.
        class_names: Names of all class folders, sorted; None unless every file lies in one.
        left_out: Kinds of other files in the folder, with the number of each.
    """

    paths: list[pathlib.Path]
    folder: pathlib.Path
    class_names: tuple[str, ...] | None
    left_out: tuple[tuple[str, int], ...] = ()

    def labels(self, paths: Sequence[pathlib.Path]) -> np.ndarray | None:
        """Returns the label of each of some files as int64 [N]; None where there are no classes."""
        if self.class_names is None:
            return None
        label = {name: at for at, name in enumerate(self.class_names)}
        firsts = (path.relative_to(self.folder).parts[0] for path in paths)
        return np.array([label[first] for first in firsts], np.int64)


class Records(NamedTuple):
    """Encoded images that can be read from the beginning only.

    Attributes:
        records: Yields {"image": scalar string}, with {"label": scalar int64} where there are
            classes, in the order of the files.
        count: Number of records.
        shape: [H, W, C] of the images; H and W are None where images differ.
        classes: Number of classes; None where there are no labels.
        class_names: Name of each class.
    """

    records: "tf.data.Dataset"
    count: int
    shape: tuple[int | None, int | None, int]
    classes: int | None
    class_names: tuple[str, ...] | None


Contents = Array | Files | Records


def classes(labels: np.ndarray, count: int, origin: str) -> Classes:
    """Returns the classes that an array of labels means: as many as its largest label plus 1.

    Args:
        labels: Integers >= 0, [N].
        count: Number of examples, N.
        origin: Where the labels come from, for the message.

    Raises:
        ValueError: If they are not one integer >= 0 for each example.

    Example:
        >>> classes(np.array([2, 0, 1, 2]), 4, "an example").count
        3
    """
    if labels.dtype.kind not in "iu" or labels.shape != (count,) or labels.min() < 0:
        least = f", the least {labels.min()}" if labels.dtype.kind in "iu" and labels.size else ""
        raise ValueError(
            f"Labels must be integers >= 0, one for each of {count} examples. "
            f"Received: {labels.dtype} {list(labels.shape)}{least}: {origin}"
        )
    return Classes(labels.astype(np.int64), int(labels.max()) + 1)
