"""The Parzen window estimate of a likelihood: a Gaussian kernel density on samples, at data.

The estimate says little where examples have many dimensions. It is kept to compare with the papers
that report it, and is to be read next to the value that data themselves reach as samples.
"""

import math
from collections.abc import Sequence

import numpy as np

from zoo.metrics import distances

BANDWIDTHS = tuple(np.logspace(-1.0, 0.0, 10).tolist())  # the released parzen_ll.py


def log_likelihood(x: np.ndarray, samples: np.ndarray, bandwidth: float) -> np.ndarray:
    """Log density of an equal mixture of isotropic Gaussians, one at each sample.

    v = bandwidth**2
    log p(x) = logsumexp_j(-|x - s_j|**2 / (2 * v)) - log(M) - D / 2 * log(2 * pi * v)

    Args:
        x: [N, D], where the density is wanted; N, D at least 1.
        samples: [M, D], the kernels' centres; M at least 1.
        bandwidth: The kernels' standard deviation, above 0.

    Returns:
        Nats [N] in float64.

    Raises:
        ValueError: If the shapes do not fit or the bandwidth is not above 0.

    Example:
        >>> log_likelihood(np.zeros([1, 1]), np.zeros([3, 1]), 1.0).round(4)  # -log(2 * pi) / 2
        array([-0.9189])

    Reference: Goodfellow et al., 2014, section 5 and table 1. arXiv:1406.2661
    """
    _check(x, samples, [bandwidth])
    return np.concatenate(
        [_log_density(squared, bandwidth, x.shape[1]) for squared in distances.squared(x, samples)]
    )


def best_bandwidth(
    x: np.ndarray, samples: np.ndarray, bandwidths: Sequence[float] = BANDWIDTHS
) -> tuple[float, np.ndarray]:
    """Chooses the bandwidth under which held-out examples are most likely.

    Args:
        x: [N, D], examples neither measured later nor among the samples, which would pull the
            bandwidth to 0.
        samples: [M, D], as for `log_likelihood`.
        bandwidths: Bandwidths to choose from, each above 0.

    Returns:
        The bandwidth and, for each of `bandwidths`, the mean log likelihood of `x`. The first of
        equal ones is chosen.

    Raises:
        ValueError: If the shapes do not fit or a bandwidth is not above 0.
    """
    _check(x, samples, bandwidths)
    totals = np.zeros(len(bandwidths))
    for squared in distances.squared(x, samples):
        totals += [_log_density(squared, bandwidth, x.shape[1]).sum() for bandwidth in bandwidths]
    return float(bandwidths[int(totals.argmax())]), totals / len(x)


def _log_density(squared: np.ndarray, bandwidth: float, dimensions: int) -> np.ndarray:
    """Returns the log density [N] from squared distances [N, M]."""
    nearest = squared.min(axis=1, keepdims=True)
    # 0 for the nearest kernel, so that the sum is at least 1
    ratios = (nearest - squared) / (2.0 * bandwidth**2)
    sums = np.exp(ratios, out=ratios).sum(axis=1)
    constant = math.log(squared.shape[1]) + 0.5 * dimensions * math.log(
        2.0 * math.pi * bandwidth**2
    )
    return np.log(sums) - nearest[:, 0] / (2.0 * bandwidth**2) - constant


def _check(x: np.ndarray, samples: np.ndarray, bandwidths: Sequence[float]) -> None:
    if (
        x.ndim != 2
        or samples.ndim != 2
        or x.shape[1] != samples.shape[1]
        or not x.size
        or not samples.size
    ):
        raise ValueError(
            "`x` [N, D] and `samples` [M, D] must have the same D and not be empty. "
            f"Received: shapes {x.shape} and {samples.shape}"
        )
    if not len(bandwidths) or not min(bandwidths) > 0.0:
        raise ValueError(f"A bandwidth must be above 0. Received: {bandwidths}")
