"""The sliced Wasserstein distance between two sets of points."""

import numpy as np


def distance(x: np.ndarray, y: np.ndarray, *, directions: int = 512, seed: int = 0) -> float:
    """The sliced 2-Wasserstein distance.

    It is the root of the mean, over random directions, of the squared 2-Wasserstein distance
    between the projections.

    Between equal Gaussians at a distance d it is d / sqrt(F) in the mean.

    Args:
        x: [N, F], N at least 1.
        y: [N, F], as many.
        directions: Number of unit vectors.
        seed: Seed of the vectors.

    Raises:
        ValueError: If the shapes differ or there are no points.

    Reference: Bonneel et al., 2015, definition 4
    """
    if x.ndim != 2 or x.shape != y.shape or not x.size:
        raise ValueError(
            "Both sets must be [N, F] of the same size and not empty. "
            f"Received: {x.shape} and {y.shape}"
        )
    units = np.random.default_rng(seed).standard_normal((x.shape[1], directions))
    units /= np.linalg.norm(units, axis=0)
    sorted_x, sorted_y = (np.sort(points.astype(np.float64) @ units, axis=0) for points in (x, y))
    return float(np.sqrt(np.mean((sorted_x - sorted_y) ** 2)))
