"""Checkpoints of a game: all that a continued run needs, each written as a whole.

A checkpoint that cannot be read is passed over, and the one before it is taken.
"""

import io
import pathlib

import numpy as np
import tensorflow as tf

from export.runtime import files
from train import experiments, runs
from zoo import games
from zoo.games import statistics

STATISTICS_FILE = "statistics.npz"  # in that folder
BEST_FILE = pathlib.PurePath("best", "best.json")  # below the folder of the checkpoints


class Checkpoints:
    """The newest checkpoints of one run, and the best by a metric.

    Args:
        directory: Folder of the checkpoints.
        game: A compiled game, which is saved and restored.
        keep: Number of newest checkpoints that are kept; at least 2, so that there is one before a
            damaged one.
    """

    def __init__(self, directory: pathlib.Path, game: games.Game, keep: int = 2):
        self._game = game
        # A plain list of variables in a fixed order: a checkpoint of a Keras object silently leaves
        # out optimizers that it keeps in a dict.
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
        self._best_file = directory / BEST_FILE

    @property
    def newest(self) -> str | None:
        """Path of the newest checkpoint; None if there is none."""
        return self._manager.latest_checkpoint

    @property
    def best(self) -> dict | None:
        """The `metric`, its `split` and `value`, and the `step` of the best checkpoint.

        None if there is none.
        """
        return files.read_json(self._best_file) if self._best_file.is_file() else None

    def save_best(self, metric: str, value: float, split: str) -> None:
        """Writes the game's state as the best checkpoint, which replaces the one before.

        Args:
            metric: Name of the metric that chose it.
            value: Value of the metric.
            split: Part of the data set that the metric was measured on.

        Raises:
            FloatingPointError: If a value of the state is not finite.
        """
        # The state comes first: a process killed here leaves a better state with the older value.
        self._write(self._best)
        files.write_json(
            self._best_file,
            {
                "metric": metric,
                "split": split,
                "value": value,
                "step": int(self._game.step.numpy()),
            },
        )

    def save(self) -> str:
        """Writes the game's state and returns the path, whose end is the step.

        Raises:
            FloatingPointError: If a value of the state is not finite. Nothing is written then, so
                that the newest checkpoint is a good one.
        """
        return self._write(self._manager)

    def _write(self, manager: tf.train.CheckpointManager) -> str:
        for variable in self._game.state():
            value = variable.numpy()
            if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
                raise FloatingPointError(
                    f"A checkpoint must be finite. Received: {variable.path} with NaN or infinity. "
                    f"Last good: {self.newest}"
                )
        return manager.save(checkpoint_number=int(self._game.step.numpy()))

    def restore(self, *, best: bool = False) -> int | None:
        """Sets the game to its newest checkpoint that can be read.

        Args:
            best: Whether to read the best checkpoint instead.

        Returns:
            The step of the checkpoint, or None if there is no checkpoint.

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
                    f"Checkpoint {path} cannot be read, the one before it is tried: "
                    f"{str(error).splitlines()[0]}",
                    flush=True,
                )
                continue
            return int(self._game.step.numpy())
        if paths:
            raise ValueError(
                "A run needs one readable checkpoint. "
                f"Received: {len(paths)}, damaged or of another game, "
                f"in {pathlib.Path(paths[0]).parent}"
            )
        return None


def write_statistics(run: runs.Run, step: int, batches: int, values: list[np.ndarray]) -> None:
    """Writes the statistics of batch normalization that a game has after its training.

    Args:
        run: A run.
        step: Step of the checkpoint that they belong to.
        batches: Number of batches from which they were gathered.
        values: What `zoo.games.statistics.gathered` returned.
    """
    arrays = {f"value_{at}": value for at, value in enumerate(values)}
    content = io.BytesIO()
    np.savez(content, step=step, batches=batches, **arrays)
    files.write_bytes(run.checkpoints / STATISTICS_FILE, content.getvalue())


def gathered_batches(run: runs.Run, step: int) -> int | None:
    """Returns from how many batches the statistics of a step's checkpoint were gathered, or None.

    A best checkpoint has its moving averages, as training left them.
    """
    path = run.checkpoints / STATISTICS_FILE
    if run.best or not path.is_file():
        return None
    with np.load(path) as arrays:
        return int(arrays["batches"]) if int(arrays["step"]) == step else None


def load_game(run: runs.Run) -> games.Game:
    """Returns the game of a run with the weights of its newest checkpoint, or of its best one.

    The data set of the run is not needed. Where statistics of batch normalization were gathered
    when the training was done, the game has them in the place of the moving averages.

    Args:
        run: A run that has been trained; `run.best` says which checkpoint is read.

    Raises:
        FileNotFoundError: If this is not a run directory, or has no such checkpoint yet.
        ValueError: If no checkpoint of the run can be read.
    """
    run.import_config()
    game = experiments.compiled(run.experiment(), run.record()["data"])
    if Checkpoints(run.checkpoints, game).restore(best=run.best) is None:
        rule = "A run needs a checkpoint; train it first"
        if run.best:
            rule = "A run has a best checkpoint when it is trained with train.evaluate_every"
        raise FileNotFoundError(f"{rule}. Received: {run.directory} without one")
    if gathered_batches(run, int(game.step.numpy())):
        with np.load(run.checkpoints / STATISTICS_FILE) as arrays:
            for at, variable in enumerate(statistics.variables(game)):
                variable.assign(arrays[f"value_{at}"])
    return game
