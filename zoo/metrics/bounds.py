"""Bounds on a log likelihood from importance weights w = p(x, z) / q(z | x), z ~ q(z | x)."""

import numpy as np
from scipy import special


def elbo(log_weights: np.ndarray) -> np.ndarray:
    """The variational bound, an unbiased estimate of E_q[log w].

    mean(log_weights, axis=1)

    Args:
        log_weights: [N, K] in nats, K draws for each example.

    Returns:
        [N].

    Example:
        >>> elbo(np.log([[1.0, 4.0]])).round(6)
        array([0.693147])

    Reference: Kingma and Welling, 2014, equation 2. arXiv:1312.6114
    """
    return _checked(log_weights).mean(axis=1)


def importance_weighted(log_weights: np.ndarray) -> np.ndarray:
    """The bound of K importance samples.

    In the mean it is at least the variational bound; for K to infinity it is log p(x).

    logsumexp(log_weights, axis=1) - log(K)

    Args:
        log_weights: [N, K] in nats, K draws for each example.

    Returns:
        [N].

    Example:
        >>> importance_weighted(np.log([[1.0, 3.0]])).round(6)
        array([0.693147])

    Reference: Burda et al., 2016, equation 8. arXiv:1509.00519
    """
    log_weights = _checked(log_weights)
    return special.logsumexp(log_weights, axis=1) - np.log(log_weights.shape[1])


def _checked(log_weights: np.ndarray) -> np.ndarray:
    log_weights = np.asarray(log_weights, np.float64)
    if log_weights.ndim != 2 or not log_weights.size:
        raise ValueError(
            f"`log_weights` must be [N, K], not empty. Received: shape {log_weights.shape}"
        )
    return log_weights
