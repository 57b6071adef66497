"""Data sources: names in, endless batches out, whose order is a function of (seed, position)."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from train.data import backgrounds, loading, opened, table

if TYPE_CHECKING:
    import tensorflow as tf

GIB = 2**30


def load(
    name: str,
    *,
    split: str = "train",
    size: Sequence[int] | None = None,
    crop: int | None = None,
    value_range: Sequence[float] | None = (-1.0, 1.0),
    skip_unreadable: bool = False,
    memory_limit: int = 4 * GIB,
    held_out: float = 0.0,
    unseen: bool = False,
    background: str = backgrounds.WHITE,
    bits: int | None = None,
) -> opened.Source:
    """Opens a data set by name.

    Args:
        name: A name of train/data/table.py, such as `digits`, `folder:DIR` or `inverted:digits`;
            any other is one of TFDS (`mnist`, `name/config:1.0.0`), which must be prepared on
            this machine. `NAME,NAME` is two domains.
        split: `train` or `test` and slices of them, `train[:500]`, `train[80%:]`; of TFDS,
            whatever TFDS reads. `digits` and `folder:` (by path) have `train` only, `npz:` the
            arrays that the file names so; `test` of points is another draw.
        size: Height and width to resize images to; where they shrink, without aliasing.
        crop: Side of the square cut out of the middle first (160 for the usual 64x64 CelebA).
        value_range: What pixels of 0 and 255 become. Points have no pixels and ignore it.
        skip_unreadable: Name and leave out the files of a folder that cannot be decoded.
        memory_limit: Bytes of pixels that are held in memory; a larger folder or TFDS data set is
            streamed. The files of a streamed folder are decoded when their turn comes, and not once
            before, unless `skip_unreadable` must know which of them cannot be decoded.
        held_out: Fraction of the split that training never sees, as in `splits.held_out`. It
            divides data without a test split alone; the examples of other data all stay.
        unseen: Whether to open the examples that are held out, and not those for training. They
            are in an order that mixes the classes; TFDS data sets, which are mixed, keep theirs.
        background: Colour behind transparent pixels of image files, as in `backgrounds.check`.
        bits: Number of bits, 8 to 16, that 16-bit image files use; None for as many as the largest
            value in the whole folder needs, whatever the split.

    Raises:
        ValueError: If the name is unknown, the data set missing, empty or unreadable, its images
            fit neither each other nor the options, or two domains differ in shape.

    Example:
        >>> load("digits", split="train[:1000]").shape
        (8, 8, 1)
    """
    options = {
        "split": split,
        "size": loading.checked_size(size, crop),
        "value_range": value_range,
        "crop": crop,
        "skip_unreadable": skip_unreadable,
        "memory_limit": memory_limit,
        "held_out": held_out,
        "unseen": unseen,
        "background": background,
        "bits": bits,
    }
    domains = [loading.source(domain, **options) for domain in table.domains(name)]
    return domains[0] if len(domains) == 1 else _paired(name, *domains)


def batches(
    source: opened.Source,
    *,
    inputs: Sequence[str] = ("x",),
    batch_size: int,
    seed: int,
    start: int = 0,
    flip: bool = False,
) -> "tf.data.Dataset":
    """Yields batches without end; each is a function of (seed, its number) alone.

    Every epoch is another permutation of the examples without its last `count % batch_size`; a
    batch larger than the data set takes as many permutations as fill it. Starting later costs
    nothing, except in a streamed TFDS data set, whose records before that are read, not decoded.
    Each of two domains has epochs and an order of its own; that of the first is the order that it
    has alone.

    Args:
        source: What `load` returned.
        inputs: What a batch holds, some of `source.inputs`.
        batch_size: Number of examples in a batch.
        seed: Seed of the order.
        start: Number of the first batch; 0 is where training begins.
        flip: Whether each image is mirrored left to right with probability 1/2.

    Returns:
        A dict by input, of static shapes: `x`, `a` and `b` float32 [batch_size, *source.shape] in
        `source.value_range`, `label` int64 [batch_size].

    Raises:
        ValueError: If a number is out of range, or the source has no such input.
    """
    if batch_size < 1 or start < 0:
        raise ValueError(
            "`batch_size` must be at least 1 and `start` at least 0. "
            f"Received: batch_size={batch_size}, start={start}"
        )
    if flip and not source.has_images:
        raise ValueError(f"`flip` mirrors images. Received: {source.name!r}, which has points")
    _check_inputs(source, inputs)
    from train.data import batching  # which imports TensorFlow

    def finished(batches: "tf.data.Dataset") -> "tf.data.Dataset":
        if flip:
            batches = batching.mirrored(batches, seed=seed, start=start)
        return batching.ahead(batches)

    def examples(domain: opened.Source, wanted: Sequence[str], own_seed: int) -> "tf.data.Dataset":
        finish = functools.partial(in_range, value_range=domain.value_range)
        options = {"batch_size": batch_size, "seed": own_seed, "start": start}
        return batching.examples(domain.reader, wanted, finish, **options)

    if not source.domains:
        return finished(examples(source, inputs, seed))
    # the first domain's seed is that of the single source; the second's lies beyond 32 bits
    domains = {
        name: examples(domain, ("x",), seed + (at << 32))
        for at, (name, domain) in enumerate(zip(opened.DOMAINS, source.domains))
        if name in inputs
    }
    return finished(batching.together(domains))


def examples(
    source: opened.Source, count: int | None = None, inputs: Sequence[str] = ("x",)
) -> dict[str, np.ndarray]:
    """Returns the first `count` examples, or all, of each input by name, in their range.

    Args:
        source: What `load` returned.
        count: Number of examples; all if None.
        inputs: Names of the inputs, some of `source.inputs`.

    Raises:
        ValueError: If the source has no such input.
    """
    _check_inputs(source, inputs)
    domains = dict(zip(opened.DOMAINS, source.domains)) or {"x": source}
    rows = {
        name: in_range(images(domain, count).astype(np.float32), domain.value_range)
        for name, domain in domains.items()
        if name in inputs
    }
    return rows | ({"label": source.labels[:count]} if "label" in inputs else {})


def drawn(source: opened.Source, count: int, name: str) -> np.ndarray:
    """Returns some examples of an input, drawn at random and always the same ones.

    Args:
        source: What `load` returned.
        count: Number of examples, or all if there are fewer.
        name: Name of the input, one of `source.inputs`.
    """
    one = batches(source, inputs=(name,), batch_size=min(count, source.count), seed=0)
    return next(iter(one))[name].numpy()


def steps_per_epoch(source: opened.Source, batch_size: int) -> int:
    """Returns the number of batches in one pass over the larger domain, at least 1."""
    from train.data import shuffling  # which imports TensorFlow

    return shuffling.steps_per_epoch(source.count, batch_size)


def images(source: opened.Source, count: int | None = None) -> np.ndarray:
    """Returns the first examples in order, or all: uint8 [count, H, W, C], or points [count, D]."""
    count = source.reader.count if count is None else min(count, source.reader.count)
    pieces, seen = [], 0
    for piece in source.reader.pieces():
        pieces.append(piece[: count - seen])
        seen += len(pieces[-1])
        if seen == count:
            break
    return np.concatenate(pieces)


def in_range(x, value_range: tuple[float, float] | None):
    """Returns float pixels of 0 to 255 in `value_range`; points, which have None, as they are."""
    if value_range is None:
        return x
    low, high = value_range
    return x / 255.0 * (high - low) + low


def mean_image(source: opened.Source) -> np.ndarray:
    """Returns the mean of the images [H, W, C] as float32 in [0, 1], 255 being 1.

    Raises:
        ValueError: If the source has points.
    """
    if not source.has_images:
        raise ValueError(
            f"`mean_image` needs a source of images. Received: {source.name!r}, which has points"
        )
    total = sum(piece.sum(axis=0, dtype=np.float64) for piece in source.reader.pieces())
    return (total / source.reader.count / 255.0).astype(np.float32)


def _paired(name: str, first: opened.Source, second: opened.Source) -> opened.Source:
    if first.shape != second.shape:
        shapes = ", ".join(f"{each.name!r} with {list(each.shape)}" for each in (first, second))
        raise ValueError(
            "Two domains must have examples of one shape; data.size=HEIGHT,WIDTH resizes the "
            f"images of both, and cannot change their channels. Received: {shapes}"
        )
    larger = max(first, second, key=lambda domain: domain.count)
    return opened.Source(
        name,
        larger.count,
        first.shape,
        first.value_range,
        first.reader,
        domains=(first, second),
        held_out=larger.held_out,
    )


def _check_inputs(source: opened.Source, inputs: Sequence[str]) -> None:
    if not inputs or set(inputs) - set(source.inputs):
        raise ValueError(
            f"`inputs` of {source.name!r} must be some of {', '.join(source.inputs)}: "
            "only data with labels gives `label` (digits, TFDS with one feature of class labels, "
            "class folders, npz files with `labels`, idx files with label files), and only a name "
            f"of two domains, NAME,NAME, gives `a` and `b`. Received: inputs={tuple(inputs)}"
        )
