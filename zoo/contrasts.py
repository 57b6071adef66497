"""What the adversary of adversarial variational Bayes compares the posterior with."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from zoo import gaussian, priors


class Contrast(NamedTuple):
    """The two kinds of latents that the adversary sees, and what its logits then say of q(z | x).

    Attributes:
        needs_moments: Whether the mean and std [B, Z] of q(z | x) are used. If not, they may be
            None.
        seen: (z, mean, std) -> [B, Z], what the adversary sees of a draw z of q(z | x).
        other: (prior, noise) -> [B, Z], the draws that it has to distinguish from them.
        log_ratio: (logits, z, mean, std, prior) -> [B], log q(z | x) - log p(z) in nats where the
            adversary is at its best; logits are [B, 1]. Its gradient is the one that the encoder
            follows: by z, not by the moments.
    """

    needs_moments: bool
    seen: Callable
    other: Callable
    log_ratio: Callable


def standard() -> Contrast:
    """The posterior against the prior: T* = log q(z | x) - log p(z).

    Reference: Mescheder et al., 2017, equation 3.3. arXiv:1701.04722
    """
    return Contrast(
        needs_moments=False,
        seen=lambda z, mean, std: z,
        other=lambda prior, noise: prior.sample(noise),
        log_ratio=lambda logits, z, mean, std, prior: logits[:, 0],
    )


def adaptive() -> Contrast:
    """The posterior against the Gaussian r(z | x) of its own mean and deviation, both standardised.

    T* = log q(z | x) - log r(z | x)

    log q(z | x) - log p(z) = T + log r(z | x) - log p(z)

    The adversary's task is then the posterior's shape alone. The moments are held fixed for
    gradients.

    Reference: Mescheder et al., 2017, section 3.3. arXiv:1701.04722. Departs from the released
        code, whose log r has another variance than its standardised latents (by 1e-4); here one
        deviation serves both.
    """

    def log_ratio(
        logits: tf.Tensor, z: tf.Tensor, mean: tf.Tensor, std: tf.Tensor, prior: priors.Prior
    ) -> tf.Tensor:
        mean, std = tf.stop_gradient(mean), tf.stop_gradient(std)
        return logits[:, 0] + gaussian.log_prob(z, mean, 2.0 * tf.math.log(std)) - prior.log_prob(z)

    return Contrast(
        needs_moments=True,
        seen=lambda z, mean, std: (z - tf.stop_gradient(mean)) / tf.stop_gradient(std),
        other=lambda prior, noise: noise.normal((prior.size,)),
        log_ratio=log_ratio,
    )


CONTRASTS = {"adaptive": adaptive, "standard": standard}
