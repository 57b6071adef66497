"""The variational bound of a linear-Gaussian model, whose evidence is known.

z ~ N(0, 1), x ~ N(w z, std**2)
"""

import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from scipy import stats

from zoo import gaussian, law, likelihoods
from zoo.metrics import ais

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


def _annealed() -> tuple[np.ndarray, np.ndarray]:
    """The log evidence of x = A z + STD * noise, exact and by annealed importance sampling.

    x has three numbers and z two.
    """
    matrix, chains = np.array([[1.0, 0.3], [-0.5, 0.8], [0.2, -1.1]]), 64
    x = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])

    def target(z):
        rest = np.repeat(x, chains, axis=0) - z @ matrix.T
        return stats.norm.logpdf(rest, 0.0, STD).sum(axis=1), rest @ matrix / STD**2

    estimate = ais.log_likelihood(
        target, np.zeros([2, 2]), np.ones([2, 2]), chains=chains, temperatures=200
    )
    expected = stats.multivariate_normal.logpdf(
        x, np.zeros(3), matrix @ matrix.T + STD**2 * np.eye(3)
    )
    return expected, estimate.log_likelihood


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
    yield law.equal(
        "log evidence of x = A z + noise by annealed importance sampling, 64 chains",
        *_annealed(),
        0.02,
    )
