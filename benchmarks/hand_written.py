"""The training step that a user would write by hand, against which `Game.fit` is measured.

It is a `tf.function` with one gradient tape for each player, on Keras networks and optimizers. The
steps themselves are in by_hand/, one module for each family of games.
"""

import time

import keras
from by_hand import age, avb, bigan, cycle_gan, gan, steps, supervised, tan, vae

FAMILIES = {
    "age": age,
    "avb": avb,
    "bigan": bigan,
    "cycle_gan": cycle_gan,
    "gan": gan,
    "supervised": supervised,
    "tan": tan,
    "vae": vae,
}


def of(experiment, game, *, draws=None, all_logs: bool = True) -> steps.Step | None:
    """Returns the hand-written peer of a game, with the same weights and optimizer settings.

    Args:
        experiment: The experiment of the game.
        game: The compiled game.
        draws: Random draws to use instead of TensorFlow's own.
        all_logs: Whether to keep means of all logs; see `steps.Step`.

    Returns:
        The peer; None if nobody has written the step of such a game by hand.
    """
    family = FAMILIES.get(experiment.game.name)
    draws = draws or steps.Random(experiment.data.batch_size)
    return family and family.of(game, experiment.game.options, draws, all_logs=all_logs)


class Fit:
    """`Game.fit`, timed from the end of its first call of the graph to the end of its last."""

    def __init__(self, game, batches):
        self.game, self.batches, self.inner = game, batches, game.steps_per_execution

    def seconds(self, steps: int) -> float:
        ends = []
        clock = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter())
        )
        self.game.fit(
            self.batches,
            steps_per_epoch=steps + self.game.steps_per_execution,
            callbacks=[clock],
            verbose=0,
        )
        return ends[-1] - ends[0]


class Loop:
    """The hand-written step in a hand-written loop, timed without the first call of the graph."""

    def __init__(self, peer, batches, inner: int):
        self.function, self.batches, self.inner = peer.train_function(inner), batches, inner

    def seconds(self, steps: int) -> float:
        iterator = iter(self.batches)
        self.function(iterator)
        began = time.perf_counter()
        for _ in range(steps // self.inner):
            self.function(iterator)
        return time.perf_counter() - began


def competitors(experiment, game, batches, inner: int) -> dict[str, Fit | Loop]:
    """Returns `fit` and its two peers on one data set, with `inner` steps in a call of a graph."""
    return {
        "fit": Fit(game, batches),
        "hand_written": Loop(of(experiment, game, all_logs=True), batches, inner),
        "hand_written_losses_only": Loop(of(experiment, game, all_logs=False), batches, inner),
    }
