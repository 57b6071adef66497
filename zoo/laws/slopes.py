"""The laws of penalties on the critic's slope, with a linear critic, whose slope is one number.

Penalties work in float32.
"""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from scipy import optimize

from zoo import law, noise, penalties

SLOPES = np.linspace(0.0, 3.0, 13)
DIRECTION = np.array([[0.6], [0.8]], np.float32)
GAP = 1.5  # distance between the means of data and of samples, along the direction
TOLERANCE = 1e-5


def _penalties(penalty: penalties.Penalty, slopes) -> np.ndarray:
    """The penalty of V(x) = slope * <direction, x> for each slope."""
    draws = np.random.default_rng(0)
    x_real, x_fake = (tf.constant(draws.normal(size=(64, 2)), tf.float32) for _ in range(2))
    values = []
    for slope in np.atleast_1d(slopes):
        turn = noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=64)
        values.append(
            float(
                penalty(
                    lambda x, slope=slope: x @ (tf.constant(DIRECTION) * float(slope)),
                    x_real,
                    x_fake,
                    turn,
                )
            )
        )
    return np.array(values)


def gradient_penalty() -> Iterator[law.Law]:
    for weight in (0.1, 10.0):
        what = f"of a linear critic: weight (slope - 1)^2, weight {weight:g}"
        values = _penalties(penalties.gradient_penalty(weight), SLOPES)
        yield law.equal(what, weight * (SLOPES - 1.0) ** 2, values, TOLERANCE)
        # the critic's loss is -GAP slope + penalty
        best = optimize.minimize_scalar(
            lambda slope, weight=weight: (
                -GAP * slope + _penalties(penalties.gradient_penalty(weight), slope)[0]
            )
        )
        yield law.equal(
            f"the best slope: 1 + d / (2 weight), d = 1.5, weight {weight:g}",
            1.0 + GAP / (2.0 * weight),
            best.x,
            1e-3,
        )
        yield law.equal(
            f"the critic's loss there: -d - d^2 / (4 weight), d = 1.5, weight {weight:g}",
            -GAP - GAP**2 / (4.0 * weight),
            best.fun,
            TOLERANCE,
        )
    values = _penalties(penalties.gradient_penalty(one_sided=True), SLOPES)
    yield law.equal(
        "one-sided: 10 max(0, slope - 1)^2",
        10.0 * np.maximum(0.0, SLOPES - 1.0) ** 2,
        values,
        TOLERANCE,
    )


def r1() -> Iterator[law.Law]:
    yield law.equal(
        "of a linear critic: weight / 2 slope^2",
        5.0 * SLOPES**2,
        _penalties(penalties.r1(), SLOPES),
        TOLERANCE,
    )


def dragan() -> Iterator[law.Law]:
    values = _penalties(penalties.dragan(), SLOPES)
    yield law.equal(
        "of a linear critic: weight (slope - 1)^2", 10.0 * (SLOPES - 1.0) ** 2, values, TOLERANCE
    )
