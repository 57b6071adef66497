"""The critic's side of every adversarial game: its loss over a batch, and its logs."""

import keras
import tensorflow as tf

from zoo import augmentations, losses

AUGMENTED_REAL, AUGMENTED_FAKE = 3, 4  # sections of the draws of augmentations


def seen(
    augmentation: augmentations.Augmentation | None, x: tf.Tensor, noise, section: int
) -> tf.Tensor:
    """Returns what the critic sees of examples: the examples, or their augmentation.

    Args:
        augmentation: Change of every example, or None.
        x: [B, ...].
        noise: Draws of the move.
        section: Section of its draws, such as AUGMENTED_REAL or AUGMENTED_FAKE, so that no other
            draw shifts.
    """
    if augmentation is None:
        return x
    with noise.section(section):
        return augmentation(x, noise)


def check_separate(critic: keras.Model) -> None:
    """Raises ValueError if a critic mixes the examples of a batch, which a penalty cannot have."""
    if any(isinstance(layer, keras.layers.BatchNormalization) for layer in _layers(critic)):
        raise ValueError(
            "A penalty needs a critic that treats each example by itself (layer or no "
            "normalization). Received: BatchNormalization"
        )


def _layers(network: keras.Model) -> list[keras.Layer]:
    return [
        inner
        for layer in network.layers
        for inner in ([layer, *_layers(layer)] if isinstance(layer, keras.Model) else [layer])
    ]


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
