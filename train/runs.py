"""A run directory: the paths of its files, and its record. It loads no TensorFlow."""

import contextlib
import dataclasses
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Mapping

import configs
from configs import schema
from export.runtime import files, places
from train import checkpoint_files, damage, device_records

PACKAGES = ("tensorflow", "keras", "numpy")


class Run:
    """Paths and records of one run.

    Args:
        directory: The run directory, which need not exist yet.
        best: Whether `checkpoints.load_game` takes the best checkpoint, which a run has when it is
            trained with `train.evaluate_every`, instead of the newest one.
        config: The user's own Python file that the experiment comes from, of which `start` keeps a
            copy; None for a config of this project, and for a run that is there.
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        *,
        best: bool = False,
        config: str | os.PathLike | None = None,
    ):
        self.directory, self.best = pathlib.Path(directory), best
        self._given = None if config is None else pathlib.Path(config)
        self.config = self.directory / "config"
        self.experiment_file = self.directory / "experiment.json"
        self.checkpoints = self.directory / "checkpoints"
        self.samples = self.directory / "samples"
        self.examples = self.samples / "examples.png"
        self.history = self.directory / "history.csv"
        self.logs = self.directory / "logs"
        self.metrics = self.directory / "metrics.jsonl"
        self.report = self.directory / "report.html"

    @property
    def exists(self) -> bool:
        """Whether a run has been started here."""
        return self.experiment_file.is_file()

    def record(self) -> dict:
        """Returns what experiment.json holds.

        Returns:
            `experiment`, `data` (see `descriptions.describe`), `digest` (see `digests.digest`) of
            data in files, `versions` of the packages, `commits`, each commit of this project that
            trained the run, the first one first (see `commit`), and `devices`, in that order.

        Raises:
            FileNotFoundError: If this is not a run directory. The message says so if it is a
                bundle.
            ValueError: If experiment.json is damaged, or missing next to checkpoints.
        """
        places.check_no_bundle(self.directory)
        if not self.exists:
            self._check_no_checkpoints()
            raise FileNotFoundError(
                "A run directory holds experiment.json, written by `zoo train`. "
                f"Received: {self.directory}"
            )
        try:
            record = files.read_json(self.experiment_file)
            schema.Experiment.from_dict(record["experiment"])
            dict(record["data"])
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise damage.error(
                self.experiment_file, f"which holds no experiment ({error!r})", self.checkpoints
            ) from error
        return record

    def experiment(self) -> schema.Experiment:
        """Returns the experiment that the run was started with."""
        return schema.Experiment.from_dict(self.record()["experiment"])

    def _check_no_checkpoints(self) -> None:
        if checkpoint_files.newest(self.checkpoints) is not None:
            raise damage.error(self.experiment_file, "which is missing", self.checkpoints)

    def import_config(self) -> None:
        """Imports the run's copy of the user's own config, which may define parts of the game.

        Raises:
            ValueError: If it imports a module that is not there.
        """
        for path in sorted(self.config.glob("*.py")):
            configs.imported(path)

    def continued(self, experiment: schema.Experiment) -> schema.Experiment:
        """Returns an experiment as a run that may be there already understands it.

        A run that was started before `data.held_out` existed trains on every example to its end,
        unless another fraction than the default is asked for, which `start` refuses.
        """
        data = experiment.data
        if not self.exists or data.held_out != schema.HELD_OUT:
            return experiment
        if "held_out" in self.record()["experiment"]["data"]:
            return experiment
        held_out = schema.EARLIER["held_out"]
        return dataclasses.replace(experiment, data=dataclasses.replace(data, held_out=held_out))

    def start(
        self,
        experiment: schema.Experiment,
        data: dict,
        digest: Mapping | None = None,
        devices: dict | None = None,
    ) -> None:
        """Makes the directory and writes experiment.json, or checks that it is the same experiment.

        The values of `Train` that change the result of no step may differ; the file takes the new
        ones.

        Args:
            experiment: What is trained.
            data: What `descriptions.describe` returns of its data set.
            digest: What `digests.digest` returns of it. What only the run or only this says is not
                compared, and kept.
            devices: `kind` and `count` of the devices that train, which may differ.

        Raises:
            FileNotFoundError: If the directory is that of a bundle.
            ValueError: If the directory holds another experiment or other data; the message shows
                the difference. If experiment.json is damaged, or missing next to checkpoints.
        """
        places.check_no_bundle(self.directory)
        new = {
            "experiment": experiment.as_dict(),
            "data": data,
            "versions": versions(),
            "commits": [commit()],
        }
        new |= {"digest": dict(digest)} if digest else {}
        old = self.record() if self.exists else {}
        if old:
            if "classes" in data:  # a run may have been started before records held classes
                old["data"] = {"classes": data["classes"]} | old["data"]
            # a field that the file lacks: the run was started before there was one
            known = schema.Experiment.from_dict(old["experiment"]).as_dict()
            known = old | {"experiment": json.loads(json.dumps(known))}
            digests = [record.get("digest", {}) for record in (old, new)]
            both = set(digests[0]) & set(digests[1])
            fixed = [
                {
                    "experiment": r["experiment"] | {"train": schema.of_step(r["experiment"])},
                    "data": r["data"],
                    "digest": {name: each[name] for name in each if name in both},
                }
                for r, each in zip((known, json.loads(json.dumps(new))), digests)
            ]
            if changes := schema.differences(*fixed):
                raise ValueError(
                    "A run is continued under its own experiment; "
                    f"{self.directory} holds another one. "
                    "Use another --workdir or leave out the difference:\n  " + "\n  ".join(changes)
                )
            for change in schema.differences(old["versions"], new["versions"]):
                text = "Versions differ from those that the run was started with"
                print(f"{text}: {change}", flush=True)
            new["versions"] = old["versions"]
            new |= {"digest": digests[0] | digests[1]} if any(digests) else {}
            # a run from before commits were recorded was started under one that is not known
            commits = old.get("commits", [None])
            if commits[-1] != new["commits"][0]:
                print(
                    "The run was last trained with other code of this project: "
                    f"{_text(commits[-1])}, now {_text(new['commits'][0])}",
                    flush=True,
                )
                commits = commits + new["commits"]
            new["commits"] = commits
            new["experiment"] = old["experiment"] | {"train": new["experiment"]["train"]}
        else:
            self._check_no_checkpoints()
        new["devices"] = device_records.continued(old.get("devices", []), devices)
        self._keep_config()
        files.write_json(self.experiment_file, new)

    def _keep_config(self) -> None:
        """Writes a copy of the user's own config, in the place of an earlier one."""
        if self._given is None:
            return
        text, kept = self._given.read_bytes(), sorted(self.config.glob("*.py"))
        if kept and [path.read_bytes() for path in kept] != [text]:
            print(f"{self._given} is not the file that the run kept; it replaces it", flush=True)
        self.config.mkdir(parents=True, exist_ok=True)
        for path in kept:
            path.unlink()
        files.write_bytes(self.config / self._given.name, text)


