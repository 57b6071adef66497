"""Where a source's examples lie, and the order in which training sees them: a function of (seed, position) alone.

A reader yields batches of keys, then reads what a batch of keys stands for, so that skipping a batch costs no reading.
"""

import dataclasses
import itertools
import pathlib
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
import tensorflow as tf

from train.data import decoding, folders

PIECE = 100  # examples read at once where all are read in order
LAST = np.iinfo(np.int64).max


class Reader(Protocol):
    """`keys` yields [B] keys endlessly from batch `start` on; `read` gives their examples [B, ...]; `pieces` all, in order."""

    count: int
    shape: tuple[int, ...]
    parallel: int  # batches worth reading at a time

    def keys(self, batch_size: int, *, seed: int, start: int) -> tf.data.Dataset: ...
    def read(self, keys: tf.Tensor) -> tf.Tensor: ...
    def pieces(self) -> Iterator[np.ndarray]: ...


def steps_per_epoch(count: int, batch_size: int) -> int:
    """Whole batches in one pass over `count` examples; 1 where a batch takes more than one pass."""
    return max(count // batch_size, 1)


def permutation(count: int, batch_size: int, *, seed: int, epoch: tf.Tensor) -> tf.Tensor:
    """Returns one epoch's positions [steps, B]: a permutation without its remainder, or enough of them to fill one batch."""
    passes = -(-batch_size // count)
    shuffled = [
        tf.random.experimental.stateless_shuffle(
            tf.range(count, dtype=tf.int64), seed=[seed, epoch * passes + which], alg="philox"
        )
        for which in range(passes)
    ]
    steps = steps_per_epoch(count, batch_size)
    return tf.reshape(tf.concat(shuffled, axis=0)[: steps * batch_size], [steps, batch_size])


def positions(count: int, batch_size: int, *, seed: int, start: int) -> tf.data.Dataset:
    """Yields shuffled positions [B] of `count` examples, from batch `start` on, epoch after epoch."""
    steps = steps_per_epoch(count, batch_size)

    def epoch_positions(epoch: tf.Tensor) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices(
            permutation(count, batch_size, seed=seed, epoch=epoch)
        )

    return tf.data.Dataset.range(start // steps, LAST).flat_map(epoch_positions).skip(start % steps)


@dataclasses.dataclass(frozen=True, eq=False)
class Memory:
    """Examples [N, ...] in memory: one tensor, which every batch is gathered from."""

    examples: tf.Tensor
    parallel = 2

    @classmethod
    def hold(cls, examples: np.ndarray) -> "Memory":
        with tf.device("CPU"):  # a constant would go to the accelerator
            return cls(tf.constant(examples))

    @property
    def count(self) -> int:
        return self.examples.shape[0]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.examples.shape[1:])

    def keys(self, batch_size: int, *, seed: int, start: int) -> tf.data.Dataset:
        return positions(self.count, batch_size, seed=seed, start=start)

    def read(self, keys: tf.Tensor) -> tf.Tensor:
        return tf.gather(self.examples, keys)

    def pieces(self) -> Iterator[np.ndarray]:
        for start in range(0, self.count, PIECE):
            yield self.examples[start : start + PIECE].numpy()


@dataclasses.dataclass(frozen=True, eq=False)
class Files:
    """Image files, decoded when their turn comes to the pixels [H, W, C] of `shape`."""

    paths: tf.Tensor  # [N], strings
    orientations: tf.Tensor  # [N], EXIF's
    shape: tuple[int, int, int]
    crop: int | None
    parallel = folders.THREADS

    @classmethod
    def hold(
        cls,
        paths: list[pathlib.Path],
        orientations: list[int],
        shape: tuple[int, int, int],
        crop: int | None,
    ) -> "Files":
        with tf.device("CPU"):
            return cls(
                tf.constant(list(map(str, paths))), tf.constant(orientations, tf.int32), shape, crop
            )

    @property
    def count(self) -> int:
        return self.paths.shape[0]

    def keys(self, batch_size: int, *, seed: int, start: int) -> tf.data.Dataset:
        return positions(self.count, batch_size, seed=seed, start=start)

    def read(self, keys: tf.Tensor) -> tf.Tensor:
        return tf.map_fn(self.image, keys, fn_output_signature=tf.TensorSpec(self.shape, tf.uint8))

    def image(self, key: tf.Tensor) -> tf.Tensor:
        """Decodes the file at one position."""
        return decoding.decode(
            tf.io.read_file(self.paths[key]), self.orientations[key], self.shape, self.crop
        )

    def pieces(self) -> Iterator[np.ndarray]:
        return _in_order(tf.data.Dataset.range(self.count), self.image)

    def part(self, keys: list[int]) -> "Files":
        """The files at some positions."""
        return Files(
            tf.gather(self.paths, keys), tf.gather(self.orientations, keys), self.shape, self.crop
        )

    def decode_each(self) -> Iterator[np.ndarray | str]:
        """Yields every image [H, W, C] in order, or, of one that cannot be decoded, the file and the reason."""
        read = tf.function(self.read, input_signature=[tf.TensorSpec([None], tf.int64)])

        def attempt(keys: range) -> Iterator[np.ndarray | str]:
            try:
                with tf.device("CPU"):
                    images = read(tf.constant(keys, tf.int64)).numpy()
            except tf.errors.OpError as error:
                if len(keys) == 1:
                    images = [
                        f"{self.paths[keys[0]].numpy().decode()}: {error.message.splitlines()[0]}"
                    ]
                else:  # one of them is at fault: halve until it is alone
                    images = itertools.chain(
                        attempt(keys[: len(keys) // 2]), attempt(keys[len(keys) // 2 :])
                    )
            yield from images

        for start in range(0, self.count, PIECE):
            yield from attempt(range(start, min(start + PIECE, self.count)))
            folders.progress(start + PIECE, self.count, "reading images")


@dataclasses.dataclass(frozen=True, eq=False)
class Records:
    """Encoded images that can be read from the beginning only.

    An epoch shuffles them within windows of `window` neighbours, and the windows lie otherwise in every epoch: the records
    are read from an offset drawn for the epoch, around the end. Starting at batch k reads and drops what the epoch has before
    it, without decoding.
    """

    records: tf.data.Dataset  # of scalar strings
    count: int
    shape: tuple[int, int, int]
    crop: int | None
    window: int = 16_384
    parallel = folders.THREADS

    def keys(self, batch_size: int, *, seed: int, start: int) -> tf.data.Dataset:
        passes = -(-batch_size // self.count)
        steps = steps_per_epoch(self.count, batch_size)

        def shuffled(sweep: tf.Tensor) -> tf.data.Dataset:
            offset = tf.random.stateless_uniform(
                [], [seed, sweep], 0, self.count, tf.int64, alg="philox"
            )
            around = self.records.skip(offset).concatenate(self.records.take(offset))

            def shuffle(index: tf.Tensor, window: tf.Tensor) -> tf.data.Dataset:
                order = tf.random.experimental.stateless_shuffle(
                    tf.range(tf.size(window)),
                    seed=[seed, sweep * (self.count // self.window + 1) + index],
                    alg="philox",
                )
                return tf.data.Dataset.from_tensor_slices(tf.gather(window, order))

            return around.batch(self.window).enumerate().flat_map(shuffle)

        def epoch_keys(epoch: tf.Tensor) -> tf.data.Dataset:
            sweeps = tf.data.Dataset.range(epoch * passes, (epoch + 1) * passes)
            return sweeps.flat_map(shuffled).batch(batch_size, drop_remainder=True).take(steps)

        return tf.data.Dataset.range(start // steps, LAST).flat_map(epoch_keys).skip(start % steps)

    def read(self, keys: tf.Tensor) -> tf.Tensor:
        return tf.map_fn(self.image, keys, fn_output_signature=tf.TensorSpec(self.shape, tf.uint8))

    def image(self, key: tf.Tensor) -> tf.Tensor:
        """Decodes one record."""
        return decoding.decode(
            key, tf.constant(1), self.shape, self.crop
        )  # TFDS knows no orientation

    def pieces(self) -> Iterator[np.ndarray]:
        return _in_order(self.records, self.image)


def _in_order(
    keys: tf.data.Dataset, image: Callable[[tf.Tensor], tf.Tensor]
) -> Iterator[np.ndarray]:
    options = tf.data.Options()
    options.autotune.enabled = False
    images = keys.map(image, num_parallel_calls=folders.THREADS, deterministic=True)
    return images.batch(PIECE).with_options(options).as_numpy_iterator()
