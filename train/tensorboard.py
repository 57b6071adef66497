"""What TensorBoard shows of a run: every number of an epoch by player, and grids of samples."""

import contextlib
import pathlib
import re
import shutil
import socket
import time
from collections.abc import Container, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from export.runtime import files
from train import history, runs

EVENTS = "events.out.tfevents"


class TensorBoard(keras.callbacks.Callback):
    """Writes scalars and pictures for TensorBoard at the end of every whole epoch.

    The tag of a log of a player begins with the player's name, as in `critic/loss`, so that
    TensorBoard groups them. All are at the step of the game.

    It stands behind `callbacks.Epochs`, which writes the row of the epoch and its grids.

    Args:
        run: Run whose history and grids are shown.
    """

    def __init__(self, run: runs.Run):
        super().__init__()
        self._run, self._writer = run, None

    def on_epoch_end(self, epoch, logs=None):
        step, players = int(self.model.step.numpy()), list(self.model.players())
        row = next(iter(history.read(self._run.history)[-1:]), {})
        if row.get("step") != step:
            return  # stopped inside the epoch
        if self._writer is None:
            self._writer = tf.summary.create_file_writer(str(self._run.logs))
        with self._writer.as_default():
            _write(self._run, row, players)
        self._writer.flush()

    def on_train_end(self, logs=None):
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def resume(run: runs.Run, step: int, players: Sequence[str]) -> None:
    """Makes the events of a run those of its epochs up to a step, each of them once.

    Events of later epochs, which the run makes again, and double ones are left out. Those that a
    killed process did not write are made of history.csv and the grids. The others keep their
    times. Nobody else may write to the folder.

    Args:
        run: The run.
        step: Step that the run goes on from.
        players: Names of the players.
    """
    rows = [row for row in history.read(run.history) if row["step"] <= step]
    paths = sorted(run.logs.glob(f"{EVENTS}*")) if run.logs.is_dir() else []
    kept, seen, double = [], set(), False
    for event in (event for path in paths for event in _events(path)):
        names = {(event.step, value.tag) for value in event.summary.value}
        if names and event.step <= step and not names & seen:
            kept.append(event.SerializeToString())
            seen |= names
        else:
            double |= bool(names)
    missing = [row for row in rows if not _tags(run, row, players) <= seen]
    if not double and not missing:
        return
    made = run.logs / "resumed.partial"
    shutil.rmtree(made, ignore_errors=True)
    writer = tf.summary.create_file_writer(str(made))
    with writer.as_default():
        for row in missing:
            _write(run, row, players, known=seen)
    writer.close()
    content = [event.SerializeToString() for path in made.iterdir() for event in _events(path)]
    name = f"{EVENTS}.{int(time.time()):010d}.{socket.gethostname()}.resumed"
    with tf.io.TFRecordWriter(str(made / name)) as file:
        for event in [content[0], *kept, *content[1:]]:  # the first one says the format
            file.write(event)
    files.sync(made / name)
    (made / name).replace(run.logs / name)  # first: a process killed here leaves double events
    for path in paths:
        if path.name != name:
            path.unlink()
    shutil.rmtree(made)


def _events(path: pathlib.Path) -> Iterator["tf.compat.v1.Event"]:
    """Yields the events of a file, up to where a killed process broke it off."""
    try:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            yield tf.compat.v1.Event.FromString(record)
    except tf.errors.DataLossError:
        return


def _tags(run: runs.Run, row: dict, players: Sequence[str]) -> set[tuple[int, str]]:
    """Returns the step and the tag of each event of an epoch."""
    step = int(row["step"])
    names = [tag(name, players) for name in _numbers(row)] + [name for name, _ in _grids(run, step)]
    return {(step, name) for name in names}


def _write(run: runs.Run, row: dict, players: Sequence[str], known: Container = ()) -> None:
    """Writes the events of an epoch but those of which the step and the tag are known."""
    step = int(row["step"])
    for name, value in _numbers(row).items():
        if (step, tag(name, players)) not in known:
            tf.summary.scalar(tag(name, players), value, step=step)
    for name, path in _grids(run, step):
        if (step, name) not in known:
            with contextlib.suppress(OSError, SyntaxError):  # a picture that somebody damaged
                pixels = np.asarray(Image.open(path).convert("RGB"))
                tf.summary.image(name, pixels[np.newaxis], step=step)


def _numbers(row: dict) -> dict[str, float]:
    return {k: v for k, v in row.items() if k not in ("epoch", "step", history.VERDICT)}


def _grids(run: runs.Run, step: int) -> list[tuple[str, pathlib.Path]]:
    """Returns the tag and the path of each picture of a step."""
    paths = sorted(run.samples.glob(f"step_{step:08d}*.png"))
    return [(re.sub(r"^step_\d+_?", "", path.stem) or "samples", path) for path in paths]


def tag(name: str, players: Sequence[str]) -> str:
    """Returns the tag of a log: `critic/loss` of `critic_loss`.

    Example:
        >>> tag("critic_logit_gap", ["critic", "generator"]), tag("elbo", ["autoencoder"])
        ('critic/logit_gap', 'elbo')
    """
    player = next((player for player in players if name.startswith(f"{player}_")), None)
    return name if player is None else f"{player}/{name.removeprefix(f'{player}_')}"
