"""What `zoo doctor` keeps of each example of a source."""

import hashlib
import itertools
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from train.data import changes, contents, depths, folders, pictures, table

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
        transparent: Whether a pixel of its file is transparent, be it in part.
    """

    name: str
    height: int
    width: int
    channels: int
    low: int
    high: int
    flat: bool
    digest: bytes
    transparent: bool = False


def each(
    named: table.Named,
    opened: contents.Contents,
    split: str,
    *,
    background: str,
    bits: int | None,
) -> Iterator[Facts | str]:
    """Yields the facts of every example in order, or, of one that cannot be read, its file and why.

    Args:
        named: What the name of the source leads to.
        opened: What its row opened.
        split: Part of it.
        background: Name of the colour behind what is transparent in a file.
        bits: Number of bits that the values of 16-bit files use; None where there are none.
    """
    if isinstance(opened, contents.Files):
        options = {"background": background, "bits": bits or depths.MOST}
        yield from folders.each(
            lambda path: _file(path, opened.folder, named.changed, options),
            opened.paths,
            doing="Examining",
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
    path: pathlib.Path, folder: pathlib.Path, changed: tuple[changes.Change, ...], options: dict
) -> Facts | str:
    try:
        stored = pictures.read(path)
    except pictures.UnreadableImageError as error:
        return str(error)
    fact = _of(str(path.relative_to(folder)), _changed(stored.pixels(**options), changed))
    return fact._replace(transparent=stored.transparent)


def _changed(image: np.ndarray, changed: tuple[changes.Change, ...]) -> np.ndarray:
    for change in reversed(changed):
        image = change.images(image)
    return image


def _of(name: str, image: np.ndarray) -> Facts:
    digest = hashlib.blake2b(image.tobytes() + str(image.shape).encode(), digest_size=16).digest()
    return Facts(
        name, *image.shape, int(image.min()), int(image.max()), bool(image.std() < FLAT), digest
    )
