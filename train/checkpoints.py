"""Checkpoints of a game: everything that a continued run needs, written atomically, read with a way back."""

import pathlib

import numpy as np
import tensorflow as tf

from zoo.games import game as game_module


class Checkpoints:
    """The newest checkpoints of one run.

    Args:
        directory: Where they lie.
        game: A compiled game.
        keep: How many of the newest stay, at least 2, so that a damaged one has one before it.
    """

    def __init__(self, directory: pathlib.Path, game: game_module.Game, keep: int = 2):
        self._game = game
        # a plain list of variables in a fixed order: attributes of Keras objects lose optimizers in dicts, silently
        self._variables = [variable.value for variable in game.state()]
        self._manager = tf.train.CheckpointManager(
            tf.train.Checkpoint(state=self._variables), str(directory), max_to_keep=keep, checkpoint_name="step"
        )

    @property
    def newest(self) -> str | None:
        """The newest checkpoint's path."""
        return self._manager.latest_checkpoint

    def save(self) -> str:
        """Writes the game's state; the step is in the name.

        Raises:
            FloatingPointError: If a value is not finite; the newest checkpoint then stays the last good one.
        """
        for variable in self._game.state():
            value = variable.numpy()
            if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
                raise FloatingPointError(
                    f"A checkpoint must be finite. Received: {variable.path} with NaN or infinity. Last good: {self.newest}"
                )
        return self._manager.save(checkpoint_number=int(self._game.step.numpy()))

    def restore(self) -> int | None:
        """Reads the newest checkpoint that is whole.

        Returns:
            Its step, or None if there is no checkpoint.

        Raises:
            ValueError: If there are checkpoints and none of them can be read.
        """
        paths = self._manager.checkpoints[::-1]
        for path in paths:
            try:
                self._manager.checkpoint.restore(path).assert_consumed()
            # a short file is an IndexError, other variables are an AssertionError or a ValueError
            except (tf.errors.OpError, AssertionError, ValueError, LookupError, RuntimeError) as error:
                print(f"Checkpoint {path} cannot be read, the one before it is tried: {str(error).splitlines()[0]}", flush=True)
                continue
            return int(self._game.step.numpy())
        if paths:
            raise ValueError(
                f"A run needs one readable checkpoint. Received: {len(paths)}, damaged or of another game, in {pathlib.Path(paths[0]).parent}"
            )
        return None
