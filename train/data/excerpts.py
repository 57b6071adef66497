"""The first examples of a source, read by numpy and Pillow: for bundles, without TensorFlow.

Pixels are those that training would see. Only where images are resized, a value that lies half-way
between two grey levels may be rounded to the other one.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from train.data import (
    backgrounds,
    contents,
    depths,
    folders,
    pictures,
    remarks,
    sources,
    table,
)


class Preprocessing(NamedTuple):
    """What a model takes.

    Attributes:
        shape: Shape of an example: [H, W, C] with C of 1 or 3, or [D] of points.
        value_range: What pixels of 0 and 255 become; None for points.
        crop: Side of the square that is cut out of the middle of images first.
        background: Colour behind transparent pixels, as in `backgrounds.check`.
        bits: Number of bits that 16-bit pictures use; None for as many as the folder needs.
    """

    shape: tuple[int, ...]
    value_range: tuple[float, float] | None
    crop: int | None = None
    background: str = backgrounds.WHITE
    bits: int | None = None


class Examples(NamedTuple):
    """Examples of a source.

    Attributes:
        x: Examples float32 [N, ...] in the range of the model.
        labels: Labels int64 [N], or None if the source has none.
    """

    x: np.ndarray
    labels: np.ndarray | None


def of_manifest(manifest: Mapping, endpoint: str) -> Preprocessing:
    """Returns what an endpoint of a bundle takes.

    Args:
        manifest: The bundle's manifest.
        endpoint: An endpoint that takes examples.
    """
    inputs = manifest["endpoints"][endpoint]["inputs"]
    shape = next(about for name, about in inputs.items() if name not in ("label", "noise"))["shape"]
    pixels, data = manifest["preprocessing"], manifest["data"]
    return Preprocessing(
        tuple(shape[1:]),
        tuple(pixels["range"]) if pixels and len(shape) == 4 else None,
        data.get("crop"),
        data.get("background", backgrounds.WHITE),
        data.get("bits"),
    )


def read(name: str, count: int | None, how: Preprocessing) -> Examples:
    """Returns the first examples of a source.

    Args:
        name: Name of a source, as in `sources.load`. One of TFDS needs TensorFlow.
        count: Number of examples; all that the source has if None, or if it has fewer.
        how: What the model takes.

    Raises:
        ValueError: If the source's examples do not fit.
    """
    domains = table.domains(name)
    if len(domains) > 1:
        raise ValueError(f"`input` must be a data set of one domain. Received: {name!r}")
    named = table.find(name)
    if named.kind.points != (how.value_range is None):
        words = ("images", "points") if named.kind.points else ("points", "images")
        raise ValueError(f"`input` must have {words[0]}. Received: {name!r}, which has {words[1]}")
    opened = named.kind.open(named.path, "train")
    size = None if named.kind.points else how.shape[:2]
    if sum(change.turns for change in named.changed) % 2:
        size = size[::-1]
    if isinstance(opened, contents.Records):
        x, labels = _records(named.path, count, size, how)
    elif isinstance(opened, contents.Files):
        x, labels = _files(name, opened, count, size, how)
    else:
        part = opened.part(slice(count))
        x, labels = part.examples, part.classes and part.classes.labels
        if size is not None:
            x = np.stack([fit(image, size=size, crop=how.crop) for image in x])
    for change in reversed(named.changed):
        x = change.images(x)
    if x.shape[1:] != how.shape:
        raise ValueError(
            f"`input` must have examples of the shape {list(how.shape)}. "
            f"Received: {name!r} with {list(x.shape[1:])}"
        )
    return Examples(sources.in_range(x.astype(np.float32), how.value_range), labels)


def fit(image: np.ndarray, *, size: tuple[int, int], crop: int | None) -> np.ndarray:
    """Cuts the middle square out of an image, then resizes it without aliasing.

    Args:
        image: uint8 [H, W, C].
        size: Height and width to resize to.
        crop: Side of the square that is cut out first; None keeps everything.

    Returns:
        uint8 [*size, C].

    Raises:
        ValueError: If the image is smaller than `crop`.
    """
    if crop is not None:
        height, width = image.shape[:2]
        if crop > min(height, width):
            raise ValueError(
                f"`crop` must not exceed the images' sides. Received: crop={crop}, "
                f"an image of {height}x{width}"
            )
        top, left = (height - crop) // 2, (width - crop) // 2
        image = image[top : top + crop, left : left + crop]
    if image.shape[:2] == tuple(size):
        return image
    # each channel by itself, in float, since Pillow rounds the pixels of others in between
    resized = [
        Image.fromarray(channel).resize(size[::-1], Image.Resampling.BILINEAR)
        for channel in np.moveaxis(image.astype(np.float32), -1, 0)
    ]
    return np.clip(np.rint(np.stack(resized, axis=-1)), 0, 255).astype(np.uint8)


def _files(
    name: str,
    listed: contents.Files,
    count: int | None,
    size: tuple[int, int],
    how: Preprocessing,
) -> tuple[np.ndarray, np.ndarray | None]:
    headers = folders.survey(listed.paths[:count])
    if headers.unreadable:
        raise pictures.UnreadableImageError(
            f"Pictures must be readable. Received: {'; '.join(headers.unreadable[:10])}"
        )
    total = len(headers.readable)
    bits, largest = folders.used_bits(listed.folder, headers, depths.check(how.bits))
    remarks.say(name, remarks.left_out(listed.left_out))
    remarks.say(name, remarks.alpha(headers.alpha, total, how.background))
    remarks.say(name, remarks.depth(headers.deep, total, bits, largest))
    remarks.say(name, remarks.squeezed(headers.sizes, size, how.crop))
    decode = functools.partial(
        pictures.decode,
        background=backgrounds.check(how.background),
        bits=bits or depths.MOST,
        channels=max(how.shape[-1], *headers.channels),
    )
    images = folders.each(
        lambda path: fit(decode(path), size=size, crop=how.crop),
        headers.readable,
        doing="Reading images",
    )
    return np.stack(list(images)), listed.labels(headers.readable)


def _records(
    name: str, count: int | None, size: Sequence[int], how: Preprocessing
) -> tuple[np.ndarray, np.ndarray | None]:
    source = sources.load(name, size=size, crop=how.crop, memory_limit=0)
    return sources.images(source, count), None if source.labels is None else source.labels[:count]
