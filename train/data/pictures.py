"""Image files as Pillow sees them: what a program can say of them without TensorFlow."""

import contextlib
import pathlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import PIL
from PIL import Image, ImageOps

from train.data import backgrounds, depths

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")  # whatever the suffix says
GREY_MODES = ("1", "L", "LA", "La")
ALPHA_MODES = ("LA", "La", "PA", "RGBA", "RGBa")
# What TensorFlow decodes to the same pixels, and faster. An MPO is a JPEG with others behind it.
FAST = ("PNG", "JPEG", "MPO")
ORIENTATION = 0x0112  # EXIF; values of 5 and more exchange width and height
WIDTH, HEIGHT = 0x0100, 0x0101  # tags of TIFF
# Pillow's names of 16-bit colours that it can also be asked for the lower byte of
DEEP_COLOURS = re.compile(r"RGBA?;16[BLN]|LA;16B")
OTHER_BYTE = {"B": "L", "L": "B", "N": "B"}  # N, the machine's own order, is L on all we run on


class UnreadableImageError(ValueError):
    """An image file that cannot be decoded; the message names it."""


class Header(NamedTuple):
    """What an image file says of itself before it is decoded, upright.

    Attributes:
        height: In pixels.
        width: In pixels.
        channels: 1 for grey of any depth, with or without alpha; 3 for everything else.
        orientation: EXIF's, 1 (upright) to 8: how the stored pixels must be turned.
        plain: Whether TensorFlow decodes it to the same pixels: a PNG or JPEG image of 8 bits
            without transparency.
        deep: Whether its values have more than 8 bits.
        alpha: Whether it has an alpha channel or a transparent colour.
    """

    height: int
    width: int
    channels: int
    orientation: int
    plain: bool
    deep: bool
    alpha: bool


class Stored(NamedTuple):
    """The first picture of an image file, upright, as deep as the file has it.

    Attributes:
        samples: uint8 or uint16 [H, W, C]; C is 1 for grey and 3 for everything else.
        alpha: [H, W, 1] of the same type, 0 where nothing is to be seen; None where the file has
            none.
    """

    samples: np.ndarray
    alpha: np.ndarray | None

    @property
    def transparent(self) -> bool:
        """Whether a pixel is transparent, be it in part."""
        return self.alpha is not None and bool(self.alpha.min() < np.iinfo(self.alpha.dtype).max)

    @property
    def largest(self) -> int:
        """Largest value of what is to be seen."""
        seen = self.samples if self.alpha is None else self.samples[self.alpha[..., 0] > 0]
        return int(seen.max(initial=0))

    def pixels(
        self, *, background: str = backgrounds.WHITE, bits: int = 16, channels: int | None = None
    ) -> np.ndarray:
        """Returns uint8 pixels [H, W, C] on a background.

        Args:
            background: Name of its colour, as in `backgrounds.check`.
            bits: Number of bits that 16-bit values use.
            channels: C; 3 makes grey pictures RGB, None leaves them as they are.
        """
        pixels = depths.scaled(self.samples, bits)
        if channels is not None and channels > pixels.shape[-1]:
            pixels = np.repeat(pixels, channels, axis=-1)
        return backgrounds.over(pixels, self.alpha, background) if self.transparent else pixels


def header(path: pathlib.Path) -> Header:
    """Reads size and channels of an image file.

    Raises:
        UnreadableImageError: If the file is no image of one of `FORMATS`.
    """
    try:
        with _opened(path) as image:
            return _header(image)
    except Exception as error:  # decoders raise OSError, SyntaxError, struct.error, zlib.error …
        raise UnreadableImageError(_reason(path, error)) from error


def read(path: pathlib.Path) -> Stored:
    """Decodes the first picture of an image file.

    Raises:
        UnreadableImageError: If it cannot be decoded.
    """
    try:
        with _opened(path) as image:
            stored = _header(image)
            if not stored.deep:
                return _shallow(image, stored)
            if image.mode.startswith("I"):
                return _deep_grey(_upright(image, stored))
        return _deep_colours(path, stored)
    except Exception as error:
        raise UnreadableImageError(_reason(path, error)) from error


def decode(path: pathlib.Path, **options) -> np.ndarray:
    """Decodes an image file to upright uint8 pixels [H, W, C]; see `Stored.pixels`.

    Raises:
        UnreadableImageError: If it cannot be decoded.
    """
    return read(path).pixels(**options)


