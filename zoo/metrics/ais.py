"""Annealed importance sampling with Hamiltonian moves.

It estimates log p(x) under any decoder; in the mean the estimate is a lower bound.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special

TARGET = 0.65  # acceptance probability that the step sizes are steered to
RATE = 0.27  # change of a step's logarithm for each unit of acceptance away from the target
FIRST, LEAST, GREATEST = 0.1, 1e-4, 2.0  # step size: at the start, and its limits
JITTER = 0.2  # Neal, 2011, section 3.2: else a trajectory can return to where it began
EVERY = 2  # step sizes are learnt at every second temperature


class Estimate(NamedTuple):
    """What the chains of all examples came to.

    Attributes:
        log_likelihood: [N], log p(x) in nats; its exponential is unbiased.
        standard_error: [N], of `log_likelihood` by its chains, from the spread of their weights
            (the delta method); NaN for one chain.
        acceptance: Fraction of accepted moves, over all chains, for each temperature: [T].
        spread: [N], the standard deviation of log weights over an example's chains: below about 1
            the estimate is sound. NaN for one chain.
    """

    log_likelihood: np.ndarray
    standard_error: np.ndarray
    acceptance: np.ndarray
    spread: np.ndarray


def moves(temperatures: int) -> int:
    """Returns the number of moves that a chain makes in both passes together."""
    return temperatures + -(-temperatures // EVERY)


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

    log f_b(z) = (1 - b) * log N(z; mean, std**2) + b * (log N(z; 0, I) + log p(x | z))

    with b linear from 0 to 1.

    log w = sum over t of log f_t(z_t-1) - log f_t-1(z_t-1)

    log p(x) ~ logsumexp(log w) - log(chains)

    The mean of w is p(x) exactly if each move keeps its density f_t. A step size that follows the
    chain's own acceptances breaks this: it depends on where the chain is, and the estimate is too
    low. So there are two passes. Chains of the first one learn a step size for each example and
    every second temperature, from the mean acceptance of the example's chains. The second pass has
    draws of its own, takes these step sizes as they are, and gives the estimate.

    Args:
        target: Function from z [N * chains, Z], an example's chains in a row, to log p(x | z) [N *
            chains] and its gradient by z.
        mean: [N, Z], where chains begin: of the approximate posterior, or 0.
        std: [N, Z], above 0; steps are made in units of it.
        chains: Number of chains for each example, at least 1.
        temperatures: Number T of moves of a chain of the second pass, at least 1.
        leapfrogs: Number of leapfrog steps in a move, at least 1.
        seed: Seed of every draw.
        progress: Function that is called with the number of moves made so far, of
            `moves(temperatures)`.

    Returns:
        The estimate.

    Raises:
        ValueError: If shapes do not fit, `std` is not above 0, or a number is below 1.

    Reference: Neal, 2001; Wu et al., 2017, arXiv:1611.04273. The path and the units of a step are
        those of the released code of Mescheder et al., 2017, arXiv:1701.04722. That code has one
        pass: one step size for the whole batch of examples grows or shrinks by a factor of 1.1
        when the batch's last acceptance is above 0.7 or below 0.6. It follows the chains too, so
        it is not exactly unbiased, but one chain of many has little influence on it.
    """
    if mean.ndim != 2 or mean.shape != std.shape or not (std > 0.0).all():
        raise ValueError(
            "`mean` and `std` must be [N, Z], `std` above 0. "
            f"Received: shapes {mean.shape}, {std.shape}, least {std.min()}"
        )
    if min(chains, temperatures, leapfrogs) < 1:
        raise ValueError(
            "`chains`, `temperatures` and `leapfrogs` must be at least 1. "
            f"Received: {chains}, {temperatures}, {leapfrogs}"
        )
    mean, std = (np.repeat(np.asarray(a, np.float64), chains, axis=0) for a in (mean, std))
    path = _Path(target, mean, std, leapfrogs)
    first, second = (np.random.default_rng([seed, number]) for number in (0, 1))
    bs = np.linspace(0.0, 1.0, temperatures + 1)
    steps = _learnt_steps(path, bs[1::EVERY], chains, first, progress)
    done = len(steps)
    steps = np.repeat(np.repeat(steps, EVERY, axis=0), chains, axis=1)
    z = mean + std * second.standard_normal(mean.shape)
    log_weight, acceptance = np.zeros(len(z)), np.zeros(temperatures)
    _, _, gap = path.at(z, 0.0)
    for t in range(1, temperatures + 1):
        log_weight += (bs[t] - bs[t - 1]) * gap
        moved, gap_moved, probability = path.move(z, bs[t], steps[t - 1], second)
        accepted = second.random(len(z)) < probability
        gap = np.where(accepted, gap_moved, gap)
        z = np.where(accepted[:, None], moved, z)
        acceptance[t - 1] = accepted.mean()
        progress(done + t)
    return _estimate(log_weight.reshape(-1, chains), acceptance)


