"""The laws of an f-divergence, which a row of the table and a user's own function must both keep."""

import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from scipy import optimize

from zoo.divergences import divergence as divergences
from zoo.laws import law

RATIOS = np.exp(np.linspace(-5.0, 5.0, 101))  # u = p / q
LOGITS = np.linspace(-4.0, 4.0, 65)
POINTS = 7  # of a discrete distribution


def laws(row: divergences.Divergence, f_1: float = 0.0) -> Iterator[law.Law]:
    """Yields the laws of a divergence, in float64.

    Args:
        row: The divergence.
        f_1: Its f(1), which it has between equal distributions.
    """
    yield from _function(row, f_1)
    yield from _conjugate(row)
    yield from _bound(row)
    yield from _gaussians(row)
    if math.isfinite(row.curvature):
        yield _second_order(row)


def value(function, argument) -> np.ndarray:
    """A pointwise function of TensorFlow at numbers, in float64."""
    return function(tf.constant(argument, tf.float64)).numpy()


def _function(row, f_1) -> Iterator[law.Law]:
    yield law.equal("f(1)", f_1, value(row.f, 1.0))
    middle = value(row.f, 0.5 * (RATIOS[:-1] + RATIOS[1:]))
    chord = 0.5 * (value(row.f, RATIOS[:-1]) + value(row.f, RATIOS[1:]))
    yield law.at_most("f is convex: f((a + b) / 2) <= (f(a) + f(b)) / 2", chord, middle)
    smooth = RATIOS[RATIOS != 1.0]
    step = 1e-5 * smooth
    slope = (value(row.f, smooth + step) - value(row.f, smooth - step)) / (2.0 * step)
    yield law.equal("f'(u) against differences of f", slope, value(row.f_prime, smooth), 1e-6)
    yield law.equal("threshold = f'(1)", value(row.f_prime, 1.0), row.threshold)
    yield law.equal(
        "the best V at p = q is at the threshold",
        row.threshold,
        value(row.activation, value(row.optimum, 1.0)),
    )
    if math.isfinite(row.curvature):
        step = 1e-4
        second = (value(row.f_prime, 1.0 + step) - value(row.f_prime, 1.0 - step)) / (2.0 * step)
        yield law.equal("f''(1) against differences of f'", second, row.curvature, 1e-6)


def _conjugate(row) -> Iterator[law.Law]:
    wide = np.linspace(-30.0, 30.0, 241)
    activations = value(row.activation, wide)
    yield law.at_most("the activation is increasing", activations[1:], activations[:-1], 0.0)
    if math.isfinite(row.supremum):
        yield law.at_most(
            "the activation stays in the conjugate's domain", row.supremum, activations, 0.0
        )
    t = value(row.activation, LOGITS)
    coded, found = value(row.conjugate, t), np.array([_legendre(row, each) for each in t])
    reached = t >= value(
        row.f_prime, 1e-30
    )  # below f'(0) the supremum is at u = 0, and any bound above it is a bound
    if reached.any():
        yield law.equal(
            "f*(T) against sup u T - f(u), found numerically", found[reached], coded[reached], 1e-8
        )
    if not reached.all():
        yield law.at_most(
            "f*(T) >= sup u T - f(u) for T < f'(0)", coded[~reached], found[~reached], 1e-8
        )
    slope = value(row.f_prime, RATIOS)
    fenchel = RATIOS * slope - value(row.f, RATIOS)
    yield law.equal(
        "Fenchel's equality: f*(f'(u)) = u f'(u) - f(u)", fenchel, value(row.conjugate, slope), 1e-8
    )
    yield law.equal(
        "the stable f*(activation(V)) against the composition",
        coded,
        value(row.conjugate_of_activation, LOGITS),
        1e-8,
    )


def _legendre(row, t: float) -> float:
    """sup over u > 0 of u t - f(u), by a search along log(u)."""

    def minus(log_u):
        u = math.exp(log_u)
        return float(value(row.f, u)) - u * t

    # concave in u, so of one maximum along any increasing function of u
    grid = np.linspace(-60.0, 30.0, 361)
    with np.errstate(all="ignore"):
        values = value(row.f, np.exp(grid)) - np.exp(grid) * t
    best = int(np.nanargmin(values))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    return -min(
        float(
            optimize.minimize_scalar(
                minus, bounds=(low, high), method="bounded", options={"xatol": 1e-10}
            ).fun
        ),
        float(values[best]),
    )


def _bound(row) -> Iterator[law.Law]:
    draws = np.random.default_rng(0)
    p, q = draws.dirichlet(np.ones(POINTS), 50), draws.dirichlet(np.ones(POINTS), 50)
    divergence = np.sum(q * value(row.f, p / q), axis=1)
    logits = draws.normal(0.0, 2.0, p.shape)
    yield law.at_most(
        "F <= D_f on discrete distributions, random V", divergence, _f(row, p, q, logits)
    )
    yield law.equal(
        "F = D_f at the best V, discrete",
        divergence,
        _f(row, p, q, value(row.optimum, p / q)),
        1e-8,
    )


def _f(row, p, q, logits) -> np.ndarray:
    """The bound F of discrete distributions."""
    return np.sum(
        p * value(row.activation, logits) - q * value(row.conjugate_of_activation, logits), axis=-1
    )


def _gaussians(row) -> Iterator[law.Law]:
    d = 1.0
    x, width = np.linspace(-14.0, 15.0, 58_001, retstep=True)  # the densities meet at a node
    q = np.exp(-0.5 * x**2) / math.sqrt(2.0 * math.pi)
    p = np.exp(-0.5 * (x - d) ** 2) / math.sqrt(2.0 * math.pi)
    ratio = np.exp(d * x - 0.5 * d**2)
    expected, how = width * np.sum(q * value(row.f, ratio)), "by quadrature"
    if row.between_gaussians is not None:
        expected, how = row.between_gaussians(d), "in closed form"
    found = width * _f(row, p, q, value(row.optimum, ratio))
    yield law.equal(f"F = D_f at the best V, N(1, 1) and N(0, 1), {how}", expected, found, 1e-6)


def _second_order(row) -> law.Law:
    draws = np.random.default_rng(1)
    q = draws.dirichlet(np.ones(POINTS))
    change = draws.normal(size=POINTS)
    change -= np.sum(q * change)  # p stays a distribution
    size = 1e-3

    def divergence(sign):
        return np.sum(q * (value(row.f, 1.0 + sign * size * change) - value(row.f, 1.0)))

    chi_squared = np.sum(q * (size * change) ** 2)
    # the mean of both directions has no third-order term
    found = 0.5 * (divergence(1.0) + divergence(-1.0)) / (0.5 * row.curvature * chi_squared)
    return law.equal("D_f / (f''(1) / 2 * chi-squared) for p near q", 1.0, found, 1e-4)
