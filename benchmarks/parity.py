"""Whether a hand-written step computes what a game does: same weights, data and random draws."""

import hand_written
import numpy as np
import tensorflow as tf

from zoo import noise

CHECKED_STEPS = 3


class Fed:
    """The random draws of a game, for use in the hand-written step.

    Args:
        game: The game.
        batch: Number of examples of a move.
    """

    def __init__(self, game, batch: int):
        self.step, self.game, self.batch = tf.Variable(0, dtype=tf.int64), game, batch

    def of_move(self, player: int, move: int) -> noise.Noise:
        keys = {"seed": self.game.seed, "step": self.step, "player": player, "move": move}
        return noise.Noise(**keys, batch=self.batch)


def check(experiment, game, batches) -> dict[str, float] | None:
    """Makes the same steps with a game and by hand, on the same data and the same random draws.

    Args:
        experiment: The experiment of the game.
        game: The compiled game at its first step, which makes one step in a call.
        batches: Its batches, the same ones whenever they are read.

    Returns:
        The largest relative difference of a logged value, and the fraction of the weights that
        differ by more than 1e-5; None if there is no hand-written step.

    Raises:
        ValueError: If the two differ by more than rounding.
    """
    draws = Fed(game, experiment.data.batch_size)
    peer = hand_written.of(experiment, game, draws=draws)
    if peer is None:
        return None
    logs = game.fit(batches, steps_per_epoch=CHECKED_STEPS, verbose=0).history
    one, iterator = peer.train_function(1), iter(batches)
    for _ in range(CHECKED_STEPS):
        one(iterator)
        draws.step.assign_add(1)
    means = peer.means()
    if set(means) != set(logs):
        raise ValueError(
            "The hand-written step must log what the game does. "
            f"Received: {sorted(means)} by hand, {sorted(logs)} by the game"
        )
    difference = max(abs(means[name] - logs[name][0]) / (1e-3 + abs(means[name])) for name in means)
    differing = [
        np.abs(a.numpy() - b.numpy()).ravel() > 1e-5
        for name, player in game.players().items()
        for a, b in zip(peer.variables[name], player.trainable_variables, strict=True)
    ]
    result = {
        "steps": CHECKED_STEPS,
        "largest_relative_difference_of_logs": difference,
        "fraction_of_weights_that_differ": float(np.concatenate(differing).mean()),
    }
    if not (difference < 1e-3 and result["fraction_of_weights_that_differ"] < 0.01):
        raise ValueError(
            "The hand-written step must compute what the game does. "
            f"Received: {result}, by hand {means}, by the game {logs}"
        )
    return result
