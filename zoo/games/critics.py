"""The critic's side of every adversarial game: its loss over a batch, and its logs."""

import tensorflow as tf

from zoo import losses


def loss(
    terms: losses.AdversarialLoss, logits_real: tf.Tensor, logits_fake: tf.Tensor
) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """Returns mean(critic_real(logits_real)) + mean(critic_fake(logits_fake)), and scalars by name.

    `critic_accuracy` is the fraction of pairs (real, fake) that the critic ranks right, which has a
    meaning for every loss: 0.5 is chance. `logit_gap` is the mean of real logits minus that of fake
    ones. The loss may add logs of its own.

    Args:
        terms: The adversarial loss.
        logits_real: [B, 1].
        logits_fake: [B, 1].
    """
    logs = {
        "critic_accuracy": tf.reduce_mean(tf.cast(logits_real > logits_fake, tf.float32)),
        "logit_gap": tf.reduce_mean(logits_real) - tf.reduce_mean(logits_fake),
        **terms.logs(logits_real, logits_fake),
    }
    return tf.reduce_mean(terms.critic_real(logits_real)) + tf.reduce_mean(
        terms.critic_fake(logits_fake)
    ), logs
