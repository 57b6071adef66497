"""How much of a mixture of Gaussians in the plane a model has found."""

from typing import NamedTuple

import numpy as np

WITHIN = 4.0


class Coverage(NamedTuple):
    """Counts of points near the modes.

    Attributes:
        covered: Modes that have at least a tenth of their fair share of the points near them: counts >= N / (10 K).
        share: Share of the points that are near a mode.
        counts: [K], points near each mode.
    """

    covered: int
    share: float
    counts: np.ndarray


def coverage(
    points: np.ndarray, centres: np.ndarray, std: float, *, within: float = WITHIN
) -> Coverage:
    """Counts the points near each mode, a point being near its nearest mode if it is no further off than `within * std`.

    near(p) = |p - centre| <= within * std

    A mode hit by a stray point or two is not covered, hence the tenth of the fair share; any point counts where N < 10 K. Of
    the mixture itself a share of 1 - exp(-within**2 / 2) is near in the plane: 0.99966 for 4.

    Args:
        points: [N, 2], N at least 1.
        centres: [K, 2], the means of equally likely Gaussians, further apart than `2 * within * std`.
        std: Of each coordinate of each Gaussian, above 0.
        within: Standard deviations.

    Raises:
        ValueError: If the shapes do not fit, `std` or `within` is not above 0, or a point is not finite.

    Example:
        >>> found = coverage(np.array([[0.0, 0.1], [3.0, 0.0]]), np.array([[0.0, 0.0], [9.0, 0.0]]), 0.1)
        >>> found.covered, found.share, found.counts
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
            f"`points` must be [N, 2] and `centres` [K, 2], not empty. Received: shapes {points.shape} and {centres.shape}"
        )
    if not std > 0.0 or not within > 0.0:
        raise ValueError(
            f"`std` and `within` must be above 0. Received: std={std}, within={within}"
        )
    if not np.isfinite(points).all():
        raise ValueError(
            f"`points` must be finite. Received: {np.sum(~np.isfinite(points).all(axis=1))} of {len(points)} that are not"
        )
    distances = np.linalg.norm(points.astype(np.float64)[:, None] - centres[None], axis=-1)
    nearest = distances.argmin(axis=1)
    near = distances.min(axis=1) <= within * std
    counts = np.bincount(nearest[near], minlength=len(centres))
    return Coverage(
        covered=int(np.sum(10 * len(centres) * counts >= len(points))),
        share=float(near.mean()),
        counts=counts,
    )
