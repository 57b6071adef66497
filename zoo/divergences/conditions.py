"""What every f-divergence must fulfil, a row of the table and a user's own alike, in float64."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from zoo import law
from zoo.divergences import divergence

RATIOS = np.exp(np.linspace(-5.0, 5.0, 101))  # u = p / q
LOGITS = np.linspace(-4.0, 4.0, 65)
POINTS = 7  # of a discrete distribution


def laws(row: divergence.Divergence, f_1: float = 0.0) -> Iterator[law.Law]:
    """Yields the laws of a divergence.

    Args:
        row: The divergence.
        f_1: Its f(1), which is its value between equal distributions.
    """
    yield from _function(row, f_1)
    yield from _conjugate(row)
    yield from _bound(row)
    yield from _gaussians(row)
    if math.isfinite(row.curvature):
        yield _second_order(row)


def value(function: divergence.Pointwise, argument) -> np.ndarray:
    """Returns the values of a pointwise TensorFlow function at numbers, in float64."""
    return function(tf.constant(argument, tf.float64)).numpy()


def supremum(f: Callable[[np.ndarray], np.ndarray], t: np.ndarray) -> np.ndarray:
    """Returns sup over u > 0 of u t - f(u) for each t [N], by a search that knows no derivative.

    Args:
        f: u -> f(u) on float64 arrays of any shape, convex, u > 0.
        t: Slopes [N].

    Example:
        >>> supremum(lambda u: u * np.log(u), np.array([1.0, 2.0])).round(6)
        array([1.      , 2.718282])
    """
    low, high = np.full([len(t), 1], -60.0), np.full([len(t), 1], 30.0)
    best = np.full(len(t), -math.inf)
    with np.errstate(all="ignore"):
        # u t - f(u) is concave in u, so it has one maximum along log(u): narrow the grid around it
        for _ in range(12):
            grid = np.linspace(low[:, 0], high[:, 0], 33, axis=1)
            u = np.exp(grid)
            values = u * t[:, None] - f(u)
            values = np.where(np.isnan(values), -math.inf, values)
            at = values.argmax(axis=1)[:, None]
            best = np.maximum(best, np.take_along_axis(values, at, axis=1)[:, 0])
            low = np.take_along_axis(grid, np.maximum(at - 1, 0), axis=1)
            high = np.take_along_axis(grid, np.minimum(at + 1, 32), axis=1)
    return best


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
    at_equal = value(row.activation, value(row.optimum, 1.0))
    yield law.equal("the best V at p = q is at the threshold", row.threshold, at_equal)
    if math.isfinite(row.curvature):
        step = 1e-4
        second = (value(row.f_prime, 1.0 + step) - value(row.f_prime, 1.0 - step)) / (2.0 * step)
        yield law.equal("f''(1) against differences of f'", second, row.curvature, 1e-6)


def _conjugate(row) -> Iterator[law.Law]:
    wide = value(row.activation, np.linspace(-30.0, 30.0, 241))
    yield law.at_most("the activation is increasing", wide[1:], wide[:-1], 0.0)
    if math.isfinite(row.supremum):
        what = "the activation stays in the conjugate's domain"
        yield law.at_most(what, row.supremum, wide, 0.0)
    t = value(row.activation, LOGITS)
    conjugate, searched = value(row.conjugate, t), supremum(lambda u: value(row.f, u), t)
    # below f'(0) the supremum is at u = 0, and a conjugate above it still gives a bound
    reached = t >= value(row.f_prime, 1e-30)
    if reached.any():
        what = "f*(T) against sup u T - f(u), searched numerically"
        yield law.equal(what, searched[reached], conjugate[reached], 1e-8)
    if not reached.all():
        what = "f*(T) >= sup u T - f(u) for T < f'(0)"
        yield law.at_most(what, conjugate[~reached], searched[~reached], 1e-8)
    slope = value(row.f_prime, RATIOS)
    fenchel = RATIOS * slope - value(row.f, RATIOS)
    what = "Fenchel's equality: f*(f'(u)) = u f'(u) - f(u)"
    yield law.equal(what, fenchel, value(row.conjugate, slope), 1e-8)
    what = "the stable f*(activation(V)) against the composition"
    yield law.equal(what, conjugate, value(row.conjugate_of_activation, LOGITS), 1e-8)


def _bound(row) -> Iterator[law.Law]:
    draws = np.random.default_rng(0)
    p, q = draws.dirichlet(np.ones(POINTS), 50), draws.dirichlet(np.ones(POINTS), 50)
    exact = np.sum(q * value(row.f, p / q), axis=1)
    random = _f(row, p, q, draws.normal(0.0, 2.0, p.shape))
    yield law.at_most("F <= D_f on discrete distributions, random V", exact, random)
    best = _f(row, p, q, value(row.optimum, p / q))
    yield law.equal("F = D_f at the best V, discrete", exact, best, 1e-8)


def _f(row, p, q, logits) -> np.ndarray:
    """The bound F of discrete distributions."""
    real, fake = value(row.activation, logits), value(row.conjugate_of_activation, logits)
    return np.sum(p * real - q * fake, axis=-1)


def _gaussians(row) -> Iterator[law.Law]:
    d = 1.0
    x, width = np.linspace(-14.0, 15.0, 58_001, retstep=True)  # the densities meet at a node
    q = np.exp(-0.5 * x**2) / math.sqrt(2.0 * math.pi)
    p = np.exp(-0.5 * (x - d) ** 2) / math.sqrt(2.0 * math.pi)
    ratio = np.exp(d * x - 0.5 * d**2)
    expected, how = width * np.sum(q * value(row.f, ratio)), "by quadrature"
    if row.between_gaussians is not None:
        expected, how = row.between_gaussians(d), "in closed form"
    bound = width * _f(row, p, q, value(row.optimum, ratio))
    yield law.equal(f"F = D_f at the best V, N(1, 1) and N(0, 1), {how}", expected, bound, 1e-6)


def _second_order(row) -> law.Law:
    draws = np.random.default_rng(1)
    q = draws.dirichlet(np.ones(POINTS))
    change = draws.normal(size=POINTS)
    change -= np.sum(q * change)  # p stays a distribution
    size = 1e-3

    def exact(sign):
        return np.sum(q * (value(row.f, 1.0 + sign * size * change) - value(row.f, 1.0)))

    chi_squared = np.sum(q * (size * change) ** 2)
    # the mean of both directions has no third-order term
    ratio = 0.5 * (exact(1.0) + exact(-1.0)) / (0.5 * row.curvature * chi_squared)
    return law.equal("D_f / (f''(1) / 2 * chi-squared) for p near q", 1.0, ratio, 1e-4)
