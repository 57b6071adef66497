"""How far a cloud of latents is from the prior N(0, I)."""

import math

import numpy as np
from scipy import spatial, special


def nearest_neighbor_entropy(z: np.ndarray, k: int = 3) -> float:
    """The Kozachenko-Leonenko estimate of a differential entropy, in nats.

    digamma(N) - digamma(k) + log(volume) + Z * mean(log(distance))

    The volume is that of the unit ball in Z dimensions, the distance that to the k-th neighbour.

    Args:
        z: [N, Z], independent draws without repetition, N above k.
        k: Number of the neighbour, at least 1.

    Raises:
        ValueError: If the shape does not fit, or more than k draws are equal.

    Reference: Kraskov et al., 2004, equation 20. arXiv:cond-mat/0305641
    """
    if z.ndim != 2 or len(z) <= k:
        raise ValueError(f"`z` must be [N, Z] with N above k = {k}. Received: shape {z.shape}")
    count, size = z.shape
    distances = spatial.KDTree(z).query(z, k + 1)[0][:, k]
    if not (distances > 0.0).all():
        raise ValueError(
            f"`z` must not have more than {k} equal draws. "
            f"Received: {int(np.sum(distances == 0.0))} that have"
        )
    ball = 0.5 * size * math.log(math.pi) - special.gammaln(0.5 * size + 1.0)
    return float(
        special.digamma(count) - special.digamma(k) + ball + size * np.mean(np.log(distances))
    )


def kl_to_standard_normal(z: np.ndarray, k: int = 3) -> float:
    """KL to N(0, I) of the distribution that z [N, Z] was drawn from, in nats.

    The entropy is estimated as above; its error may take the result below 0.

    mean(0.5 * (|z|**2 + Z * log(2 * pi))) - nearest_neighbor_entropy(z, k)
    """
    squares = np.mean(np.sum(np.asarray(z, np.float64) ** 2, axis=1))
    cross = 0.5 * squares + 0.5 * z.shape[1] * math.log(2.0 * math.pi)
    return float(cross) - nearest_neighbor_entropy(z, k)
