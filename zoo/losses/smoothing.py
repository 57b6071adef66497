"""One-sided label smoothing."""

import tensorflow as tf

from zoo.losses import adversarial


def smoothed_real(label_smoothing: float) -> adversarial.Pointwise:
    """The cross-entropy of a real logit against the target 1 - label_smoothing.

    Raises:
        ValueError: If `label_smoothing` is outside [0, 1).

    Reference: Salimans et al., 2016, section 3.4 (one-sided label smoothing). arXiv:1606.03498
    """
    if not 0.0 <= label_smoothing < 1.0:
        raise ValueError(f"`label_smoothing` must be in [0, 1). Received: {label_smoothing}")
    if label_smoothing == 0.0:
        return lambda logits: tf.nn.softplus(-logits)  # -log(sigmoid(t)) = softplus(-t)
    # (1 - a) softplus(-t) + a softplus(t) = softplus(-t) + a t
    return lambda logits: tf.nn.softplus(-logits) + label_smoothing * logits
