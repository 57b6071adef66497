"""Measurements during a training, which choose the best checkpoint."""

import math
from collections.abc import Callable

import keras

from configs import schema
from train import checkpoints, runs
from train.data import splits
from train.evaluation import candidates, measurements, metrics, records
from zoo import games

DURING = "training"  # key of the training's own records: what it measured on


class Measure(keras.callbacks.Callback):
    """Measures at the end of some epochs and keeps the best checkpoint by the metric.

    The records go to metrics.jsonl. What is measured on is the split `train.evaluate_split`, or the
    examples that are trained on, and never the test split: what chooses a checkpoint must not be
    what it is judged by.

    Args:
        run: Run directory to write to.
        experiment: What is trained; `train.evaluate_every` and `train.metric` say when and what.
        saved: Checkpoints of the run.
        steps_per_epoch: Steps of a whole epoch.
    """

    def __init__(
        self,
        run: runs.Run,
        experiment: schema.Experiment,
        saved: checkpoints.Checkpoints,
        steps_per_epoch: int,
    ):
        super().__init__()
        self._run, self._experiment = run, experiment
        self._saved, self._steps = saved, steps_per_epoch

    @staticmethod
    def asked(experiment: schema.Experiment) -> bool:
        """Returns whether an experiment is measured while it trains.

        Raises:
            ValueError: If its metric does not exist, or has no better direction, or would be
                measured on the test split.
        """
        settings = experiment.train
        if not settings.evaluate_every:
            return False
        metrics.check([settings.metric or "none"])
        if metrics.better(settings.metric) is None:
            raise ValueError(
                "`train.metric` must have a better direction, to choose a checkpoint by. "
                f"Received: {settings.metric!r}"
            )
        if settings.evaluate_split and "test" in splits.parts(split(experiment)):
            raise ValueError(
                "`train.evaluate_split` must be a validation split, which chooses the checkpoint "
                "that the test split then judges. "
                f"Received: {settings.evaluate_split!r}"
            )
        return True

    def on_epoch_end(self, epoch, logs=None):
        if all(map(math.isfinite, (logs or {}).values())):
            self.make(self.model)

    def make(self, game: games.Game) -> None:
        """Measures the game, if it is due at its step, and keeps it if it is the best so far.

        What was measured already of these weights is not measured again: a run that goes on from a
        checkpoint calls this first, and makes what a kill after the checkpoint left out.
        """
        step, settings = int(game.step.numpy()), self._experiment.train
        epoch, rest = divmod(step, self._steps)
        due = epoch == settings.epochs or epoch % settings.evaluate_every == 0
        if rest or not epoch or not due:
            return
        name = self._run.directory.resolve().name
        with game.averaged_weights():
            candidate = candidates.of_game(game, self._experiment, name)._replace(
                split=split(self._experiment), num=settings.evaluate_num, verbose=False
            )
            known = self._known(candidate)
            record = known or self._measured(candidate)
            if known is None:
                records.append(self._run.metrics, record, instead_of=self._same(candidate))
        if record["value"] is None:  # infinite, as a divergence may be
            print(f"  {settings.metric} has no finite value", flush=True)
        else:
            self._compare(record["value"], new=known is None)
        self._saved.copy()

    def _compare(self, value: float, *, new: bool) -> None:
        """Keeps the game if its value is the best so far, and prints what is new of it."""
        settings, best = self._experiment.train, self._saved.best
        comparable = best is not None and best["metric"] == settings.metric
        lower = metrics.better(settings.metric) == metrics.LOWER
        better = not comparable or (value < best["value"] if lower else value > best["value"])
        if better:
            self._saved.save_best(settings.metric, value, split(self._experiment))
        suffix = "  (the best so far, kept)" if better else ""
        if new or better:
            print(f"  {settings.metric} {value:.5g}{suffix}", flush=True)

    def _measured(self, candidate: candidates.Candidate) -> dict:
        record = measurements.measure(candidate, self._experiment.train.metric)
        return record | {DURING: _settings(candidate)}

    def _same(self, candidate: candidates.Candidate) -> Callable[[dict], bool]:
        """Returns whether a record is the training's own of this step, whatever its weights."""
        metric = self._experiment.train.metric

        def same(record: dict) -> bool:
            own = record.get("metric") == metric and record.get("step") == candidate.step
            return own and record.get(DURING) == _settings(candidate)

        return same

    def _known(self, candidate: candidates.Candidate) -> dict | None:
        """Returns the training's record of these weights; None if there is none yet."""
        weights = candidate.identity["weights_sha256"]
        known = filter(self._same(candidate), records.read(self._run.metrics)[0])
        return next(
            (r for r in known if r["protocol"].get("weights_sha256", weights) == weights), None
        )


def _settings(candidate: candidates.Candidate) -> dict:
    return {"split": candidate.split, "num": candidate.num}


def split(experiment: schema.Experiment) -> str:
    """Returns the part of the data set on which a training is measured."""
    return experiment.train.evaluate_split or experiment.data.split
