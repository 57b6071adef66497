"""Samples of a trained model: row i of a seed is the same whatever else is drawn."""

import numpy as np

from export.runtime import arrays, grids
from zoo import trained


def write(
    model: trained.Trained, path: str, *, count: int, seed: int, label: int | None = None
) -> None:
    """Writes samples as a picture or as arrays.

    In a picture of a conditional model each row holds one class and each column one draw of every
    class, unless a label is given.

    Args:
        model: A trained game, or a bundle.
        path: FILE.png; or FILE.npz, which holds `images` uint8 [N, H, W, C] or `points` float32
            [N, D], `seeds` int64 [N], and of a conditional model `labels` int64 [N].
        count: Number of samples.
        seed: Seed of the samples, in [0, 2**31).
        label: Class of all samples of a conditional model. If None, row i has the class i modulo
            the number of classes.

    Raises:
        ValueError: If the path ends otherwise, or the model does not sample or takes no label.
    """
    kind = arrays.check_kind(path, ".png", ".npz")
    model.check_offers("sample")
    value_range, classes = model.output_range("sample"), model.classes()
    x = model.sample(count, seed=seed, label=label)
    if kind == ".png":
        grids.write(path, x, value_range, rows=classes if label is None else None)
        return
    content = {"points": x} if value_range is None else {"images": grids.pixels(x, value_range)}
    if classes is not None:
        asked = labels(classes, count) if label is None else np.full(count, label, np.int64)
        content["labels"] = asked
    arrays.write(path, **content, seeds=trained.row_seeds(seed, count))


def labels(classes: int, count: int) -> np.ndarray:
    """Returns the labels [count] int64 of samples for which no label was asked: each in turn.

    Args:
        classes: Number of classes.
        count: Number of samples.
    """
    return np.arange(count, dtype=np.int64) % classes
