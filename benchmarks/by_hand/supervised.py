"""The hand-written step of a classifier."""

import tensorflow as tf

from by_hand import steps


class Supervised(steps.Step):
    """A classifier on labels.

    Args:
        networks: The classifier by name.
        players: See `steps.Step`.
        draws: See `steps.Step`.
        all_logs: See `steps.Step`.
    """

    def __init__(self, networks, players, draws, *, all_logs=True):
        super().__init__(players, draws, logs=["accuracy"], all_logs=all_logs)
        self.classifier = networks["classifier"]

    def step(self, batch):
        source, labels, logs = self.draws.of_move(0, 0), batch["label"], {}
        with source.current(), self.tape("classifier") as tape:
            logits = self.classifier(batch["x"], training=True)
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            )
        if self.all_logs:
            right = tf.cast(tf.argmax(logits, axis=1) == labels, tf.float32)
            logs["accuracy"] = tf.reduce_mean(right)
        self.apply("classifier", self.gradients(tape, "classifier", loss, logs))
        return logs


def of(game, options: dict, draws, *, all_logs: bool) -> Supervised | None:
    """Returns the peer of a game."""
    return Supervised(*steps.copies(game), draws, all_logs=all_logs)
