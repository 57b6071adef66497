"""Pictures of examples: a grid of images, a scatter plot or a histogram of points.

Points in the plane are scattered, points on the line are counted, and points of more dimensions
are rows of squares.
"""

import io
import math
import os

import numpy as np
from PIL import Image

from export.runtime import files

# Pixels of an image's shorter side in a grid; smaller images are enlarged by a whole factor.
_SMALLEST = 32
_PLOT = 512


def write(
    path: str | os.PathLike,
    x: np.ndarray,
    value_range: tuple[float, float] | None,
    *,
    columns: int | None = None,
    rows: int | None = None,
) -> None:
    """Writes a picture of examples to a PNG, as a whole.

    Args:
        path: FILE.png.
        x: Images [N, H, W, C] with C = 1 or 3, or points [N, D].
        value_range: What black and white are; None for points.
        columns: Number of images in a row, which the images fill row by row.
        rows: Number of rows, which the images fill column by column: image i lies in row i modulo
            `rows`. Without both, the grid is as near to a square as N allows.

    Raises:
        ValueError: If `x` is neither.
    """
    content = io.BytesIO()
    image = Image.fromarray(picture(x, value_range, columns=columns, rows=rows))
    image.save(content, format="PNG")
    files.write_bytes(path, content.getvalue())


def picture(
    x: np.ndarray,
    value_range: tuple[float, float] | None,
    *,
    columns: int | None = None,
    rows: int | None = None,
) -> np.ndarray:
    """Returns the uint8 picture [H', W'] or [H', W', 3] that `write` writes."""
    if x.ndim == 4 and x.shape[-1] in (1, 3):
        return grid(pixels(x, value_range), columns, rows)
    if x.ndim != 2:
        raise ValueError(
            f"Pictures are made of images [N, H, W, 1 or 3] or points [N, D]. Received: {x.shape}"
        )
    plots = {1: histogram, 2: scatter}
    return plots.get(x.shape[-1], stripes)(x)


def write_pairs(
    path: str | os.PathLike,
    x: np.ndarray,
    made: np.ndarray,
    value_range: tuple[float, float] | None,
) -> None:
    """Writes a PNG of examples, each with what was made of it on its right.

    A picture of points has only what was made of them.

    Args:
        path: FILE.png.
        x: Examples [N, ...].
        made: What was made of them [N, ...].
        value_range: What black and white are; None for points.
    """
    if value_range is None:
        return write(path, made, value_range)
    both = np.stack([x, made], axis=1).reshape(-1, *x.shape[1:])
    write(path, both, value_range, columns=2 * max(1, round((len(x) / 2) ** 0.5)))


def pixels(x: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """Returns uint8 pixels of values in the range; values outside are clipped."""
    low, high = value_range
    return np.clip(
        np.rint((np.asarray(x, np.float32) - low) / (high - low) * 255.0), 0, 255
    ).astype(np.uint8)


def grid(x: np.ndarray, columns: int | None = None, rows: int | None = None) -> np.ndarray:
    """Returns one picture [H', W'] or [H', W', 3] of images uint8 [N, H, W, C].

    `columns` and `rows` are those of `write`.
    """
    count, height, width, channels = x.shape
    factor = max(1, math.ceil(_SMALLEST / min(height, width)))
    x = x.repeat(factor, axis=1).repeat(factor, axis=2)
    by_column = rows is not None
    if by_column:
        columns = math.ceil(count / rows)
    else:
        columns = columns or math.ceil(math.sqrt(count))
        rows = math.ceil(count / columns)
    gap = 2
    sheet = np.full(
        (rows, height * factor + gap, columns, width * factor + gap, channels), 128, np.uint8
    )
    for i in range(count):
        row, column = (i % rows, i // rows) if by_column else (i // columns, i % columns)
        sheet[row, : height * factor, column, : width * factor] = x[i]
    sheet = sheet.reshape(rows * sheet.shape[1], columns * sheet.shape[3], channels)[:-gap, :-gap]
    return sheet[..., 0] if channels == 1 else sheet


def scatter(x: np.ndarray, limit: float = 2.2) -> np.ndarray:
    """Returns a picture [512, 512] of points [N, 2] on [-limit, limit]**2.

    It is darker where points are dense; a point is two pixels wide and high.
    """
    counts, _, _ = np.histogram2d(-x[:, 1], x[:, 0], bins=_PLOT // 2, range=[[-limit, limit]] * 2)
    dense = max(1.0, np.quantile(counts[counts > 0], 0.9) if counts.any() else 1.0)
    ink = 1.0 - np.exp(-2.0 * counts / dense)
    return (255 * (1.0 - ink)).astype(np.uint8).repeat(2, axis=0).repeat(2, axis=1)


def histogram(x: np.ndarray, limit: float = 8.0, bins: int = 64) -> np.ndarray:
    """Returns a picture [512, 512] of how many points [N, 1] lie in each part of [-limit, limit].

    The largest number has the full height.
    """
    counts, _ = np.histogram(x[:, 0], bins=bins, range=(-limit, limit))
    heights = np.rint(counts / max(1, counts.max()) * _PLOT).astype(int).repeat(_PLOT // bins)
    return np.where(np.arange(_PLOT)[::-1, None] < heights[None], 0, 255).astype(np.uint8)


def stripes(x: np.ndarray) -> np.ndarray:
    """Returns a picture with a row of squares for each point [N, D].

    The smallest number of all is black, the largest is white.
    """
    low, high = float(x.min()), float(x.max())
    return np.kron(
        pixels(x, (low, high if high > low else low + 1.0)),
        np.ones((_SMALLEST // 2, _SMALLEST // 2), np.uint8),
    )
