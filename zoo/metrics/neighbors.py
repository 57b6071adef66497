"""Fidelity, diversity and memorization, by neighbours among features."""

from typing import NamedTuple

import numpy as np
from sklearn import neighbors

from zoo.metrics import distances


class Coverage(NamedTuple):
    """What balls around examples, out to their k-th neighbour of the same set, say of two sets.

    Attributes:
        precision: Fraction of generated examples within the ball of some real one.
        recall: Fraction of real examples within the ball of some generated one.
        density: Balls of real examples that a generated one lies in, over k, in the mean; 1 where
            the sets are alike.
        coverage: Fraction of real examples whose ball holds a generated one.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def coverage(x: np.ndarray, x_fake: np.ndarray, k: int = 5) -> Coverage:
    """Precision, recall, density and coverage of generated examples.

    Args:
        x: [N, F], features of real examples, N above k.
        x_fake: [M, F], features of generated ones, M above k.
        k: Number of the neighbour that the balls reach to, at least 1.

    Raises:
        ValueError: If the shapes do not fit.

    Reference: Kynkäänniemi et al., 2019, equations 1 and 2, arXiv:1904.06991; Naeem et al., 2020,
        equations 3 and 4, arXiv:2002.09797
    """
    if (
        x.ndim != 2
        or x_fake.ndim != 2
        or x.shape[1] != x_fake.shape[1]
        or min(len(x), len(x_fake)) <= k
        or k < 1
    ):
        raise ValueError(
            f"Features must be [N, F] and [M, F] with N and M above k = {k}. "
            f"Received: {x.shape} and {x_fake.shape}"
        )
    # the first neighbour of a point is the point itself
    reach, reach_fake = (_distances(points, points, k + 1)[:, -1] for points in (x, x_fake))
    hits, recalled, covered = [], np.zeros(len(x), bool), np.zeros(len(x), bool)
    for between in distances.squared(x_fake, x):  # [rows, N]
        rows = slice(len(hits), len(hits) + len(between))
        inside = between <= reach**2
        hits.extend(inside.sum(axis=1))
        covered |= inside.any(axis=0)
        recalled |= (between <= reach_fake[rows, None] ** 2).any(axis=0)
    hits = np.array(hits)
    return Coverage(
        float(np.mean(hits > 0)),
        float(recalled.mean()),
        float(np.mean(hits) / k),
        float(covered.mean()),
    )


def nearest_distance(x: np.ndarray, references: np.ndarray, *, others: bool = False) -> np.ndarray:
    """Returns the Euclidean distance from each example to the nearest reference.

    It is exactly 0 for a copy.

    Args:
        x: Examples, [N, F].
        references: References, [M, F], with M above 1 if `others`.
        others: Whether each example is one of the references itself, which does not count.

    Returns:
        Distances in float64, [N].
    """
    nearest = _nearest(x, references, 2 if others else 1)[1][:, -1]
    # from differences: what sklearn expands into squares is not quite 0 for a copy
    return np.array(
        [np.linalg.norm(row.astype(np.float64) - references[at]) for row, at in zip(x, nearest)]
    )


def _distances(x: np.ndarray, references: np.ndarray, count: int) -> np.ndarray:
    return _nearest(x, references, count)[0]


def _nearest(x: np.ndarray, references: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns distances and row numbers [N, count] of the nearest references, in their order."""
    model = neighbors.NearestNeighbors(n_neighbors=count, algorithm="brute").fit(references)
    return model.kneighbors(x)
