"""Where a source's examples lie, and how they are read.

A reader yields batches of keys, then reads what a batch of keys stands for, so that skipping a
batch costs no reading. Batches are TensorFlow's; what is read in order needs no TensorFlow where it
lies in memory.
"""

import dataclasses
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np

from train.data import changes, folders, pieces

if TYPE_CHECKING:
    import tensorflow as tf


class Reader(Protocol):
    """What reads the examples of a source.

    Attributes:
        count: Number of examples.
        shape: Shape of one example.
        labels: int64 [count], in the order of `pieces`; None where there are none.
        parallel: Number of batches worth reading at the same time.
        bits: Number of bits that 16-bit values of image files use; None where there are none.
    """

    count: int
    shape: tuple[int, ...]
    labels: np.ndarray | None
    parallel: int
    bits: int | None

    def keys(self, batch_size: int, *, seed: int, start: int) -> "tf.data.Dataset":
        """Yields the keys of `batch_size` examples, without end, from batch `start` on."""

    def read(self, keys) -> "tf.Tensor":
        """Returns the examples [B, *shape] of some keys, uint8 pixels or float32 points."""

    def read_labels(self, keys) -> "tf.Tensor":
        """Returns the labels [B] of some keys, int64."""

    def pieces(self) -> Iterator[np.ndarray]:
        """Yields all examples in order, [some, *shape] at a time."""


@dataclasses.dataclass(eq=False)
class Memory:
    """Examples [N, ...] in memory: one tensor, which every batch is gathered from."""

    examples: np.ndarray
    labels: np.ndarray | None = None
    bits: int | None = None
    parallel = 2

    @functools.cached_property
    def tensor(self) -> "tf.Tensor":
        """The examples, on the CPU; they become a tensor when the first batch is read."""
        import tensorflow as tf

        with tf.init_scope(), tf.device("CPU"):  # a constant would go to the accelerator
            tensor = tf.constant(self.examples)
        self.examples = np.asarray(memoryview(tensor))  # the tensor's memory, so there is one copy
        return tensor

    @property
    def count(self) -> int:
        return self.examples.shape[0]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.examples.shape[1:])

    def keys(self, batch_size: int, *, seed: int, start: int) -> "tf.data.Dataset":
        from train.data import shuffling

        return shuffling.positions(self.count, batch_size, seed=seed, start=start)

    def read(self, keys: "tf.Tensor") -> "tf.Tensor":
        import tensorflow as tf

        return tf.gather(self.tensor, keys)

    def read_labels(self, keys: "tf.Tensor") -> "tf.Tensor":
        import tensorflow as tf

        return tf.gather(self.labels, keys)

    def pieces(self) -> Iterator[np.ndarray]:
        for start in range(0, self.count, pieces.SIZE):
            yield self.examples[start : start + pieces.SIZE]


@dataclasses.dataclass(frozen=True, eq=False)
class Records:
    """Encoded images that can be read from the beginning only; see `shuffling.windows`."""

    records: "tf.data.Dataset"  # of {"image": scalar string}, with "label" where there are classes
    count: int
    shape: tuple[int, int, int]
    crop: int | None
    window: int = 16_384
    parallel = folders.THREADS
    bits = None

    @functools.cached_property
    def labels(self) -> np.ndarray | None:
        if "label" not in self.records.element_spec:
            return None
        numbers = self.records.map(lambda record: record["label"]).batch(10_000)
        return np.concatenate(list(numbers.as_numpy_iterator()))

    def keys(self, batch_size: int, *, seed: int, start: int) -> "tf.data.Dataset":
        from train.data import shuffling

        return shuffling.windows(
            self.records, self.count, batch_size, window=self.window, seed=seed, start=start
        )

    def read(self, keys: "dict[str, tf.Tensor]") -> "tf.Tensor":
        import tensorflow as tf

        return tf.map_fn(
            self.image, keys["image"], fn_output_signature=tf.TensorSpec(self.shape, tf.uint8)
        )

    def read_labels(self, keys: "dict[str, tf.Tensor]") -> "tf.Tensor":
        return keys["label"]

    def image(self, content: "tf.Tensor") -> "tf.Tensor":
        """Decodes one record's image."""
        import tensorflow as tf

        from train.data import decoding

        upright = tf.constant(1)  # TFDS knows no orientation
        return decoding.decode(content, upright, self.shape, self.crop)

    def pieces(self) -> Iterator[np.ndarray]:
        return (piece["image"] for piece in self.examples())

    def examples(self) -> Iterator[dict[str, np.ndarray]]:
        """Yields all records in order, some at a time, each `image` decoded to [some, *shape]."""
        return pieces.in_order(
            self.records, lambda record: {**record, "image": self.image(record["image"])}
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Changed:
    """Another reader's images, each changed in one way; their order and labels stay."""

    reader: Reader
    change: changes.Change

    @property
    def count(self) -> int:
        return self.reader.count

    @property
    def shape(self) -> tuple[int, ...]:
        return self.change.shape(self.reader.shape)

    @property
    def labels(self) -> np.ndarray | None:
        return self.reader.labels

    @property
    def parallel(self) -> int:
        return self.reader.parallel

    @property
    def bits(self) -> int | None:
        return self.reader.bits

    def keys(self, batch_size: int, *, seed: int, start: int) -> "tf.data.Dataset":
        return self.reader.keys(batch_size, seed=seed, start=start)

    def read(self, keys) -> "tf.Tensor":
        return self.change.images(self.reader.read(keys))

    def read_labels(self, keys) -> "tf.Tensor":
        return self.reader.read_labels(keys)

    def pieces(self) -> Iterator[np.ndarray]:
        return map(self.change.images, self.reader.pieces())
