"""The adversarial losses, and what is logged of a critic's logits."""

from typing import NamedTuple

import tensorflow as tf


class Loss(NamedTuple):
    """Functions of logits that return scalars, named as in `zoo.losses.AdversarialLoss`."""

    critic_real: object
    critic_fake: object
    opponent_real: object
    opponent_fake: object


def _mean(function):
    return lambda logits: tf.reduce_mean(function(logits))


def _softplus_of_minus(logits):
    return tf.nn.softplus(-logits)


LOSSES = {
    "non_saturating": Loss(
        *map(_mean, (_softplus_of_minus, tf.nn.softplus, tf.nn.softplus, _softplus_of_minus))
    ),
    "wasserstein": Loss(*map(_mean, (tf.negative, tf.identity, tf.identity, tf.negative))),
    "hinge": Loss(
        *map(
            _mean,
            (
                lambda logits: tf.nn.relu(1.0 - logits),
                lambda logits: tf.nn.relu(1.0 + logits),
                tf.identity,
                tf.negative,
            ),
        )
    ),
    # the 0-1 coding
    "least_squares": Loss(
        *map(
            _mean,
            (
                lambda logits: 0.5 * tf.square(logits - 1.0),
                lambda logits: 0.5 * tf.square(logits),
                lambda logits: 0.5 * tf.square(logits),
                lambda logits: 0.5 * tf.square(logits - 1.0),
            ),
        )
    ),
    # f-GAN's for Kullback-Leibler: the bound's two terms, -V and exp(V - 1)
    "kl": Loss(
        *map(
            _mean,
            (
                tf.negative,
                lambda logits: tf.exp(logits - 1.0),
                tf.identity,
                lambda logits: -tf.exp(logits - 1.0),
            ),
        )
    ),
}


def chosen(spec) -> str | None:
    """Returns the name in LOSSES of a loss as an experiment describes it; None if it is no other's.

    Args:
        spec: The loss's `Spec`.
    """
    if spec.name == "f_gan":
        divergence = spec.options["divergence"].name
        return divergence if divergence == "kl" and len(spec.options) == 1 else None
    return spec.name if spec.name in LOSSES and not spec.options else None


def critic_logs(loss: str) -> list[str]:
    """Returns the names of what `logged` returns."""
    bound = ["divergence_bound", "threshold_real_share", "threshold_fake_share"]
    return ["critic_accuracy", "logit_gap"] + bound * (loss == "kl")


def logged(loss: str, real, fake) -> dict[str, tf.Tensor]:
    """Returns what a game logs of the logits of real and of generated data."""
    logs = {
        "critic_accuracy": tf.reduce_mean(tf.cast(real > fake, tf.float32)),
        "logit_gap": tf.reduce_mean(real) - tf.reduce_mean(fake),
    }
    if loss == "kl":
        logs["divergence_bound"] = tf.reduce_mean(real) - tf.reduce_mean(tf.exp(fake - 1.0))
        logs["threshold_real_share"] = tf.reduce_mean(tf.cast(real > 1.0, tf.float32))
        logs["threshold_fake_share"] = tf.reduce_mean(tf.cast(fake > 1.0, tf.float32))
    return logs
