"""The laws of CycleGAN: what the cycle asks of translators, with numbers on the line."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from scipy import optimize

from zoo import cycles, law

POINTS = np.linspace(-1.0, 1.0, 9)[:, None]


def _error(there: float, back: float) -> float:
    x = tf.constant(POINTS)
    return float(cycles.error(x, back * (there * x)))


def laws() -> Iterator[law.Law]:
    yield law.equal("the cycle's error of a translation and its inverse: 0", 0.0, _error(2.5, 0.4))
    expected = 0.5 * np.mean(np.abs(POINTS))
    yield law.equal(
        "the cycle's error where half of each number comes back: half their mean size",
        expected,
        _error(1.0, 0.5),
    )
    for there in (0.5, -2.0, 3.0):
        best = optimize.minimize_scalar(
            lambda back, there=there: _error(there, back),
            bounds=(-4.0, 4.0),
            method="bounded",
            options={"xatol": 1e-10},
        ).x
        yield law.equal(
            f"the way back that the cycle asks for, of the way there x -> {there:g} x: its inverse",
            1.0 / there,
            best,
            1e-6,
        )