@contextlib.contextmanager
def _opened(path: pathlib.Path) -> Iterator[Image.Image]:
    # given a name, Pillow may map a TIFF file into memory, which mixes up the rows of a turned one
    with open(path, "rb") as file, Image.open(file, formats=FORMATS) as image:
        yield image


def _header(image: Image.Image) -> Header:
    tiff = image.format == "TIFF"
    orientation = (
        image.getexif().get(ORIENTATION, 1) if tiff or "exif" in image.info else 1
    )  # without one, getexif would decode a PNG
    orientation = orientation if orientation in range(1, 9) else 1
    # Pillow's versions differ in whether the size of a TIFF image is upright before it is decoded
    width, height = (image.tag_v2[WIDTH], image.tag_v2[HEIGHT]) if tiff else image.size
    if orientation >= 5:
        width, height = height, width
    if image.mode == "F":
        raise ValueError("its values must be whole numbers. Received: floating-point numbers")
    coding = _coding(image)
    alpha = image.mode in ALPHA_MODES or "transparency" in image.info
    deep = image.mode.startswith("I") or bool(DEEP_COLOURS.fullmatch(coding))
    grey = image.mode in GREY_MODES or image.mode.startswith("I") or coding.startswith("LA;")
    plain = image.format in FAST and not deep and not alpha
    return Header(height, width, 1 if grey else 3, orientation, plain, deep, alpha)


def _coding(image: Image.Image) -> str:
    """Returns how Pillow will read the samples, such as `RGB;16B`; nothing if it does not say."""
    arguments = image.tile[0][3] if image.tile else ""
    coding = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return coding if isinstance(coding, str) else ""


def _upright(image: Image.Image, stored: Header) -> Image.Image:
    # Pillow turns a TIFF image when it decodes it
    turned = stored.orientation == 1 or image.format == "TIFF"
    return image if turned else ImageOps.exif_transpose(image)


def _shallow(image: Image.Image, stored: Header) -> Stored:
    mode = "L" if stored.channels == 1 else "RGB"
    pixels = np.asarray(_upright(image, stored).convert(mode + "A" * stored.alpha))
    pixels = pixels.reshape(*pixels.shape[:2], stored.channels + stored.alpha)
    if stored.alpha:
        return Stored(pixels[..., :-1], pixels[..., -1:])
    return Stored(pixels, None)


def _deep_grey(image: Image.Image) -> Stored:
    samples = np.asarray(image)[..., None]
    if samples.min() < 0 or samples.max() > 65535:
        raise ValueError(
            "its values must have at most 16 bits. "
            f"Received: values from {samples.min()} to {samples.max()}"
        )
    samples = samples.astype(np.uint16)
    if "transparency" not in image.info:
        return Stored(samples, None)
    seen = samples != image.info["transparency"]
    return Stored(samples, seen * np.uint16(65535))


def _deep_colours(path: pathlib.Path, stored: Header) -> Stored:
    """Reads 16-bit colours, of which Pillow keeps one byte: it is asked for each of the two."""

    def bytes_of(change) -> np.ndarray:
        with _opened(path) as image:
            image.tile = [
                (*tile[:3], _changed(tile[3], change(_coding(image)))) for tile in image.tile
            ]
            return np.asarray(_upright(image, stored)).astype(np.uint16)

    with _opened(path) as image:
        hidden = image.info.get("transparency")
    if stored.channels == 1:  # grey with alpha: two values of two bytes, as if they were four
        four = bytes_of(lambda coding: "RGBA")
        samples = four[..., 0::2] << 8 | four[..., 1::2]
    else:
        upper = bytes_of(lambda coding: coding)
        lower = bytes_of(lambda coding: coding[:-1] + OTHER_BYTE[coding[-1]])
        samples = upper << 8 | lower
    if samples.shape[-1] > stored.channels:
        return Stored(samples[..., :-1], samples[..., -1:])
    if hidden is None:
        return Stored(samples, None)
    seen = (samples != np.array(hidden, np.uint16)).any(axis=-1, keepdims=True)
    return Stored(samples, seen * np.uint16(65535))


def _changed(arguments, coding: str):
    return (coding, *arguments[1:]) if isinstance(arguments, tuple) else coding


def _reason(path: pathlib.Path, error: Exception) -> str:
    if isinstance(error, PIL.UnidentifiedImageError):
        return f"{path}: not a picture of a format that is read, {', '.join(FORMATS)}"
    return f"{path}: {error}"
