"""The laws of the adversarial generator-encoder: the KL of a batch's codes to the prior."""

import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from scipy import special

from zoo import gaussian, law

BATCH = 64


def _with_moments(mean: float, std: float) -> tf.Tensor:
    """Codes [2, 1] of that mean and biased deviation."""
    return tf.constant([[mean - std], [mean + std]], tf.float64)


def laws() -> Iterator[law.Law]:
    kl = gaussian.batch_kl_to_standard_normal
    yield law.equal("KL of codes like N(0, 1): 0", 0.0, kl(_with_moments(0.0, 1.0)).numpy())
    yield law.equal(
        "KL of codes like N(1, 4): 2 - log(2)",
        2.0 - math.log(2.0),
        kl(_with_moments(1.0, 2.0)).numpy(),
    )
    slip = 0.5 * (4.0**2 + 1.0) - math.log(4.0) - 0.5
    yield law.equal(
        "... with the released code's variance in the place of the deviation",
        slip,
        kl(_with_moments(1.0, 2.0), variance_for_std=True).numpy(),
    )
    for size in (64, 128):
        # uniform on the sphere in its first two moments
        corners = np.concatenate([np.eye(size), -np.eye(size)])
        floor = 0.5 * (1.0 / size + math.log(size) - 1.0)
        yield law.equal(
            f"KL per coordinate, codes uniform on the sphere, M = {size}: (1/M + log(M) - 1) / 2",
            floor,
            kl(tf.constant(corners)).numpy().mean(),
        )
        tilted = corners + 0.3 * np.eye(size)[0]
        tilted = tf.constant(tilted / np.linalg.norm(tilted, axis=1, keepdims=True))
        yield law.at_most(
            "... and no codes are below it: codes that lean to one side",
            kl(tilted).numpy().mean(),
            floor,
        )
    draws = tf.constant(np.random.default_rng(0).standard_normal((BATCH, 200_000)))
    bias = -0.5 * (special.digamma((BATCH - 1) / 2.0) + math.log(2.0 / BATCH))
    yield law.equal(
        "KL of 64 draws of N(0, 1), in the mean: -(digamma(63/2) + log(2/64)) / 2",
        bias,
        kl(draws).numpy().mean(),
        2e-4,
    )
