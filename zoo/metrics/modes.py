"""Coverage of a mixture of Gaussians in the plane by samples."""

from typing import NamedTuple

import numpy as np

WITHIN = 4.0


class Coverage(NamedTuple):
    """Counts of points near the modes.

    Attributes:
        covered: Number of modes with at least a tenth of the points that each of K equal modes
            would have near it: counts >= N / (10 K).
        fraction: Fraction of the points that are near a mode.
        counts: [K], points near each mode.
    """

    covered: int
    fraction: float
    counts: np.ndarray


def coverage(
    points: np.ndarray, centres: np.ndarray, std: float, *, within: float = WITHIN
) -> Coverage:
    """Counts the points near each mode.

    near(p) = |p - centre| <= within * std

    A point is near its nearest mode if it is no further from it than `within * std`. A stray point
    or two do not make a mode covered, unless N < 10 K. Of the mixture itself a fraction of
    1 - exp(-within**2 / 2) is near in the plane: 0.99966 for 4.

    Args:
        points: [N, 2], N at least 1.
        centres: [K, 2], the means of equally likely Gaussians, more than 2 * within * std apart.
        std: Standard deviation of each coordinate of each Gaussian, above 0.
        within: Largest distance from a mode, in standard deviations, above 0.

    Raises:
        ValueError: If the shapes do not fit, `std` or `within` is not above 0, or a point is not
            finite.

    Example:
        >>> points = np.array([[0.0, 0.1], [3.0, 0.0]])
        >>> result = coverage(points, np.array([[0.0, 0.0], [9.0, 0.0]]), 0.1)
        >>> result.covered, result.fraction, result.counts
        (1, 0.5, array([1, 0]))
    """
    if (
        points.ndim != 2
        or centres.ndim != 2
        or points.shape[1:] != (2,)
        or centres.shape[1:] != (2,)
        or not points.size
        or not centres.size
    ):
        raise ValueError(
            "`points` must be [N, 2] and `centres` [K, 2], not empty. "
            f"Received: shapes {points.shape} and {centres.shape}"
        )
    if not std > 0.0 or not within > 0.0:
        raise ValueError(
            f"`std` and `within` must be above 0. Received: std={std}, within={within}"
        )
    if not np.isfinite(points).all():
        raise ValueError(
            "`points` must be finite. Received: "
            f"{np.sum(~np.isfinite(points).all(axis=1))} of {len(points)} that are not"
        )
    distances = np.linalg.norm(points.astype(np.float64)[:, None] - centres[None], axis=-1)
    nearest = distances.argmin(axis=1)
    near = distances.min(axis=1) <= within * std
    counts = np.bincount(nearest[near], minlength=len(centres))
    return Coverage(
        covered=int(np.sum(10 * len(centres) * counts >= len(points))),
        fraction=float(near.mean()),
        counts=counts,
    )
