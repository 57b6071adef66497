"""The variational bound of a linear-Gaussian model, whose evidence is known.

z ~ N(0, 1), x ~ N(w z, std**2)
"""

import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from zoo import gaussian, law, likelihoods

W, STD = 1.5, 0.7
X = np.linspace(-4.0, 4.0, 17)
NODES = 32  # of the quadrature over q(z | x), exact for a quadratic


def _bound(mean: np.ndarray, variance: float) -> np.ndarray:
    """E_q log p(x | z) - KL(q || p) for q = N(mean, variance), one for each x."""
    eps, weights = np.polynomial.hermite_e.hermegauss(NODES)
    likelihood, x = likelihoods.gaussian(STD), tf.constant(X[:, None], tf.float64)
    log_likelihood = sum(
        weight
        / weights.sum()
        * likelihood.log_prob(
            x, tf.constant(W * (mean + math.sqrt(variance) * node)[:, None], tf.float64)
        ).numpy()
        for node, weight in zip(eps, weights)
    )
    log_variance = tf.fill([len(X), 1], tf.constant(math.log(variance), tf.float64))
    return (
        log_likelihood
        - gaussian.kl_to_standard_normal(
            tf.constant(mean[:, None], tf.float64), log_variance
        ).numpy()
    )


def laws() -> Iterator[law.Law]:
    total = W**2 + STD**2
    evidence = -0.5 * (X**2 / total + math.log(2.0 * math.pi * total))
    mean, variance = W * X / total, STD**2 / total
    yield law.equal(
        "the bound at the exact posterior: log N(x; 0, w^2 + std^2)",
        evidence,
        _bound(mean, variance),
        1e-9,
    )
    for what, other, wide in (
        ("the prior", 0.0 * mean, 1.0),
        ("a shifted posterior", mean + 0.5, variance),
        ("a wide one", mean, 0.9),
    ):
        gap = 0.5 * (
            wide / variance - 1.0 + math.log(variance / wide) + (other - mean) ** 2 / variance
        )
        yield law.equal(
            f"the bound at {what}: the evidence - KL(q || p(z | x))",
            evidence - gap,
            _bound(other, wide),
            1e-9,
        )
    kl = gaussian.kl_to_standard_normal(
        tf.constant([1.0], tf.float64), tf.constant([math.log(4.0)], tf.float64)
    )
    yield law.equal("KL(N(1, 4) || N(0, 1)): 2 - log(2)", 2.0 - math.log(2.0), float(kl))
