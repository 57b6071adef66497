"""Pictures of examples: a grid of images, a scatter plot of points in the plane, a histogram of points on the line, or rows of numbers."""

import math
import os
import pathlib

import numpy as np
from PIL import Image

_SMALLEST = (
    32  # pixels of an image's shorter side in a grid; smaller images are enlarged by a whole factor
)
_PLOT = 512


def write(
    path: str | os.PathLike,
    x: np.ndarray,
    value_range: tuple[float, float] | None,
    *,
    columns: int | None = None,
) -> None:
    """Writes a PNG, whole or not at all.

    Args:
        path: Of the file.
        x: Images [N, H, W, C] with C = 1 or 3, or points [N, D].
        value_range: What black and white are; None for points.
        columns: Images in a row; as near to a square as their number allows unless given.

    Raises:
        ValueError: If `x` is neither.
    """
    found = picture(x, value_range, columns=columns)
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    Image.fromarray(found).save(partial, format="PNG")
    os.replace(partial, path)


def picture(
    x: np.ndarray, value_range: tuple[float, float] | None, *, columns: int | None = None
) -> np.ndarray:
    """Returns the uint8 picture [H', W'] or [H', W', 3] that `write` writes."""
    if x.ndim == 4 and x.shape[-1] in (1, 3):
        return grid(pixels(x, value_range), columns)
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
    """Writes a PNG of examples, each with what was made of it on its right; of points, what was made of them.

    Args:
        path: Of the file.
        x: Examples [N, ...].
        made: Of the same shape.
        value_range: As in `write`.
    """
    if x.ndim != 4:
        return write(path, made, value_range)
    pairs = np.stack([x, made], axis=1).reshape(-1, *x.shape[1:])
    write(path, pairs, value_range, columns=2 * max(1, round((len(x) / 2) ** 0.5)))


def pixels(x: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """Returns uint8 pixels of values in the range; values outside are clipped."""
    low, high = value_range
    return np.clip(
        np.rint((np.asarray(x, np.float32) - low) / (high - low) * 255.0), 0, 255
    ).astype(np.uint8)


def grid(x: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Returns one picture [H', W'] or [H', W', 3] of images [N, H, W, C], row by row; unless `columns` is given, as near to square as N allows."""
    count, height, width, channels = x.shape
    factor = max(1, math.ceil(_SMALLEST / min(height, width)))
    x = x.repeat(factor, axis=1).repeat(factor, axis=2)
    columns = columns or math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    gap = 2
    sheet = np.full(
        (rows, height * factor + gap, columns, width * factor + gap, channels), 128, np.uint8
    )
    for i in range(count):
        sheet[i // columns, : height * factor, i % columns, : width * factor] = x[i]
    sheet = sheet.reshape(rows * sheet.shape[1], columns * sheet.shape[3], channels)[:-gap, :-gap]
    return sheet[..., 0] if channels == 1 else sheet


def scatter(x: np.ndarray, limit: float = 2.2) -> np.ndarray:
    """Returns a picture [512, 512] of points on [-limit, limit]**2, darker where they are dense; a point is two pixels wide and high."""
    counts, _, _ = np.histogram2d(-x[:, 1], x[:, 0], bins=_PLOT // 2, range=[[-limit, limit]] * 2)
    ink = 1.0 - np.exp(
        -2.0 * counts / max(1.0, np.quantile(counts[counts > 0], 0.9) if counts.any() else 1.0)
    )
    return (255 * (1.0 - ink)).astype(np.uint8).repeat(2, axis=0).repeat(2, axis=1)


def histogram(x: np.ndarray, limit: float = 8.0, bins: int = 64) -> np.ndarray:
    """Returns a picture [512, 512] of how many points lie in each part of [-limit, limit], the largest being the full height."""
    counts, _ = np.histogram(x[:, 0], bins=bins, range=(-limit, limit))
    heights = np.rint(counts / max(1, counts.max()) * _PLOT).astype(int).repeat(_PLOT // bins)
    return np.where(np.arange(_PLOT)[::-1, None] < heights[None], 0, 255).astype(np.uint8)


def stripes(x: np.ndarray) -> np.ndarray:
    """Returns a picture with a row of squares for each point, black for the smallest number of all, white for the largest."""
    low, high = float(x.min()), float(x.max())
    return np.kron(
        pixels(x, (low, high if high > low else low + 1.0)),
        np.ones((_SMALLEST // 2, _SMALLEST // 2), np.uint8),
    )
