"""Image files as Pillow sees them: what a program can say of them without TensorFlow."""

import pathlib
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG")  # whatever the suffix says
GREY_MODES = ("1", "L", "LA", "La")
ORIENTATION = 0x0112  # EXIF; values of 5 and more exchange width and height


class UnreadableImageError(ValueError):
    """An image file that cannot be decoded; the message names it."""


class Header(NamedTuple):
    """What an image file says of itself before it is decoded, upright.

    Attributes:
        height: In pixels.
        width: In pixels.
        channels: 1 for grey of any depth, with or without alpha; 3 for everything else.
        orientation: EXIF's, 1 (upright) to 8: how the stored pixels must be turned.
    """

    height: int
    width: int
    channels: int
    orientation: int


def header(path: pathlib.Path) -> Header:
    """Reads size and channels of an image file.

    Raises:
        UnreadableImageError: If the file is no PNG or JPEG image.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            return _header(image)
    except Exception as error:  # decoders raise OSError, SyntaxError, struct.error, zlib.error …
        raise UnreadableImageError(f"{path}: {error}") from error


def decode(path: pathlib.Path) -> np.ndarray:
    """Decodes an image file to upright uint8 pixels [H, W, C].

    C is 1 for grey and 3 for everything else; alpha is dropped.

    Raises:
        UnreadableImageError: If it cannot be decoded.
    """
    try:
        with Image.open(path, formats=FORMATS) as opened:
            stored = _header(opened)
            image = ImageOps.exif_transpose(opened) if stored.orientation > 1 else opened
            if image.mode.startswith("I"):  # 16-bit grey; Pillow's own conversion clips
                image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            pixels = np.asarray(image.convert("L" if stored.channels == 1 else "RGB"))
            return pixels.reshape(*pixels.shape[:2], stored.channels)
    except Exception as error:
        raise UnreadableImageError(f"{path}: {error}") from error


def _header(image: Image.Image) -> Header:
    orientation = (
        image.getexif().get(ORIENTATION, 1) if "exif" in image.info else 1
    )  # without one, getexif would decode a PNG
    orientation = orientation if orientation in range(1, 9) else 1
    width, height = image.size if orientation < 5 else image.size[::-1]
    return Header(
        height,
        width,
        1 if image.mode in GREY_MODES or image.mode.startswith("I") else 3,
        orientation,
    )
