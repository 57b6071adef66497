"""From what a source's row opens to examples that have one shape, or to a part of them."""

import collections
import dataclasses
import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from train.data import (
    backgrounds,
    contents,
    depths,
    folders,
    opened,
    parts,
    prepared,
    readers,
    remarks,
    splits,
    table,
)

if TYPE_CHECKING:
    from train.data import image_files  # which imports TensorFlow


def source(
    name: str,
    *,
    split: str,
    size: tuple[int, int] | None,
    crop: int | None,
    value_range: Sequence[float] | None,
    skip_unreadable: bool,
    memory_limit: int,
    held_out: float,
    unseen: bool,
    background: str,
    bits: int | None,
) -> opened.Source:
    """Opens one domain; the arguments are those of `sources.load`."""
    splits.check_held_out(held_out)
    named = table.find(name)
    if named.kind.points and (size is not None or crop is not None):
        raise ValueError(
            "`size` and `crop` are for images. "
            f"Received: size={size}, crop={crop} for {name!r}, which has points"
        )
    whole = named.kind.open(named.path, split)
    stored_size = _stored_size(size, named)
    part = parts.Part(0.0 if named.kind.has_test(named.path) else held_out, unseen)
    if isinstance(whole, contents.Array):
        classes = whole.classes
        count, names = (classes.count, classes.names) if classes else (None, None)
        total, array = len(whole.examples), part.of_array(whole)
        sizes = collections.Counter({whole.examples.shape[1:3]: total})
        remarks.say(name, remarks.squeezed(sizes, stored_size, crop))
        examples = _fitted_array(array.examples, stored_size, crop)
        stored = readers.Memory(examples, array.classes and array.classes.labels)
    elif isinstance(whole, contents.Files):
        names = whole.class_names
        count = names and len(names)
        behind = {"background": backgrounds.check(background), "bits": depths.check(bits)}
        stored, total = _files(
            name, whole, part, stored_size, crop, skip_unreadable, memory_limit, **behind
        )
    else:
        count, names = whole.classes, whole.class_names
        total, records = whole.count, part.of_records(whole)
        stored = _records(name, records, stored_size, crop, memory_limit)
    reader = functools.reduce(readers.Changed, reversed(named.changed), stored)
    return opened.Source(
        name,
        reader.count,
        reader.shape,
        None if named.kind.points else checked_range(value_range),
        reader,
        count,
        names,
        held_out=splits.held_out_count(total, part.fraction),
    )


def unseen(source: opened.Source, fraction: float) -> opened.Source | None:
    """Returns what a fraction holds out of a streamed folder, whose files are not looked at again.

    It is None for another source. Any part of the folder will do.
    """
    whole = getattr(source.reader, "whole", None)
    if whole is None or source.domains:
        return None
    reader = whole.part(parts.Part(fraction, True).rows(whole.count, whole.labels))
    return dataclasses.replace(source, reader=reader, count=reader.count)


def check_readable(source: opened.Source) -> None:
    """Raises `pictures.UnreadableImageError` if files of a streamed folder cannot be decoded."""
    for domain in source.domains or (source,):
        if getattr(domain.reader, "whole", None) is not None:
            domain.reader.check()


def expected(
    domains: Sequence[str], *, size: Sequence[int] | None, crop: int | None
) -> tuple[tuple[int, int, int], int | None]:
    """Returns the shape of the images that TFDS's program for a data set promises.

    Returns:
        That of the first domain that is of TFDS, and its number of classes, where it is alone. If
        none is, they are a folder's that is not there: colour pictures of the size that is asked
        for.
    """
    every = [table.find(domain) for domain in domains]
    named = next((each for each in every if each.kind is table.TFDS), every[0])
    of_tfds = named.kind is table.TFDS
    native, classes = prepared.described(named.path) if of_tfds else ((None, None, 3), None)
    shape = _fitted(named.path, native, _stored_size(checked_size(size, crop), named), crop)
    for change in named.changed:
        shape = change.shape(shape)
    return shape, classes if len(domains) == 1 else None


def checked_size(size: Sequence[int] | None, crop: int | None) -> tuple[int, int] | None:
    """Returns `size` as a tuple, after checking that it and `crop` are possible."""
    if size is not None and (len(size) != 2 or min(size) < 1):
        raise ValueError(f"`size` must be (height, width), each at least 1. Received: size={size}")
    if crop is not None and crop < 1:
        raise ValueError(f"`crop` must be at least 1. Received: crop={crop}")
    return None if size is None else (int(size[0]), int(size[1]))