def versions() -> dict[str, str]:
    """Returns the versions of Python and of the packages that every bit of a run depends on.

    A package that is not installed, as TensorFlow where bundles are measured, is left out.
    """
    packages = {}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            packages[package] = importlib.metadata.version(package)
    return {"python": ".".join(map(str, sys.version_info[:3])), **packages}


def commit() -> dict | None:
    """Returns the commit of this project's code that is running.

    Returns:
        `hash`, `date` (when it was committed, ISO 8601) and `changed` (whether files that git
        tracks differ from the commit); None if the code is not in a git checkout of its own.
    """
    root = pathlib.Path(__file__).resolve().parents[1]
    if _git(root, "rev-parse", "--show-toplevel") != str(root):  # may be within another's checkout
        return None
    digest, _, date = _git(root, "show", "--no-patch", "--format=%H %cI", "HEAD").partition(" ")
    changed = bool(_git(root, "status", "--porcelain", "--untracked-files=no"))
    return {"hash": digest, "date": date, "changed": changed}


def _git(root: pathlib.Path, *arguments: str) -> str:
    """Returns what git prints, stripped; an empty string if it fails or is not installed."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _text(commit: dict | None) -> str:
    if commit is None:
        return "not known"
    return commit["hash"][:12] + (" with changes" if commit["changed"] else "")
