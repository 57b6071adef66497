"""The names of data sets: what each opens, and which is meant where there is none."""

import difflib
import math
import re
from collections.abc import Sequence

import numpy as np

from train.data import arrays, decoding, folders, pictures, prepared, readers, splits, toys
from zoo import names

PLACES = {"idx": "idx:DIR", "folder": "folder:DIR", "npz": "npz:FILE"}
NAMES = ("digits", *toys.TOYS, *PLACES.values())


def find(
    name: str,
    *,
    split: str,
    size: Sequence[int] | None,
    crop: int | None,
    skip_unreadable: bool,
    memory_limit: int,
) -> readers.Reader:
    """Opens the reader of a data set; see `data.load`, whose arguments these are."""
    if size is not None and (len(size) != 2 or min(size) < 1):
        raise ValueError(f"`size` must be (height, width), each at least 1. Received: size={size}")
    if crop is not None and crop < 1:
        raise ValueError(f"`crop` must be at least 1. Received: crop={crop}")
    size = None if size is None else (int(size[0]), int(size[1]))
    kind, colon, place = name.partition(":")
    if kind in PLACES and not place:
        raise ValueError(f"{kind!r} must be followed by a path: {PLACES[kind]}. Received: {name!r}")
    if name in toys.TOYS:
        return _toy(name, split, size, crop)
    if kind == "folder":
        return _folder(place, split, size, crop, skip_unreadable, memory_limit)
    if kind in PLACES or name == "digits":
        images = (
            {"idx": arrays.idx, "npz": arrays.npz}[kind](place, split)
            if colon
            else arrays.digits(split)
        )
        return readers.Memory.hold(decoding.fit_array(images, size=size, crop=crop))
    return _prepared(name, split, size, crop, memory_limit)


class NotPreparedError(ValueError):
    """TFDS knows the data set, and it is not on this machine."""


def shape(name: str, *, size: Sequence[int] | None, crop: int | None) -> tuple[int, int, int]:
    """Returns the shape that the images of a TFDS data set would have, whether it is prepared or not."""
    return _fitted(name, prepared.described(name), size, crop)


def unprepared(name: str) -> str:
    """Returns the sentence for a name that is neither ours nor prepared by TFDS here."""
    here, folder = prepared.available(), " and ".join(map(str, prepared.data_dirs()))
    if re.split("[/:]", name)[0] in prepared.buildable():
        return (
            f"{name!r} must be prepared before it can be read, and nothing is downloaded here: run `tfds build {name}`, or set TFDS_DATA_DIR "
            f"to the folder that has it. Received: {folder}, which holds {', '.join(here) or 'no data set'}"
        )
    if ":" in name:
        near = difflib.get_close_matches(name.partition(":")[0], PLACES, n=1, cutoff=0.0)[0]
        return f"Unknown data set {name!r}. Available with a path: {', '.join(PLACES.values())}. Did you mean {PLACES[near]!r}?"
    others = difflib.get_close_matches(name, prepared.buildable(), n=3)
    return names.unknown("data set", name, [*NAMES, *here]) + (
        f" Or of TFDS, with `tfds build`: {', '.join(others)}?" if others else ""
    )


def _toy(name: str, split: str, size: tuple[int, int] | None, crop: int | None) -> readers.Memory:
    if size is not None or crop is not None:
        raise ValueError(
            f"`size` and `crop` are for images. Received: size={size}, crop={crop} for {name!r}, which has points"
        )
    part, start, stop = splits.parse(split, ["train", "test"])
    points = toys.points(name, seed=["train", "test"].index(part))
    return readers.Memory.hold(points[splits.rows(start, stop, len(points))])


def _folder(
    place: str,
    split: str,
    size: tuple[int, int] | None,
    crop: int | None,
    skip_unreadable: bool,
    memory_limit: int,
) -> readers.Memory | readers.Files:
    files = folders.image_files(place)
    files = files[splits.rows(*splits.parse(split, ["train"])[1:], len(files))]
    found = folders.survey(files)
    _deal_with(found.unreadable, skip_unreadable, len(files))
    shape = folders.common_shape(found, size=size, crop=crop)
    reader = readers.Files.hold(found.readable, found.orientations, shape, crop)
    fits = reader.count * math.prod(shape) <= memory_limit
    images, sound, unreadable = np.empty((reader.count if fits else 1, *shape), np.uint8), [], []
    for key, image in enumerate(
        reader.decode_each()
    ):  # all of them now, rather than an error in the middle of training
        if isinstance(image, str):
            unreadable.append(image)
            continue
        images[len(sound) if fits else 0] = image
        sound.append(key)
    _deal_with(unreadable, skip_unreadable, reader.count)
    return readers.Memory.hold(images[: len(sound)]) if fits else reader.part(sound)


def _deal_with(unreadable: list[str], skip: bool, count: int) -> None:
    shown = "; ".join(unreadable[:10]) + (
        f" and {len(unreadable) - 10} more" if len(unreadable) > 10 else ""
    )
    if unreadable and (not skip or len(unreadable) == count):
        raise pictures.UnreadableImageError(
            f"Images of a folder must be readable; `skip_unreadable` leaves out those that are not. Received: {len(unreadable)} of {count} unreadable: {shown}"
        )
    if unreadable:
        print(
            f"skipped {len(unreadable)} of {count} images that cannot be read: {shown}", flush=True
        )


def _prepared(
    name: str, split: str, size: tuple[int, int] | None, crop: int | None, memory_limit: int
) -> readers.Memory | readers.Records:
    try:
        found = prepared.read(name, split)
    except LookupError as error:
        known = re.split("[/:]", name)[0] in prepared.buildable()
        raise (NotPreparedError if known else ValueError)(unprepared(name)) from error
    fitted = _fitted(name, found.shape, size, crop)
    reader = readers.Records(found.records, found.count, fitted, crop)
    if found.count * math.prod(fitted) > memory_limit:
        return reader
    images, filled = np.empty((reader.count, *reader.shape), np.uint8), 0
    for piece in reader.pieces():
        images[filled : filled + len(piece)] = piece
        filled += len(piece)
    return readers.Memory.hold(images)


def _fitted(
    name: str,
    native: tuple[int | None, int | None, int],
    size: Sequence[int] | None,
    crop: int | None,
) -> tuple[int, int, int]:
    height, width = size or ((crop, crop) if crop else native[:2])
    if height is None or width is None:
        raise ValueError(
            f"Images that differ in size need `size` (height, width). Received: size=None for {name!r} of {native}"
        )
    return height, width, native[-1]
