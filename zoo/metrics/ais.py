"""Annealed importance sampling with Hamiltonian moves.

It estimates log p(x) under any decoder; in the mean the estimate is a lower bound.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special, stats

TARGET = 0.65  # fraction of accepted moves that the step size is steered to
GROWTH = 1.1  # factor on the step size after an accepted move


class Estimate(NamedTuple):
    """What the chains of all examples came to.

    Attributes:
        log_likelihood: [N], log p(x) in nats; its exponential is unbiased.
        acceptance: Fraction of accepted moves, over all chains, for each temperature: [T].
        spread: [N], the standard deviation of log weights over an example's chains: below about 1
            the estimate is sound.
    """

    log_likelihood: np.ndarray
    acceptance: np.ndarray
    spread: np.ndarray


def log_likelihood(
    target: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    mean: np.ndarray,
    std: np.ndarray,
    *,
    chains: int = 5,
    temperatures: int = 1000,
    leapfrogs: int = 10,
    seed: int = 0,
    progress: Callable[[int], None] = lambda done: None,
) -> Estimate:
    """Anneals from N(mean, std**2) to p(z) p(x | z), p(z) = N(0, I), along the geometric path.

    log f_b(z) = (1 - b) * log N(z; mean, std**2) + b * (log N(z; 0, I) + log p(x | z)), b linear
    from 0 to 1 log w = sum over t of log f_t(z_t-1) - log f_t-1(z_t-1), and log p(x) ~
    logsumexp(log w) - log(chains)

    Args:
        target: Function from z [N * chains, Z], an example's chains in a row, to log p(x | z) [N *
            chains] and its gradient by z.
        mean: [N, Z], where chains begin: of the approximate posterior, or 0.
        std: [N, Z], above 0; steps are made in units of it.
        chains: Number of chains for each example.
        temperatures: Number T of moves of a chain.
        leapfrogs: Number of leapfrog steps in a move.
        seed: Seed of every draw.
        progress: Function that is called with the number of moves made so far.

    Returns:
        The estimate.

    Raises:
        ValueError: If shapes do not fit, or `std` is not above 0.

    Reference: Neal, 2001; Wu et al., 2017, arXiv:1611.04273. The path, the units of a step and its
        adaptation are those of the released code of Mescheder et al., 2017, arXiv:1701.04722.
    """
    if mean.ndim != 2 or mean.shape != std.shape or not (std > 0.0).all():
        raise ValueError(
            "`mean` and `std` must be [N, Z], `std` above 0. "
            f"Received: shapes {mean.shape}, {std.shape}, least {std.min()}"
        )
    random = np.random.default_rng(seed)
    mean, std = (np.repeat(np.asarray(a, np.float64), chains, axis=0) for a in (mean, std))
    z = mean + std * random.standard_normal(mean.shape)
    step = np.full([len(z), 1], 0.1)
    log_weight = np.zeros(len(z))
    acceptance = np.zeros(temperatures)

    def path(z, b):
        """Returns log f_b(z), its gradient by z and its derivative by b."""
        value, gradient = target(z)
        start = stats.norm.logpdf(z, mean, std).sum(axis=1)
        end = value + stats.norm.logpdf(z).sum(axis=1)
        slope = (1.0 - b) * (mean - z) / std**2 + b * (gradient - z)
        return (1.0 - b) * start + b * end, slope, end - start

    bs = np.linspace(0.0, 1.0, temperatures + 1)
    _, _, gap = path(z, 0.0)
    for t in range(1, temperatures + 1):
        log_weight += (bs[t] - bs[t - 1]) * gap
        momentum = random.standard_normal(z.shape)
        value, slope, _ = path(z, bs[t])
        before = value - 0.5 * np.sum(momentum**2, axis=1)
        moved, p = z, momentum + 0.5 * step * std * slope
        for leap in range(leapfrogs):
            moved = moved + step * std * p
            value_moved, slope, gap_moved = path(moved, bs[t])
            p = p + (0.5 if leap == leapfrogs - 1 else 1.0) * step * std * slope
        after = value_moved - 0.5 * np.sum(p**2, axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            ratio = np.exp(np.minimum(0.0, after - before))
        accepted = random.random(len(z)) < ratio  # False for NaN
        gap = np.where(accepted, gap_moved, gap)
        z = np.where(accepted[:, None], moved, z)
        step = np.clip(
            step * np.where(accepted, GROWTH, GROWTH ** -(TARGET / (1.0 - TARGET)))[:, None],
            1e-4,
            2.0,
        )
        acceptance[t - 1] = accepted.mean()
        progress(t)
    log_weight = log_weight.reshape(-1, chains)
    return Estimate(
        special.logsumexp(log_weight, axis=1) - np.log(chains), acceptance, log_weight.std(axis=1)
    )
