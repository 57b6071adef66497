"""The classes of generated examples, as a classifier labels them."""

from typing import NamedTuple

import numpy as np
from scipy import special


class Distribution(NamedTuple):
    """How often each class was predicted.

    Attributes:
        counts: [K].
        missing: Classes with less than a tenth of the count N / K of equally frequent classes.
        kl: KL from the frequencies to those of the reference, in nats.
    """

    counts: np.ndarray
    missing: int
    kl: float


def distribution(labels: np.ndarray, reference: np.ndarray) -> Distribution:
    """Counts classes and compares their frequencies with those of a reference.

    Args:
        labels: [N] integers in [0, K).
        reference: [K], counts of the reference, each above 0.

    Raises:
        ValueError: If a label or a count is out of range.
    """
    labels, reference = np.asarray(labels), np.asarray(reference, np.float64)
    if (
        labels.ndim != 1
        or not len(labels)
        or labels.min() < 0
        or labels.max() >= len(reference)
        or not (reference > 0.0).all()
    ):
        raise ValueError(
            f"`labels` must be [N] in [0, {len(reference)}) and every count of `reference` "
            f"above 0. Received: {labels.shape}, {reference}"
        )
    counts = np.bincount(labels, minlength=len(reference))
    frequencies, expected = counts / len(labels), reference / reference.sum()
    missing = int(np.sum(counts < len(labels) / (10 * len(reference))))
    return Distribution(counts, missing, float(np.sum(special.rel_entr(frequencies, expected))))
