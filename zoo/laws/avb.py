"""The laws of adversarial variational Bayes on the line, by quadrature.

q is a mixture, p = N(0, 1), and r is the Gaussian of q's moments.
"""

import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from zoo import contrasts, gaussian, law, losses, priors
from zoo.laws import adversarial
from zoo.metrics import univariate

Q = univariate.Mixture(np.array([0.3, 0.7]), np.array([-1.0, 1.5]), np.array([0.4, 0.8]))
MEAN = float(np.sum(Q.weights * Q.means))
STD = float(np.sqrt(np.sum(Q.weights * (Q.stds**2 + (Q.means - MEAN) ** 2))))
POINTS = 41  # at which the best adversary is sought


def _normal(x: np.ndarray, mean: float, std: float) -> np.ndarray:
    return -0.5 * ((x - mean) / std) ** 2 - math.log(std) - 0.5 * math.log(2.0 * math.pi)


def _column(x: np.ndarray) -> tf.Tensor:
    return tf.constant(x[:, None], tf.float64)


def _log_ratio(contrast: contrasts.Contrast, best: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Returns log q - log p [N], as the contrast has it for the best adversary's logits."""
    mean, std = (tf.fill([len(z), 1], tf.constant(value, tf.float64)) for value in (MEAN, STD))
    return contrast.log_ratio(_column(best), _column(z), mean, std, priors.normal(1)).numpy()


def laws() -> Iterator[law.Law]:
    z, width = univariate.nodes(Q, 0.0, 1.0)
    log_q, log_p, log_r = univariate.log_density(Q, z), _normal(z, 0.0, 1.0), _normal(z, MEAN, STD)
    q, p = np.exp(log_q), np.exp(log_p)
    some = np.linspace(np.searchsorted(z, -3.0), np.searchsorted(z, 4.0), POINTS).astype(int)
    loss = losses.minimax()
    yield law.equal(
        "the best adversary, searched numerically: T = log q(z | x) - log p(z)",
        (log_q - log_p)[some],
        adversarial.best_logits(loss, q[some], p[some]),
        1e-5,
    )
    kl = width * np.sum(q * (log_q - log_p))
    standard = _log_ratio(contrasts.standard(), log_q - log_p, z)
    yield law.equal(
        "the standard contrast: E_q[log ratio] = KL(q || p)", kl, width * np.sum(q * standard)
    )
    adaptive = _log_ratio(contrasts.adaptive(), log_q - log_r, z)
    yield law.equal(
        "the adaptive contrast: E_q[T + log r - log p] = KL(q || p)",
        kl,
        width * np.sum(q * adaptive),
    )
    expected = -0.5 * (1.0 + math.log(2.0 * math.pi * STD**2))
    coded = gaussian.log_prob(
        _column(z),
        *(
            tf.fill([len(z), 1], tf.constant(value, tf.float64))
            for value in (MEAN, 2.0 * math.log(STD))
        ),
    )
    yield law.equal(
        "E_q[log r] = -1/2 (1 + log(2 pi variance))",
        expected,
        width * np.sum(q * coded.numpy()),
        1e-8,
    )
    seen = (
        contrasts.adaptive()
        .seen(_column(z), tf.constant(MEAN, tf.float64), tf.constant(STD, tf.float64))
        .numpy()[:, 0]
    )
    yield law.equal("what the adversary sees has the mean 0", 0.0, width * np.sum(q * seen))
    yield law.equal("... and the variance 1", 1.0, width * np.sum(q * seen**2), 1e-8)
    zero = adversarial.critic_loss(loss, p, p, np.zeros_like(z))
    yield law.equal(
        "the adversary's loss where both distributions are equal: log(4)",
        math.log(4.0),
        width * np.sum(zero),
    )
