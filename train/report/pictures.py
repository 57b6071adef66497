"""Pictures that lie in a page itself."""

import base64
import dataclasses
import io
import math
import pathlib

import numpy as np
from PIL import Image

LARGE = 600  # pixels that a grid fills, where a whole factor of its own size fits


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture of a page, or the reason why there is none.

    Attributes:
        caption: Text below the picture; the reason where `png` is None.
        png: Bytes of a PNG file, or None.
        width: Width on the page in pixels where there is room for it; the picture's own if None.
    """

    caption: str
    png: bytes | None = None
    width: int | None = None

    @property
    def source(self) -> str:
        """Address that holds the whole picture."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


def stored(
    path: pathlib.Path, caption: str, *, fill: int = 0, widest: int | None = None
) -> Picture:
    """Returns the picture that a PNG file holds; one without `png` if the file is damaged.

    Args:
        path: PNG file.
        caption: Text below the picture.
        fill: Length in pixels up to which the longer side is enlarged, by a whole factor where
            it is at least 2; 0 for a picture that keeps its size.
        widest: Largest width in pixels; a wider picture is scaled down.
    """
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            image.load()  # all of it: a file can be cut off
            if widest is not None and image.width > widest:
                image.thumbnail((widest, image.height))
                data = _encoded(image)
            width = _enlarged(image.width, max(image.size), fill) if fill else None
    except (OSError, SyntaxError, ValueError):  # Pillow's own for a file that is damaged
        return Picture(f"{path.name} cannot be read.")
    return Picture(caption, data, width)


def drawn(pixels: np.ndarray, caption: str, *, fill: int) -> Picture:
    """Returns a picture of pixels.

    Args:
        pixels: uint8 array [H, W] or [H, W, 3].
        caption: Text below the picture.
        fill: Width in pixels up to which the picture is enlarged, by a whole factor where that is
            at least 2.
    """
    width = pixels.shape[1]
    return Picture(caption, _encoded(Image.fromarray(pixels)), _enlarged(width, width, fill))


def _enlarged(width: int, side: int, fill: int) -> int:
    """Returns the width at which a side fills a length; no smaller than it is."""
    factor = fill / side
    # by a whole factor pixels stay squares of one size
    return round(width * (math.floor(factor) if factor >= 2 else max(1.0, factor)))


def _encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()
