"""What a run does beside its steps: stop, keep a history, draw samples, save."""

import math
import os
import signal
import sys
import time
from collections.abc import Callable

import keras
import numpy as np

from configs import schema
from train import checkpoints as checkpoints_module
from train import history, runs, verdict
from train.evaluation import candidates, measurements, metrics, records
from train.inference import grids
from train.report import run_page


class Stop(keras.callbacks.Callback):
    """Ends training after the step in which SIGTERM or SIGINT came, and on a loss that is not finite.

    Attributes:
        signal: Number of the signal that came, or None.
        failure: What was not finite and when, or None.
    """

    def __init__(self, checkpoints: checkpoints_module.Checkpoints):
        super().__init__()
        self.signal: int | None = None
        self.failure: str | None = None
        self._checkpoints = checkpoints

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
        if self.signal is not None:
            os._exit(128 + number)  # the second one: at once, the last checkpoint stands
        self.signal = number
        print(
            f"\n{signal.Signals(number).name}: finishing the step, then saving; once more to exit at once",
            file=sys.stderr,
            flush=True,
        )

    def on_train_batch_end(self, batch, logs=None):
        wrong = [name for name, value in (logs or {}).items() if not math.isfinite(value)]
        if wrong:
            player = next(
                (p for p in self.model.players() if any(name.startswith(p) for name in wrong)),
                "a player",
            )
            step = int(self.model.step.numpy())
            self.failure = (
                f"Not finite: {', '.join(wrong)} of {player!r} by step {step}. "
                f"Last good checkpoint: {self._checkpoints.newest or 'none yet'}"
            )
        if wrong or self.signal is not None:
            self.model.stop_training = True


class Epochs(keras.callbacks.Callback):
    """At the end of every whole epoch: its row in history.csv, its line on the screen, samples, and a checkpoint.

    Args:
        run: Where things go.
        epochs: How many in all.
        steps_per_epoch: Steps of a whole epoch.
        examples_per_step: Examples that a step consumes.
        x: Some examples [N, ...] in the range of the data, to compare the samples' spread with.
        draw: Takes a count, returns that many samples [N, ...] at fixed latents; None of a game that does not sample.
        views: Takes examples, returns what the game makes of them, [N, ...] by the endpoint's name.
        checkpoints: Where the game is saved.
        sample_every: Epochs between sample grids.
        checkpoint_every: Epochs between checkpoints.
        totals: Sums of the reports of the epoch that a continued run begins in, to go on from; None to begin at zero.
    """

    def __init__(
        self,
        *,
        run: runs.Run,
        epochs: int,
        steps_per_epoch: int,
        examples_per_step: int,
        x: np.ndarray,
        draw: Callable[[int], np.ndarray] | None,
        views: Callable[[np.ndarray], dict[str, np.ndarray]],
        checkpoints: checkpoints_module.Checkpoints,
        sample_every: int,
        checkpoint_every: int,
        samples: int,
        value_range: tuple[float, float] | None,
        totals: list[np.ndarray] | None = None,
    ):
        super().__init__()
        self._run, self._epochs, self._steps, self._examples = (
            run,
            epochs,
            steps_per_epoch,
            examples_per_step,
        )
        self._spread, self._draw, self._views, self._checkpoints = (
            spread(x),
            draw,
            views,
            checkpoints,
        )
        self._sample_every, self._checkpoint_every, self._samples = (
            sample_every,
            checkpoint_every,
            samples,
        )
        self._value_range, self._totals, self._x = value_range, totals, x[:samples]
        self._rows: list[dict[str, float]] = []

    def on_epoch_begin(self, epoch, logs=None):
        if self._totals is not None:  # Keras has just set them to zero
            for variable, value in zip(self.model.metrics_variables, self._totals, strict=True):
                variable.assign(value)
            self._totals = None
        self._timed_steps, self._start, self._started = 0, None, time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        now = int(self.model.step.numpy())
        if (
            self._start is None
        ):  # the first step of a process traces the graph, which is not its speed
            self._start, self._first = time.monotonic(), now
        self._timed_steps = now - self._first

    def on_epoch_end(self, epoch, logs=None):
        if int(self.model.step.numpy()) % self._steps:
            return  # stopped inside the epoch
        seconds = time.monotonic() - self._start
        samples = None if self._draw is None else self._draw(max(self._samples, 256))
        row = {
            "epoch": epoch + 1,
            "step": int(self.model.step.numpy()),
            **{name: float(value) for name, value in (logs or {}).items()},
            **({} if samples is None else {"diversity": spread(samples) / self._spread}),
            "images_per_second": self._timed_steps * self._examples / seconds
            if self._timed_steps
            else math.nan,
            "seconds": time.monotonic() - self._started,
        }
        self._rows = self._rows or history.read(self._run.history, before=epoch + 1)
        players = list(self.model.players())
        word = verdict.verdict(
            [
                {k: v for k, v in r.items() if k not in ("images_per_second", history.VERDICT)}
                for r in [*self._rows, row]
            ],
            players,
        )
        row["verdict"] = word
        self._rows.append(row)
        history.write(self._run.history, row)
        print(verdict.line(self._rows[-1], players, self._epochs, word), flush=True)
        if not all(math.isfinite(value) for value in (logs or {}).values()):
            return  # `Stop` ends the run; the last good checkpoint stands
        last = epoch + 1 == self._epochs
        drawn = last or (epoch + 1) % self._sample_every == 0
        if drawn:
            picture = self._run.samples / f"step_{row['step']:08d}.png"
            if samples is not None:
                grids.write(
                    picture,
                    samples[: self._samples] if samples.ndim == 4 else samples,
                    self._value_range,
                    rows=self.model.classes(),  # a class in each row of a conditional game's grid
                )
            for name, found in self._views(self._x).items():
                grids.write_pairs(
                    picture.with_stem(f"{picture.stem}_{name}"), self._x, found, self._value_range
                )
        if last or (epoch + 1) % self._checkpoint_every == 0:
            self._checkpoints.save()
        if drawn and not last:  # the last one is written when the run has ended
            run_page.write(self._run)


