"""A run directory: what lies where, and how a game comes back from it without its data or its config."""

import importlib.metadata
import json
import os
import pathlib
import sys

from configs import schema
from train import files
from zoo import build

PACKAGES = ("tensorflow", "keras", "numpy")


class Run:
    """Paths and records of one run.

    Args:
        directory: The run directory; need not exist yet.
        best: Whether its game is the one at the best checkpoint (see `Train.evaluate_every`) in the newest one's place.
    """

    def __init__(self, directory: str | os.PathLike, *, best: bool = False):
        self.directory, self.best = pathlib.Path(directory), best
        self.experiment_file = self.directory / "experiment.json"
        self.checkpoints = self.directory / "checkpoints"
        self.samples = self.directory / "samples"
        self.history = self.directory / "history.csv"
        self.logs = self.directory / "logs"
        self.metrics = self.directory / "metrics.jsonl"
        self.report = self.directory / "report.html"

    @property
    def exists(self) -> bool:
        """Whether a run has been started here."""
        return self.experiment_file.is_file()

    def record(self) -> dict:
        """Returns experiment.json: `experiment`, `data` (shape, count, value_range) and `versions`.

        Raises:
            FileNotFoundError: If this is not a run directory.
        """
        if not self.exists:
            raise FileNotFoundError(
                f"A run directory holds experiment.json, written by `zoo train`. Received: {self.directory}"
            )
        return files.read_json(self.experiment_file)

    def experiment(self) -> schema.Experiment:
        """Returns the experiment that the run was started with."""
        return schema.Experiment.from_dict(self.record()["experiment"])

    def start(self, experiment: schema.Experiment, data: dict) -> None:
        """Makes the directory and writes experiment.json, or checks that it is the same experiment.

        What `Train` holds may differ, since it changes no step's result; the file then takes the new values.

        Raises:
            ValueError: If the directory holds another experiment or other data, with the difference.
        """
        new = {"experiment": experiment.as_dict(), "data": data, "versions": versions()}
        if self.exists:
            old = self.record()
            fixed = [
                {"experiment": r["experiment"] | {"train": None}, "data": r["data"]}
                for r in (old, json.loads(json.dumps(new)))
            ]
            changes = schema.differences(*fixed)
            if changes:
                raise ValueError(
                    f"A run is continued under its own experiment; {self.directory} holds another one. "
                    f"Use another --workdir or leave out the difference:\n  " + "\n  ".join(changes)
                )
            for change in schema.differences(old["versions"], new["versions"]):
                print(
                    f"Versions differ from those that the run was started with: {change}",
                    flush=True,
                )
            new["versions"] = old["versions"]
        files.write_json(self.experiment_file, new)

    def game(self):
        """Returns the run's game with the newest weights, or the best ones.

        Raises:
            FileNotFoundError: If this is not a run directory or holds no such checkpoint yet.
        """
        from train import (
            checkpoints,
        )  # here, so that a run's records can be read without TensorFlow

        record = self.record()
        game = compiled(self.experiment(), record["data"])
        step = checkpoints.Checkpoints(self.checkpoints, game).restore(best=self.best)
        if step is None:
            need = (
                "A run has a best checkpoint when it is trained with train.evaluate_every"
                if self.best
                else "A run needs a checkpoint; train it first"
            )
            raise FileNotFoundError(f"{need}. Received: {self.directory} without one")
        return game


def compiled(
    experiment: schema.Experiment, data: dict, *, mean_image=None, steps_per_execution: int = 1
):
    """Returns the experiment's game with its optimizers, at its initial weights.

    Args:
        experiment: What to build.
        data: `shape` and `value_range` of the examples.
        mean_image: [*shape] in [0, 1], the mean of the training examples, for networks that start from it.
        steps_per_execution: Steps in one call of the graph.
    """
    import keras

    keras.utils.set_random_seed(experiment.seed)  # the initializers'
    value_range = data["value_range"] and tuple(data["value_range"])
    context = {
        "shape": tuple(data["shape"]),
        "value_range": value_range,
        "seed": experiment.seed,
        "mean_image": mean_image,
    }
    game = build.build(experiment.game, **context)
    optimizers = {
        player: build.build(spec, role="optimizer")
        for player, spec in experiment.optimizers.items()
    }
    game.compile(optimizers, steps_per_execution=steps_per_execution)
    return game


def versions() -> dict[str, str]:
    """Returns the versions that a run's bits depend on."""
    found = {package: importlib.metadata.version(package) for package in PACKAGES}
    return {"python": ".".join(map(str, sys.version_info[:3])), **found}


def describe(source) -> dict:
    """Returns what a run must know of its data to work without it."""
    return {
        "shape": list(source.shape),
        "count": source.count,
        "value_range": source.value_range and list(source.value_range),
    }
