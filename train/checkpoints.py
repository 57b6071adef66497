"""Checkpoints of a game: all that a continued run needs, each written as a whole.

A checkpoint that cannot be read is passed over, and the one before it is taken.
"""

import pathlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from export.runtime import files
from train import checkpoint_files, experiments, gathered, runs
from zoo import games
from zoo.games import statistics

BEST_FILE = pathlib.PurePath("best", "best.json")  # below the folder of the checkpoints
# a short file is an IndexError, other variables are an AssertionError or a ValueError
UNREADABLE = (tf.errors.OpError, AssertionError, ValueError, LookupError, RuntimeError)


class Elsewhere(NamedTuple):
    """The checkpoints of a run that another worker writes."""

    newest: str = "that of worker 0"


class Checkpoints:
    """The newest checkpoints of one run, and the best by a metric.

    Args:
        directory: Folder of the checkpoints.
        game: A compiled game, which is saved and restored.
        keep: Number of newest checkpoints that are kept; at least 2, so that there is one before a
            damaged one.
        copied: Files of which each checkpoint but the best keeps a copy, as they are when it is
            saved, so that a run that goes on from it can see whether they are damaged.
    """

    def __init__(
        self,
        directory: pathlib.Path,
        game: games.Game,
        keep: int = 2,
        *,
        copied: Sequence[pathlib.Path] = (),
    ):
        self._directory, self._game, self._keep = directory, game, keep
        self._copied, self._damaged = tuple(copied), set()
        # A plain list of variables in a fixed order: a checkpoint of a Keras object silently leaves
        # out optimizers that it keeps in a dict.
        variables = [variable.value for variable in game.state()]
        self._checkpoint = tf.train.Checkpoint(state=variables)
        self._checkpoint.save_counter.assign(0)  # makes it: all checkpoints hold one
        self._best_folder = directory / BEST_FILE.parent
        self._best_file = directory / BEST_FILE

    @property
    def newest(self) -> str | None:
        """Path of the newest checkpoint that is not known to be damaged; None if there is none."""
        return next(map(str, self._whole()), None)

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
        # The file names the best checkpoint, so that a process killed on the way has the one before
        path = self._write(self._best_folder)
        step = checkpoint_files.step(path)
        content = {"metric": metric, "split": split, "value": value, "step": step}
        files.write_json(self._best_file, content)
        for other in checkpoint_files.listed(self._best_folder):
            if other != path:
                checkpoint_files.remove(other)
        checkpoint_files.write_state(self._best_folder)

    def save(self) -> str:
        """Writes the game's state and returns the path, whose end is the step.

        Raises:
            FloatingPointError: If a value of the state is not finite. Nothing is written then, so
                that the newest checkpoint is a good one.
        """
        path = self._write(self._directory, self._copied)
        self._damaged.discard(path)
        for other in [*self._damaged, *self._whole()[self._keep :]]:
            checkpoint_files.remove(other)
        self._damaged.clear()
        checkpoint_files.write_state(self._directory)
        return str(path)

    def copy(self) -> None:
        """Copies the watched files anew if the newest checkpoint is of the game's present step."""
        path = self.newest and pathlib.Path(self.newest)
        if path and self._copied and checkpoint_files.step(path) == int(self._game.step.numpy()):
            checkpoint_files.copy(path, self._copied)

    def copies(self, step: int) -> dict[pathlib.Path, pathlib.Path]:
        """Returns by file the copy of it that the checkpoint of a step keeps, if it is whole."""
        path = self._directory / f"{checkpoint_files.NAME}-{step}"
        kept = {file: checkpoint_files.copy_of(path, file.name) for file in self._copied}
        return {file: copy for file, copy in kept.items() if copy}

    def readable(self, *, best: bool = False) -> bool:
        """Returns whether the newest checkpoint, or the best one, can be read; sets nothing."""
        path = self._paths(best)[0]
        try:
            reader = tf.train.load_checkpoint(str(path))
            for name in reader.get_variable_to_shape_map():
                reader.get_tensor(name)
        except UNREADABLE:
            return False
        return True

    def sweep(self) -> None:
        """Removes what broken saves left. Nobody else may write to the run."""
        for folder in (self._directory, self._best_folder):
            checkpoint_files.sweep(folder)

    def _write(self, folder: pathlib.Path, copied: Sequence[pathlib.Path] = ()) -> pathlib.Path:
        for variable in self._game.state():
            value = variable.numpy()
            if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
                raise FloatingPointError(
                    f"A checkpoint must be finite. Received: {variable.path} with NaN or infinity. "
                    f"Last good: {self.newest}"
                )
        path = folder / f"{checkpoint_files.NAME}-{int(self._game.step.numpy())}"
        with checkpoint_files.placed(path) as partial:
            self._checkpoint.write(str(partial / path.name))
            if copied:
                write = pathlib.Path.write_bytes
                checkpoint_files.copy(partial / path.name, copied, write=write)
        return path

    def restore(self, *, best: bool = False) -> int | None:
        """Sets the game to its newest checkpoint that can be read.

        Args:
            best: Whether to read the best checkpoint instead.

        Returns:
            The step of the checkpoint, or None if there is no checkpoint.

        Raises:
            ValueError: If there are checkpoints and none of them can be read.
        """
        paths = self._paths(best)
        for path in paths:
            try:
                self._checkpoint.restore(str(path)).assert_consumed()
            except UNREADABLE as error:
                self._damaged.add(path)
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
                f"Received: {len(paths)}, damaged or of another game, in {paths[0].parent}"
            )
        return None

    def _whole(self) -> list[pathlib.Path]:
        return [p for p in checkpoint_files.listed(self._directory) if p not in self._damaged]

    def _paths(self, best: bool) -> list[pathlib.Path]:
        """Returns the checkpoints, or those of the best one, in the order in which they count."""
        if not best:
            return checkpoint_files.listed(self._directory)
        paths = checkpoint_files.listed(self._best_folder)
        if self._best_file.is_file():  # the others are of a process that was killed
            paths.sort(key=lambda path: checkpoint_files.step(path) != self.best["step"])
        return paths


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
    if gathered.batches(run, int(game.step.numpy())):
        for variable, value in zip(statistics.variables(game), gathered.values(run), strict=True):
            variable.assign(value)
    return game
