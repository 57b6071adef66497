"""What `zoo doctor` keeps of each example of a source."""

import hashlib
import itertools
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from train.data import changes, contents, folders, pictures, table

FLAT = 2.0  # grey levels of standard deviation below which an image shows nothing


class Facts(NamedTuple):
    """What is kept of one example.

    Attributes:
        name: Its file below the folder, or # and its position.
        height: In pixels.
        width: In pixels.
        channels: 1 or 3.
        low: Least value of a pixel.
        high: Greatest value of a pixel.
        flat: Whether it shows nothing.
        digest: Hash of its pixels and shape.
    """

    name: str
    height: int
    width: int
    channels: int
    low: int
    high: int
    flat: bool
    digest: bytes


def each(named: table.Named, opened: contents.Contents, split: str) -> Iterator[Facts | str]:
    """Yields the facts of every example in order, or, of one that cannot be read, its file and why.

    Args:
        named: What the name of the source leads to.
        opened: What its row opened.
        split: Part of it.
    """
    if isinstance(opened, contents.Files):
        yield from folders.each(
            lambda path: _file(path, opened.folder, named.changed), opened.paths, doing="examining"
        )
        return
    if isinstance(opened, contents.Array):
        pieces = [opened.examples]
    else:
        from train.data import sources  # needs TensorFlow, as TFDS does

        pieces = sources.load(named.path, split=split, memory_limit=0).reader.pieces()
    for row, image in enumerate(itertools.chain.from_iterable(pieces)):
        yield _of(f"#{row}", _changed(image, named.changed))


def _file(
    path: pathlib.Path, folder: pathlib.Path, changed: tuple[changes.Change, ...]
) -> Facts | str:
    try:
        return _of(str(path.relative_to(folder)), _changed(pictures.decode(path), changed))
    except pictures.UnreadableImageError as error:
        return str(error)


def _changed(image: np.ndarray, changed: tuple[changes.Change, ...]) -> np.ndarray:
    for change in reversed(changed):
        image = change.images(image)
    return image


def _of(name: str, image: np.ndarray) -> Facts:
    digest = hashlib.blake2b(image.tobytes() + str(image.shape).encode(), digest_size=16).digest()
    return Facts(
        name, *image.shape, int(image.min()), int(image.max()), bool(image.std() < FLAT), digest
    )