class _Path(NamedTuple):
    """The densities between start and target, and the moves that keep them."""

    target: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    mean: np.ndarray
    std: np.ndarray
    leapfrogs: int

    def at(self, z, b):
        """Returns log f_b(z), its gradient by z and its derivative by b."""
        value, gradient = self.target(z)
        standard = (z - self.mean) / self.std
        start = -0.5 * np.sum(standard**2, axis=1) - np.sum(np.log(self.std), axis=1)
        end = value - 0.5 * np.sum(z**2, axis=1)  # both without log(2 pi) * Z / 2
        slope = (b - 1.0) * standard / self.std + b * (gradient - z)
        normalizer = -0.5 * z.shape[1] * np.log(2.0 * np.pi)
        return (1.0 - b) * start + b * end + normalizer, slope, end - start

    def move(self, z, b, step, random):
        """Returns a proposal, its derivative of log f_b by b, and its acceptance probability.

        `step` has one size for each chain, which must not depend on `z`.
        """
        step = (step * random.uniform(1.0 - JITTER, 1.0 + JITTER, len(z)))[:, None] * self.std
        momentum = random.standard_normal(z.shape)
        value, slope, _ = self.at(z, b)
        before = value - 0.5 * np.sum(momentum**2, axis=1)
        moved, p = z, momentum + 0.5 * step * slope
        for leap in range(self.leapfrogs):
            moved = moved + step * p
            value, slope, gap = self.at(moved, b)
            p = p + (0.5 if leap == self.leapfrogs - 1 else 1.0) * step * slope
        with np.errstate(over="ignore", invalid="ignore"):
            ratio = np.exp(np.minimum(0.0, value - 0.5 * np.sum(p**2, axis=1) - before))
        return moved, gap, np.nan_to_num(ratio, nan=0.0)  # NaN: the trajectory has diverged


def _learnt_steps(path, bs, chains, random, progress) -> np.ndarray:
    """Returns step sizes [temperatures, N] that are accepted about as often as `TARGET` says."""
    z = path.mean + path.std * random.standard_normal(path.mean.shape)
    steps = np.full([len(bs) + 1, len(z) // chains], FIRST)
    for t, b in enumerate(bs):
        moved, _, probability = path.move(z, b, np.repeat(steps[t], chains), random)
        z = np.where((random.random(len(z)) < probability)[:, None], moved, z)
        acceptance = probability.reshape(-1, chains).mean(axis=1)
        steps[t + 1] = np.clip(steps[t] * np.exp(RATE * (acceptance - TARGET)), LEAST, GREATEST)
        progress(t + 1)
    return steps[:-1]


def _estimate(log_weight: np.ndarray, acceptance: np.ndarray) -> Estimate:
    chains = log_weight.shape[1]
    value = special.logsumexp(log_weight, axis=1) - np.log(chains)
    if chains == 1:
        return Estimate(value, np.full(len(value), np.nan), acceptance, np.full(len(value), np.nan))
    weight = np.exp(log_weight - value[:, None])  # of mean 1
    error = weight.std(axis=1, ddof=1) / np.sqrt(chains)
    return Estimate(value, error, acceptance, log_weight.std(axis=1, ddof=1))
