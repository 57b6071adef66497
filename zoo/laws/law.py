"""Law: one known answer, and what the code gives."""

import math
from typing import NamedTuple

import numpy as np


class Law(NamedTuple):
    """One row of the table of laws.

    Attributes:
        what: The quantity, in words and ASCII.
        expected: Its value by a closed form or another method.
        found: What the code gives.
        error: How far off, in the units of `tolerance`.
        tolerance: The largest error that passes.
    """

    what: str
    expected: float
    found: float
    error: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return self.error <= self.tolerance  # False for NaN


def equal(what: str, expected, found, tolerance: float = 1e-9) -> Law:
    """All values agree: abs(found - expected) <= tolerance * max(1, abs(expected)); the row shows the worst of them."""
    expected, found = np.broadcast_arrays(
        np.asarray(expected, np.float64), np.asarray(found, np.float64)
    )
    with np.errstate(invalid="ignore"):
        error = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
    error = np.where(np.isfinite(error), error, math.inf).ravel()
    worst = error.argmax()
    return Law(
        what,
        float(expected.ravel()[worst]),
        float(found.ravel()[worst]),
        float(error[worst]),
        tolerance,
    )


def at_most(what: str, bound, found, tolerance: float = 1e-9) -> Law:
    """No value is above its bound: found - bound <= tolerance * max(1, abs(bound)); the row shows the one nearest to breaking it."""
    bound, found = np.broadcast_arrays(np.asarray(bound, np.float64), np.asarray(found, np.float64))
    with np.errstate(invalid="ignore"):
        excess = (found - bound) / np.maximum(1.0, np.abs(bound))
    excess = np.where(np.isnan(excess), math.inf, excess).ravel()
    worst = excess.argmax()
    return Law(
        what,
        float(bound.ravel()[worst]),
        float(found.ravel()[worst]),
        max(0.0, float(excess[worst])),
        tolerance,
    )
