"""Data sources: names in, endless batches out, whose order is a function of (seed, position)."""

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from train.data import backgrounds, batching, loading, readers, shuffling, table

GIB = 2**30
DOMAINS = ("a", "b")


@dataclasses.dataclass(frozen=True, eq=False)
class Source:
    """A data set ready for training: one domain, or two.

    Of two domains, `images` and `mean_image` return the first one's.

    Attributes:
        name: As it was asked for.
        count: Number of examples, of the larger domain where there are two.
        shape: Of one example: [H, W, C] with C of 1 or 3, or [D] of points.
        value_range: What pixels of 0 and 255 become in batches; None for points, which have no
            pixels and stay as they are.
        reader: Where the examples lie, uint8 pixels or float32 points; the first domain's.
        classes: Number of classes of the data set, whatever the split; None without labels.
        class_names: Name of each class, where it is known.
        domains: The sources of the inputs `a` and `b`; empty where there is one domain.
    """

    name: str
    count: int
    shape: tuple[int, ...]
    value_range: tuple[float, float] | None
    reader: readers.Reader
    classes: int | None = None
    class_names: tuple[str, ...] | None = None
    domains: tuple["Source", ...] = ()

    @property
    def has_images(self) -> bool:
        """Whether the examples are images; otherwise they are points."""
        return self.value_range is not None

    @property
    def labels(self) -> np.ndarray | None:
        """Label of each example in the order of `images`, int64 [N]; None where there are none."""
        return None if self.classes is None else self.reader.labels

    @property
    def inputs(self) -> tuple[str, ...]:
        """What a batch may hold: `a` and `b` of two domains, or `x` and, with labels, `label`."""
        if self.domains:
            return DOMAINS
        return ("x",) if self.classes is None else ("x", "label")


def load(
    name: str,
    *,
    split: str = "train",
    size: Sequence[int] | None = None,
    crop: int | None = None,
    value_range: Sequence[float] | None = (-1.0, 1.0),
    skip_unreadable: bool = False,
    memory_limit: int = 4 * GIB,
    background: str = backgrounds.WHITE,
    bits: int | None = None,
) -> Source:
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
        memory_limit: Bytes of pixels held in memory; larger folders and TFDS sets are streamed.
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
        "crop": crop,
        "skip_unreadable": skip_unreadable,
        "memory_limit": memory_limit,
        "background": background,
        "bits": bits,
    }
    domains = []
    for domain in table.domains(name):
        reader, classes, names = loading.reader(domain, **options)
        pixels = loading.checked_range(value_range) if table.has_images(domain) else None
        domains.append(Source(domain, reader.count, reader.shape, pixels, reader, classes, names))
    return domains[0] if len(domains) == 1 else _paired(name, *domains)


def batches(
    source: Source,
    *,
    inputs: Sequence[str] = ("x",),
    batch_size: int,
    seed: int,
    start: int = 0,
) -> tf.data.Dataset:
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
    _check_inputs(source, inputs)

    def examples(domain: Source, wanted: Sequence[str], own_seed: int) -> tf.data.Dataset:
        finish = functools.partial(in_range, value_range=domain.value_range)
        options = {"batch_size": batch_size, "seed": own_seed, "start": start}
        return batching.examples(domain.reader, wanted, finish, **options)

    if not source.domains:
        return batching.ahead(examples(source, inputs, seed))
    # the first domain's seed is that of the single source; the second's lies beyond 32 bits
    domains = {
        name: examples(domain, ("x",), seed + (at << 32))
        for at, (name, domain) in enumerate(zip(DOMAINS, source.domains))
        if name in inputs
    }
    return batching.ahead(batching.together(domains))


def examples(
    source: Source, count: int | None = None, inputs: Sequence[str] = ("x",)
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
    domains = dict(zip(DOMAINS, source.domains)) or {"x": source}
    rows = {
        name: in_range(images(domain, count).astype(np.float32), domain.value_range)
        for name, domain in domains.items()
        if name in inputs
    }
    return rows | ({"label": source.labels[:count]} if "label" in inputs else {})


def steps_per_epoch(source: Source, batch_size: int) -> int:
    """Returns the number of batches in one pass over the larger domain, at least 1."""
    return shuffling.steps_per_epoch(source.count, batch_size)


def images(source: Source, count: int | None = None) -> np.ndarray:
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


def mean_image(source: Source) -> np.ndarray:
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


def _paired(name: str, first: Source, second: Source) -> Source:
    if first.shape != second.shape:
        shapes = ", ".join(f"{each.name!r} with {list(each.shape)}" for each in (first, second))
        raise ValueError(
            "Two domains must have examples of one shape; data.size=HEIGHT,WIDTH resizes the "
            f"images of both, and cannot change their channels. Received: {shapes}"
        )
    count = max(first.count, second.count)
    range_, reader = first.value_range, first.reader
    return Source(name, count, first.shape, range_, reader, domains=(first, second))


def _check_inputs(source: Source, inputs: Sequence[str]) -> None:
    if not inputs or set(inputs) - set(source.inputs):
        raise ValueError(
            f"`inputs` of {source.name!r} must be some of {', '.join(source.inputs)}: "
            "only data with labels gives `label` (digits, TFDS with one feature of class labels, "
            "class folders, npz files with `labels`, idx files with label files), and only a name "
            f"of two domains, NAME,NAME, gives `a` and `b`. Received: inputs={tuple(inputs)}"
        )
