"""Law: one known answer, and what the code computes."""

import math
from typing import NamedTuple

import numpy as np


class Law(NamedTuple):
    """One row of a table of laws.

    Attributes:
        what: The quantity, in words and ASCII.
        expected: Its value by a closed form or another method.
        computed: What the code gives.
        error: How far off, in the units of `tolerance`.
        tolerance: The largest error that passes.
    """

    what: str
    expected: float
    computed: float
    error: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return self.error <= self.tolerance  # False for NaN


def equal(what: str, expected, computed, tolerance: float = 1e-9) -> Law:
    """Says that all values agree; the row shows the worst of them.

    abs(computed - expected) <= tolerance * max(1, abs(expected))

    Example:
        >>> equal("log(e)", 1.0, np.log(np.e)).holds
        True
    """
    expected, computed = _together(expected, computed)
    with np.errstate(invalid="ignore"):
        error = np.abs(computed - expected) / np.maximum(1.0, np.abs(expected))
    error = np.where(np.isfinite(error), error, math.inf)
    return _worst(what, expected, computed, error, tolerance)


def at_most(what: str, bound, computed, tolerance: float = 1e-9) -> Law:
    """Says that no value is above its bound; the row shows the one nearest to breaking it.

    computed - bound <= tolerance * max(1, abs(bound))

    Example:
        >>> at_most("sin(x)", 1.0, np.sin([1.0, 2.0])).holds
        True
    """
    bound, computed = _together(bound, computed)
    with np.errstate(invalid="ignore"):
        excess = (computed - bound) / np.maximum(1.0, np.abs(bound))
    excess = np.where(np.isnan(excess), math.inf, excess)
    law = _worst(what, bound, computed, excess, tolerance)
    return law._replace(error=max(0.0, law.error))


def _together(*values) -> tuple[np.ndarray, ...]:
    return np.broadcast_arrays(*(np.asarray(value, np.float64) for value in values))


def _worst(what, expected, computed, error, tolerance) -> Law:
    worst = error.argmax()
    numbers = (float(values.ravel()[worst]) for values in (expected, computed, error))
    return Law(what, *numbers, tolerance)
