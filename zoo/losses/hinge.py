"""The hinge loss of geometric GAN and SNGAN."""

import tensorflow as tf

from zoo.losses import adversarial


def hinge() -> adversarial.AdversarialLoss:
    """Hinge adversarial loss.

    critic = relu(1 - logits_real) + relu(1 + logits_fake)
    generator = -logits_fake

    Returns:
        Pointwise functions: logits of any shape in, the same shape out, not reduced.

    Example:
        >>> float(hinge().critic_real(tf.constant(0.25)))
        0.75

    Reference: Lim and Ye, 2017, arXiv:1705.02894; Miyato et al., 2018, equations 16 and 17,
        arXiv:1802.05957
    """
    return adversarial.AdversarialLoss(
        critic_real=lambda logits: tf.nn.relu(1.0 - logits),
        critic_fake=lambda logits: tf.nn.relu(1.0 + logits),
        opponent_real=tf.identity,
        opponent_fake=tf.negative,
    )