class Measure(keras.callbacks.Callback):
    """Measures at the end of every so many epochs, adds the record to metrics.jsonl, and keeps the best checkpoint by it.

    Samples are compared with the examples that are trained on: what chooses a checkpoint must not be what it is judged by.

    Args:
        run: Where things go.
        experiment: What is trained; `train.evaluate_every` and `train.metric` say when and what.
        checkpoints: Where the best one is kept.
        steps_per_epoch: Steps of a whole epoch.
    """

    def __init__(
        self,
        run: runs.Run,
        experiment: schema.Experiment,
        checkpoints: checkpoints_module.Checkpoints,
        steps_per_epoch: int,
    ):
        super().__init__()
        self._run, self._experiment, self._checkpoints, self._steps = (
            run,
            experiment,
            checkpoints,
            steps_per_epoch,
        )

    @staticmethod
    def asked(experiment: schema.Experiment) -> bool:
        """Whether an experiment wants measurements.

        Raises:
            ValueError: If it names no metric with a better side, or one that is not there.
        """
        settings = experiment.train
        if not settings.evaluate_every:
            return False
        metrics.check([settings.metric or "none"])
        if metrics.better(settings.metric) is None:
            raise ValueError(
                f"`train.metric` must have a better side, to choose a checkpoint by. Received: {settings.metric!r}"
            )
        return True

    def on_epoch_end(self, epoch, logs=None):
        settings = self._experiment.train
        last = epoch + 1 == settings.epochs
        inside = int(self.model.step.numpy()) % self._steps
        if (
            inside
            or not (last or (epoch + 1) % settings.evaluate_every == 0)
            or not all(map(math.isfinite, (logs or {}).values()))
        ):
            return
        with self.model.averaged_weights():
            candidate = candidates.of_game(
                self.model, self._experiment, self._run.directory.resolve().name
            )
            candidate = candidate._replace(
                split=self._experiment.data.split, num=settings.evaluate_num, verbose=False
            )
            record = measurements.measure(candidate, settings.metric)
        records.append(self._run.metrics, record)
        best, value = self._checkpoints.best, record["value"]
        comparable = best is not None and best["metric"] == settings.metric
        lower = metrics.better(settings.metric) == metrics.LOWER
        better = not comparable or (value < best["value"] if lower else value > best["value"])
        if better:
            self._checkpoints.save_best(settings.metric, value)
        print(
            f"  {settings.metric} {value:.5g}" + ("  (the best so far, kept)" if better else ""),
            flush=True,
        )


def spread(x: np.ndarray) -> float:
    """Returns the root of the mean variance over examples: how far examples differ from one another."""
    return float(np.sqrt(np.mean(np.var(np.asarray(x, np.float64), axis=0))))
