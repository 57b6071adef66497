"""The laws of tempered adversarial networks: the weight's fall, and where a lens moves data."""

import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from scipy import optimize

from zoo import law, losses, tempering
from zoo.divergences import conditions

HORIZON = 1000
SLOPE = 1.5  # of a linear critic


def laws() -> Iterator[law.Law]:
    steps = tf.constant([0.0, HORIZON / 2, HORIZON, HORIZON + 1], tf.float64)
    expected = [1.0, 1.0 - math.sqrt(0.5), 0.0, 0.0]
    yield law.equal(
        "the weight at 0, K/2, K and K + 1: 1, 1 - sqrt(1/2), 0, 0",
        expected,
        tempering.weight(steps, HORIZON).numpy(),
    )
    for name in ("minimax", "non_saturating", "least_squares", "hinge", "wasserstein"):
        term = losses.LOSSES[name]().opponent_real
        slope = conditions.value(term, 0.5 + 1e-5) - conditions.value(term, 0.5 - 1e-5)
        yield law.equal(
            f"{name}: the lens lowers D(L(x)), to where generated data is", 1.0, np.sign(slope)
        )
    x, term = tf.constant(np.linspace(-1.0, 1.0, 5)[:, None]), losses.wasserstein().opponent_real
    for weight in (1.0, 0.3, 0.0):

        def objective(shift, weight=weight):
            x_lens = x + shift
            return float(
                weight * tf.reduce_mean(term(SLOPE * x_lens)) + tempering.squared_error(x, x_lens)
            )

        best = optimize.minimize_scalar(objective, options={"xtol": 1e-12}).x
        what = "the identity" if weight == 0.0 else "-weight * slope / 2"
        yield law.equal(
            f"how far the best lens shifts data before a linear critic, weight {weight:g}: {what}",
            0.0 - weight * SLOPE / 2.0,
            best,
            1e-6,
        )