def checked_range(value_range: Sequence[float] | None) -> tuple[float, float]:
    """Returns `value_range` as a tuple of floats, after checking that images can have it."""
    if value_range is None or len(value_range) != 2 or not value_range[0] < value_range[1]:
        raise ValueError(
            "`value_range` of images must be (low, high) with low < high. "
            f"Received: value_range={value_range}"
        )
    return float(value_range[0]), float(value_range[1])


def _stored_size(size: tuple[int, int] | None, named: table.Named) -> tuple[int, int] | None:
    """Returns the size before the changes that gives images of a size after them."""
    turned = sum(change.turns for change in named.changed) % 2
    return size[::-1] if size and turned else size


def _files(
    name: str,
    listed: contents.Files,
    part: parts.Part,
    size: tuple[int, int] | None,
    crop: int | None,
    skip_unreadable: bool,
    memory_limit: int,
    *,
    background: str,
    bits: int | None,
) -> "tuple[readers.Memory | image_files.Files, int]":
    """Returns the reader of a part of the files, and the number of all readable ones."""
    from train.data import image_files

    headers = folders.survey(listed.paths)
    folders.deal_with(headers.unreadable, skip_unreadable, len(listed.paths))
    shape = folders.common_shape(headers, size=size, crop=crop)  # of all, whatever is held out
    labels = listed.labels(headers.readable)
    bits, largest = folders.used_bits(listed.folder, headers, bits)
    remarks.say(name, remarks.left_out(listed.left_out))
    remarks.say(name, remarks.alpha(headers.alpha, len(headers.readable), background))
    remarks.say(name, remarks.depth(headers.deep, len(headers.readable), bits, largest))
    remarks.say(name, remarks.squeezed(headers.sizes, size, crop))
    reading = {"background": background, "bits": bits}
    files = image_files.Files.hold(headers, shape, crop, labels, **reading)
    if not skip_unreadable:  # otherwise the files of all parts are read, to know which are left out
        total, files = files.count, _part(files, part)
    fits = files.count * math.prod(shape) <= memory_limit
    if not fits and not skip_unreadable:
        return files, total  # decoding them all would take longer than anybody waits for a start
    images, sound, unreadable = np.empty((files.count if fits else 1, *shape), np.uint8), [], []
    # all of them now, rather than an error in the middle of training
    for key, image in enumerate(files.decode_each()):
        if isinstance(image, str):
            unreadable.append(image)
            continue
        images[len(sound) if fits else 0] = image
        sound.append(key)
    folders.deal_with(unreadable, skip_unreadable, files.count)
    if skip_unreadable:
        files = files.part(sound)
        total, images = files.count, images[: len(sound)]
        rows = part.rows(total, files.labels)
        files, images = _part(files, part), images[rows] if fits else images
    return readers.Memory(images, files.labels, files.bits) if fits else files, total


def _part(files: "image_files.Files", part: parts.Part) -> "image_files.Files":
    rows = part.rows(files.count, files.labels)
    return dataclasses.replace(files.part(rows), whole=files)


def _records(
    name: str,
    whole: contents.Records,
    size: tuple[int, int] | None,
    crop: int | None,
    memory_limit: int,
) -> readers.Memory | readers.Records:
    shape = _fitted(name, whole.shape, size, crop)
    records = readers.Records(whole.records, whole.count, shape, crop)
    if whole.count * math.prod(shape) > memory_limit:
        return records
    images, filled = np.empty((records.count, *records.shape), np.uint8), 0
    labels = None if whole.classes is None else np.empty(records.count, np.int64)
    for piece in records.examples():
        rows = slice(filled, filled + len(piece["image"]))
        images[rows] = piece["image"]
        if labels is not None:
            labels[rows] = piece["label"]
        filled = rows.stop
    return readers.Memory(images, labels)


def _fitted_array(images: np.ndarray, size: tuple[int, int] | None, crop: int | None) -> np.ndarray:
    """Returns images [N, H, W, C] or points, cut and resized where they have another size."""
    if crop is None and size in (None, images.shape[1:3]):
        return images
    from train.data import decoding  # which imports TensorFlow

    return decoding.fit_array(images, size=size, crop=crop)


def _fitted(
    name: str,
    native: tuple[int | None, int | None, int],
    size: tuple[int, int] | None,
    crop: int | None,
) -> tuple[int, int, int]:
    height, width = size or ((crop, crop) if crop else native[:2])
    if height is None or width is None:
        raise ValueError(
            "Images that differ in size need `size` (height, width). "
            f"Received: size=None for {name!r} of {native}"
        )
    return height, width, native[-1]
