"""The loss that the first GAN's experiments use."""

import tensorflow as tf

from zoo.losses import adversarial, smoothing


def non_saturating(label_smoothing: float = 0.0) -> adversarial.AdversarialLoss:
    """Non-saturating adversarial loss.

    critic = softplus(-logits_real) + softplus(logits_fake)
    generator = softplus(-logits_fake)

    Args:
        label_smoothing: The critic's target for data is 1 - label_smoothing; in [0, 1). Opponents
            are not smoothed.

    Returns:
        Pointwise functions: logits of any shape in, the same shape out, not reduced.

    Raises:
        ValueError: If `label_smoothing` is outside [0, 1).

    Example:
        >>> round(float(non_saturating().opponent_fake(tf.constant(0.0))), 6)
        0.693147

    Reference: Goodfellow et al., 2014, section 3 (maximise log D(G(z))). arXiv:1406.2661
    """
    loss = adversarial.swapped(real=lambda logits: tf.nn.softplus(-logits), fake=tf.nn.softplus)
    return loss._replace(critic_real=smoothing.smoothed_real(label_smoothing))
