"""Data sources: names in, endless batches in an order that is a function of (seed, position) out."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from train.data import readers, table, toys

GIB = 2**30
AHEAD = 4  # batches prepared in advance


@dataclasses.dataclass(frozen=True, eq=False)
class Source:
    """A data set ready for training.

    Attributes:
        name: As it was asked for.
        count: Number of examples.
        shape: Of one example: [H, W, C] with C of 1 or 3, or [D] of a toy.
        value_range: Where `batches` maps 0 and 255 to; None for a toy, whose points stay as they are.
        reader: Where the examples lie: uint8 pixels or float32 points.
    """

    name: str
    count: int
    shape: tuple[int, ...]
    value_range: tuple[float, float] | None
    reader: readers.Reader


def load(
    name: str,
    *,
    split: str = "train",
    size: Sequence[int] | None = None,
    crop: int | None = None,
    value_range: Sequence[float] | None = (-1.0, 1.0),
    skip_unreadable: bool = False,
    memory_limit: int = 4 * GIB,
) -> Source:
    """Opens a data set by name.

    Args:
        name: `digits` (scikit-learn's, 8x8x1); a toy, `ring`, `grid`, `swiss_roll`, `mixture` or `one_hot`; `idx:DIR` (MNIST's files); `folder:DIR`
            (png, jpg, jpeg, grey or RGB, in it or one folder down); `npz:FILE` (uint8, array `images` or the only one);
            anything else is a TFDS name (`mnist`, `name/config:1.0.0`), which must be prepared on this machine.
        split: `train` or `test` and slices of them, `train[:500]`, `train[80%:]`; of TFDS, whatever TFDS reads. `digits`,
            `folder:` (by path) and `npz:` have `train` only; `test` of a toy is another draw.
        size: Height and width to resize images to; where they shrink, without aliasing.
        crop: Side of the square cut out of the middle first (160 for the usual 64x64 CelebA).
        value_range: What pixels of 0 and 255 become. A toy has no pixels and ignores it.
        skip_unreadable: Leave out the files of a folder that cannot be decoded, and print their names.
        memory_limit: Bytes of pixels that are held in memory; a larger folder or TFDS data set is streamed.

    Raises:
        ValueError: If the name is unknown, the data set missing or empty, or its images fit neither each other nor the options.
        UnreadableImageError: (a ValueError) If an image of a folder cannot be decoded and `skip_unreadable` is off.

    Example:
        >>> load("digits", split="train[:1000]").shape
        (8, 8, 1)
    """
    reader = table.find(
        name,
        split=split,
        size=size,
        crop=crop,
        skip_unreadable=skip_unreadable,
        memory_limit=memory_limit,
    )
    return Source(
        name,
        reader.count,
        reader.shape,
        None if name in toys.TOYS else _checked_range(value_range),
        reader,
    )


def batches(
    source: Source, *, batch_size: int, seed: int, start: int = 0, labels: np.ndarray | None = None
) -> tf.data.Dataset:
    """Yields batches without end; each is a function of (seed, its number) alone.

    Every epoch is another permutation of the examples without its last `count % batch_size`; a batch larger than the data
    set takes as many permutations as fill it. Starting later costs nothing, except in a streamed TFDS data set, whose
    records before that are read, not decoded.

    Args:
        source: What `load` gave.
        batch_size: Examples per batch.
        seed: Of the order.
        start: Number of the first batch; 0 is where training begins.
        labels: [N] integers, in the order of the examples; not of a streamed TFDS data set, whose records have no number.

    Returns:
        float32 [batch_size, *source.shape] in `source.value_range`, of static shape; with labels, pairs of it and int64 [batch_size].

    Raises:
        ValueError: If a number is out of range, or there are labels for other examples or for records.
    """
    if batch_size < 1 or start < 0:
        raise ValueError(
            f"`batch_size` must be at least 1 and `start` at least 0. Received: batch_size={batch_size}, start={start}"
        )

    if labels is not None and (
        len(labels) != source.count or isinstance(source.reader, readers.Records)
    ):
        raise ValueError(
            f"`labels` must be one for each example, held in memory. Received: {len(labels)} for {source.count} of {source.name!r}"
        )
    classes = None if labels is None else tf.constant(labels, tf.int64)

    def examples(keys: tf.Tensor):
        x = in_range(tf.cast(source.reader.read(keys), tf.float32), source.value_range)
        x = tf.ensure_shape(x, [batch_size, *source.shape])
        return (
            x if classes is None else (x, tf.ensure_shape(tf.gather(classes, keys), [batch_size]))
        )

    options = tf.data.Options()
    options.autotune.enabled = False  # deleting an autotuned iterator can block for seconds
    options.deterministic = True
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    keys = source.reader.keys(batch_size, seed=seed, start=start)
    return (
        keys.map(examples, num_parallel_calls=source.reader.parallel, deterministic=True)
        .prefetch(AHEAD)
        .with_options(options)
    )


def steps_per_epoch(source: Source, batch_size: int) -> int:
    """Batches in one pass over the data; 1 where a batch is larger than the data set."""
    return readers.steps_per_epoch(source.count, batch_size)


def images(source: Source, count: int | None = None) -> np.ndarray:
    """Returns the first `count` examples in order, or all: uint8 [count, H, W, C], or float32 points of a toy."""
    count = source.count if count is None else min(count, source.count)
    pieces, seen = [], 0
    for piece in source.reader.pieces():
        pieces.append(piece[: count - seen])
        seen += len(pieces[-1])
        if seen == count:
            break
    return np.concatenate(pieces)


def in_range(x, value_range: tuple[float, float] | None):
    """Returns float pixels of 0 to 255 in `value_range`; a toy's points, which have no range, as they are."""
    if value_range is None:
        return x
    low, high = value_range
    return x / 255.0 * (high - low) + low


def mean_image(source: Source) -> np.ndarray:
    """Returns the mean of the images [H, W, C] as float32 in [0, 1], 255 being 1.

    Raises:
        ValueError: If the source has points.
    """
    if source.value_range is None:
        raise ValueError(
            f"`mean_image` needs a source of images. Received: {source.name!r}, which has points"
        )
    total = sum(piece.sum(axis=0, dtype=np.float64) for piece in source.reader.pieces())
    return (total / source.count / 255.0).astype(np.float32)


def _checked_range(value_range: Sequence[float] | None) -> tuple[float, float]:
    if value_range is None or len(value_range) != 2 or not value_range[0] < value_range[1]:
        raise ValueError(
            f"`value_range` of images must be (low, high) with low < high. Received: value_range={value_range}"
        )
    return float(value_range[0]), float(value_range[1])
