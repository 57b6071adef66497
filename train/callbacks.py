"""What happens during a training besides its steps: stopping, history, samples, checkpoints."""

import math
import os
import pathlib
import signal
import sys
import time
from collections.abc import Callable

import keras
import numpy as np

from configs import schema
from export.runtime import grids
from train import checkpoints, history, runs, verdict
from train.report import run_page
from zoo import progress

DRAWN = 256  # samples at least, of which the diversity is measured
NOT_JUDGED = ("images_per_second", history.VERDICT)  # what a verdict does not look at


class Stop(keras.callbacks.Callback):
    """Ends training after the step in which SIGTERM or SIGINT came, or a log was not finite.

    Args:
        saved: Checkpoints of the run, to name the last good one.
        agree: Function of the number of a signal that came to this process, or 0, that returns the
            one on which all processes of the training agree; None if there is one process.

    Attributes:
        signal: Number of the signal that ends the training, or None.
        failure: What was not finite and when, or None.
    """

    def __init__(self, saved: checkpoints.Checkpoints, agree: Callable[[int], int] | None = None):
        super().__init__()
        self.signal: int | None = None
        self.failure: str | None = None
        self._saved, self._agree, self._came = saved, agree, 0

    def __enter__(self):
        self._before = {
            number: signal.signal(number, self._caught)
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _caught(self, number, _):
        if self._came:
            os._exit(128 + number)  # the second signal: at once; the last checkpoint stands
        self._came = number
        if self._agree is None:
            self.signal = number
        print(
            f"\n{signal.Signals(number).name}: finishing the step, then saving; "
            "once more to exit at once",
            file=sys.stderr,
            flush=True,
        )

    def on_train_batch_end(self, batch, logs=None):
        if self._agree is not None:
            self.signal = self._agree(self._came) or None
        wrong = [name for name, value in (logs or {}).items() if not math.isfinite(value)]
        if wrong:
            player = next(
                (p for p in self.model.players() if any(name.startswith(p) for name in wrong)),
                "a player",
            )
            self.failure = (
                f"Not finite: {', '.join(wrong)} of {player!r} "
                f"by step {int(self.model.step.numpy())}. "
                f"Last good checkpoint: {self._saved.newest or 'none yet'}"
            )
        if wrong or self.signal is not None:
            self.model.stop_training = True


class Totals(keras.callbacks.Callback):
    """Gives the logs of the epoch in which a continued run begins what the run had before it.

    Args:
        totals: Sums of the logs of that epoch; None if the run begins with a whole epoch.
    """

    def __init__(self, totals: list[np.ndarray] | None):
        super().__init__()
        self._totals = totals

    def on_epoch_begin(self, epoch, logs=None):
        if self._totals is not None:  # Keras has just set them to zero
            for variable, value in zip(self.model.metrics_variables, self._totals, strict=True):
                variable.assign(value)
            self._totals = None


class Epochs(keras.callbacks.Callback):
    """Ends every whole epoch: a row of history.csv, a printed line, samples and a checkpoint.

    Args:
        run: Run directory to write to.
        settings: The settings of the training, which say how often and how many.
        steps_per_epoch: Steps of a whole epoch.
        examples_per_step: Examples that a step takes.
        x: Some examples [N, ...] in the range of the data, to compare the spread of samples with.
        draw: Function from a count to that many samples [count, ...], always the same ones of
            the same weights; None if the game does not sample.
        views: Function that returns, by endpoint, some examples [N, ...] and what the game makes of
            them [N, ...].
        saved: Checkpoints of the run.
        value_range: Range of images; None for points.
    """

    def __init__(
        self,
        *,
        run: runs.Run,
        settings: schema.Train,
        steps_per_epoch: int,
        examples_per_step: int,
        x: np.ndarray,
        draw: Callable[[int], np.ndarray] | None,
        views: Callable[[], dict[str, tuple[np.ndarray, np.ndarray]]],
        saved: checkpoints.Checkpoints,
        value_range: tuple[float, float] | None,
    ):
        super().__init__()
        self._run, self._settings, self._saved = run, settings, saved
        self._steps, self._examples = steps_per_epoch, examples_per_step
        self._draw, self._views, self._value_range = draw, views, value_range
        self._x, self._spread = x, spread(x)
        self._rows: list[dict[str, float | str]] = []
        self._traced = False

    def on_train_begin(self, logs=None):
        if self._draw is not None and not self._run.examples.exists():  # next to samples
            self._grid(self._run.examples, self._x)

    def on_epoch_begin(self, epoch, logs=None):
        self._timed_steps, self._started = 0, time.monotonic()
        if self._traced:
            self._start, self._first = self._started, int(self.model.step.numpy())

    def on_train_batch_end(self, batch, logs=None):
        now = int(self.model.step.numpy())
        # The first call of a process traces the graph, which says nothing about the speed.
        if not self._traced:
            self._traced, self._start, self._first = True, time.monotonic(), now
        self._timed_steps = now - self._first

    def on_epoch_end(self, epoch, logs=None):
        step, logs = int(self.model.step.numpy()), logs or {}
        if step % self._steps:
            return  # stopped inside the epoch
        seconds = time.monotonic() - self._start
        images = self._timed_steps * self._examples
        samples = None
        if self._draw is not None:
            samples = self._draw(max(self._settings.samples, DRAWN))
        row = {"epoch": epoch + 1, "step": step}
        row |= {name: float(value) for name, value in logs.items()}
        row |= {} if samples is None else {"diversity": spread(samples) / self._spread}
        row |= {"images_per_second": images / seconds} if images else {}
        row["seconds"] = time.monotonic() - self._started
        self._keep(row)
        if not all(map(math.isfinite, logs.values())):
            return  # `Stop` ends the run; the last good checkpoint stands
        last = epoch + 1 == self._settings.epochs
        shown = last or (epoch + 1) % self._settings.sample_every == 0
        if shown:
            self._show(step, samples)
        if last or (epoch + 1) % self._settings.checkpoint_every == 0:
            self._saved.save()
        if shown and not last:  # the last page is written when the run has ended
            run_page.write(self._run, references=self.model.references())

    def _keep(self, row: dict[str, float | str]) -> None:
        """Adds the row of an epoch, with its verdict, to the history, and prints its line."""
        self._rows = self._rows or history.read(self._run.history, before=row["epoch"])
        self._rows.append(row)
        judged = [
            {name: value for name, value in each.items() if name not in NOT_JUDGED}
            for each in self._rows
        ]
        players = list(self.model.players())
        row[history.VERDICT] = verdict.verdict(judged, players)
        history.write(self._run.history, row)
        epochs, word = self._settings.epochs, row[history.VERDICT]
        print(verdict.line(row, players, epochs, word, width=progress.width()), flush=True)

    def _show(self, step: int, samples: np.ndarray | None) -> None:
        """Writes the pictures of a step: samples, and examples next to what is made of them."""
        picture = self._run.samples / f"step_{step:08d}.png"
        if samples is not None:
            # a conditional game's grid has a class in each row
            self._grid(picture, samples, rows=self.model.classes())
        for name, (x, made) in self._views().items():
            path = picture.with_stem(f"{picture.stem}_{name}")
            grids.write_pairs(path, x, made, self._value_range)

    def _grid(self, path: pathlib.Path, x: np.ndarray, rows: int | None = None) -> None:
        shown = x[: self._settings.samples] if x.ndim == 4 else x
        grids.write(path, shown, self._value_range, rows=rows)


def spread(x: np.ndarray) -> float:
    """Returns how far examples [N, ...] differ: the root of their mean variance."""
    return float(np.sqrt(np.mean(np.var(np.asarray(x, np.float64), axis=0))))
