"""One of K classes."""

import tensorflow as tf


def log_prob(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Log probability of classes under softmax(logits).

    log_prob = logits[label] - log(sum(exp(logits)))

    Args:
        labels: [B] integers in [0, K).
        logits: [B, K].

    Returns:
        [B], at most 0.

    Example:
        >>> [round(float(v), 4) for v in log_prob(tf.constant([0]), tf.constant([[0.0, 0.0]]))]
        [-0.6931]
    """
    return -tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
