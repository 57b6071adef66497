"""Checkpoints of a game: everything that a continued run needs, written atomically, read with a way back."""

import pathlib

import numpy as np
import tensorflow as tf

from train import files
from zoo import games


class Checkpoints:
    """The newest checkpoints of one run, and the best by a metric.

    Args:
        directory: Where they lie.
        game: A compiled game.
        keep: How many of the newest stay, at least 2, so that a damaged one has one before it.
    """

    def __init__(self, directory: pathlib.Path, game: games.Game, keep: int = 2):
        self._game = game
        # a plain list of variables in a fixed order: attributes of Keras objects lose optimizers in dicts, silently
        self._variables = [variable.value for variable in game.state()]
        self._manager, self._best = (
            tf.train.CheckpointManager(
                tf.train.Checkpoint(state=self._variables),
                str(folder),
                max_to_keep=count,
                checkpoint_name="step",
            )
            for folder, count in [(directory, keep), (directory / "best", 1)]
        )
        self._best_file = directory / "best" / "best.json"

    @property
    def newest(self) -> str | None:
        """The newest checkpoint's path."""
        return self._manager.latest_checkpoint

    @property
    def best(self) -> dict | None:
        """Of the best checkpoint its `metric`, `value` and `step`; None if there is none."""
        return files.read_json(self._best_file) if self._best_file.is_file() else None

    def save_best(self, metric: str, value: float) -> None:
        """Writes the game's state in the place of the best one so far."""
        self._write(
            self._best
        )  # before what it is worth: a process killed between them leaves a better state under the older value
        files.write_json(
            self._best_file,
            {"metric": metric, "value": value, "step": int(self._game.step.numpy())},
        )

    def save(self) -> str:
        """Writes the game's state; the step is in the name.

        Raises:
            FloatingPointError: If a value is not finite; the newest checkpoint then stays the last good one.
        """
        return self._write(self._manager)

    def _write(self, manager: tf.train.CheckpointManager) -> str:
        for variable in self._game.state():
            value = variable.numpy()
            if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
                raise FloatingPointError(
                    f"A checkpoint must be finite. Received: {variable.path} with NaN or infinity. Last good: {self.newest}"
                )
        return manager.save(checkpoint_number=int(self._game.step.numpy()))

    def restore(self, *, best: bool = False) -> int | None:
        """Reads the newest checkpoint that is whole, or the best one.

        Returns:
            Its step, or None if there is no checkpoint.

        Raises:
            ValueError: If there are checkpoints and none of them can be read.
        """
        manager = self._best if best else self._manager
        paths = manager.checkpoints[::-1]
        for path in paths:
            try:
                manager.checkpoint.restore(path).assert_consumed()
            # a short file is an IndexError, other variables are an AssertionError or a ValueError
            except (
                tf.errors.OpError,
                AssertionError,
                ValueError,
                LookupError,
                RuntimeError,
            ) as error:
                print(
                    f"Checkpoint {path} cannot be read, the one before it is tried: {str(error).splitlines()[0]}",
                    flush=True,
                )
                continue
            return int(self._game.step.numpy())
        if paths:
            raise ValueError(
                f"A run needs one readable checkpoint. Received: {len(paths)}, damaged or of another game, in {pathlib.Path(paths[0]).parent}"
            )
        return None
