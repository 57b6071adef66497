"""The loss of WGAN and WGAN-GP."""

import tensorflow as tf

from zoo.losses import adversarial


def wasserstein() -> adversarial.AdversarialLoss:
    """Wasserstein adversarial loss: minus the difference of the critic's means.

    critic = -logits_real + logits_fake
    generator = -logits_fake

    It bounds a distance only for a Lipschitz critic: use it with `constraints.weight_clip` (WGAN)
    or `penalties.gradient_penalty` (WGAN-GP).

    Returns:
        Pointwise functions: logits of any shape in, the same shape out, not reduced.

    Example:
        >>> float(wasserstein().critic_fake(tf.constant(2.0)))
        2.0

    Reference: Arjovsky et al., 2017, Algorithm 1. arXiv:1701.07875
    """
    return adversarial.zero_sum(real=tf.negative, fake=tf.identity)
