"""Golden inputs and outputs: what the game computed, which every runtime is compared with."""

import pathlib
from typing import NamedTuple

import numpy as np

FILE = "golden.npz"
ROWS = 64
BATCHES = (1, 3, ROWS)  # the heads of the golden rows that are computed as batches of their own
TOLERANCE = 1e-5
_LEVELS = 255  # of a pixel, above 0
_FEWEST = 1 << 12  # pixels that a fraction is of: one of few pixels is a large part of them


class Golden(NamedTuple):
    """Inputs and outputs [64, ...] of one endpoint, by name."""

    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]


def seeds() -> np.ndarray:
    """Returns the row seeds [64] of the golden inputs.

    The smallest and the largest come first, then the edges of the lower and the upper 32 bits.
    """
    edges = [0, 2**63 - 1, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**62]
    return np.concatenate(
        [edges, np.random.default_rng(0).integers(0, 2**63 - 1, ROWS - len(edges), endpoint=True)]
    ).astype(np.int64)


def difference(values: np.ndarray, expected: np.ndarray) -> float:
    """Returns the largest difference, relative to the largest value of a row where that is above 1.

    max(abs(values - expected) / max(1, largest abs(expected) of the row))

    Rounding errors have the size of the numbers that are added: in a row of features from 0 to 10,
    a feature near 0 has as large an error as one near 10.

    Of uint8 pixels, which a small difference before the rounding moves by a whole level, it is the
    difference that moves as many of evenly spread values, where no pixel is off by more than one:

        fraction of pixels that are off / (2 * 255)

    So 1e-5 stands for 0.5 % of the pixels. Where one is off by more, it is that over 255.

    Raises:
        ValueError: If the shapes differ or a value is not finite.
    """
    values, expected = np.asarray(values), np.asarray(expected)
    if values.shape != expected.shape:
        raise ValueError(
            f"Outputs must have the shape of the golden ones, {expected.shape}. "
            f"Received: {values.shape}"
        )
    if expected.dtype == np.uint8:
        return _pixels_off(values, expected)
    values, expected = values.astype(np.float64), expected.astype(np.float64)
    if not (np.isfinite(values).all() and np.isfinite(expected).all()):
        raise ValueError("Outputs and golden outputs must be finite. Received: NaN or infinity")
    size = np.max(np.abs(expected), axis=tuple(range(1, expected.ndim)), keepdims=True, initial=1.0)
    return float(np.max(np.abs(values - expected) / size, initial=0.0))


def _pixels_off(values: np.ndarray, expected: np.ndarray) -> float:
    off = np.abs(values.astype(np.float64) - expected)
    largest = float(np.max(off, initial=0.0))
    if not largest <= 1.0:  # NaN is not
        return largest / _LEVELS
    return float(np.sum(off)) / max(off.size, _FEWEST) / (2 * _LEVELS)


def key(endpoint: str, side: str, name: str) -> str:
    """Returns the name of an array in a file of golden values; side is "inputs" or "outputs"."""
    return f"{endpoint}/{side}/{name}"


def write(path: pathlib.Path, goldens: dict[str, Golden]) -> None:
    """Writes an npz file with the keys that `key` returns."""
    arrays = {}
    for endpoint, golden in goldens.items():
        for side, values in golden._asdict().items():
            arrays |= {key(endpoint, side, name): value for name, value in values.items()}
    np.savez_compressed(path, **arrays)


def read(path: pathlib.Path) -> dict[str, Golden]:
    """Returns what `write` wrote; `golden_files.check` bounds a file of strangers before that."""
    goldens: dict[str, Golden] = {}
    with np.load(path, allow_pickle=False) as file:
        for name in file.files:
            endpoint, side, tensor = name.split("/")
            getattr(goldens.setdefault(endpoint, Golden({}, {})), side)[tensor] = file[name]
    return goldens
