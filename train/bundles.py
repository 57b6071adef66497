"""A bundle of a run: the run's game, described by what the run recorded."""

import json
import os
import pathlib
from collections.abc import Sequence

from export import bundles, descriptions
from export.runtime import manifests
from train import checkpoints, history, runs

_LAST = 10  # numbers of metrics.jsonl that a bundle keeps


def write(
    run: runs.Run,
    out: str | os.PathLike,
    *,
    version: int = 1,
    endpoints: Sequence[str] | None = None,
    output: str = "float32",
    layout: str = "nhwc",
    weights: str = "fp32",
    sign: str | os.PathLike | None = None,
) -> pathlib.Path:
    """Writes a bundle of a run's game, with averaged weights where the experiment averages them.

    Args:
        run: A run with a checkpoint.
        out: Directory of the bundle; must not exist.
        version: Positive; names the directories that servers look for.
        endpoints: Names of the endpoints that the bundle has; None for all of the game's.
        output: `float32` or `uint8`: what images are, as in `export.bundles.write`.
        layout: `nhwc` or `nchw`: the order of the axes of images.
        weights: `fp32`, `int16` or `fp16`: what kernels are stored as.
        sign: PEM file of a private key, whose holder then signs the bundle; None for no signature.

    Returns:
        The bundle's directory.

    Raises:
        FileExistsError: If `out` exists.
        FileNotFoundError: If the run does not exist, or has no checkpoint.
        OSError: If the disk is full.
        ValueError: If the game has no such endpoint, or a check failed; `out` is then not made.
    """
    manifests.refuse_existing(out)  # before the game is built
    game = checkpoints.load_game(run)
    description = describe(
        run.record(),
        _metrics(run),
        best=run.best,
        finished=_finished(run, int(game.step.numpy())),
    )
    return bundles.write(
        game,
        out,
        description=description,
        version=version,
        endpoints=endpoints,
        output=output,
        layout=layout,
        weights=weights,
        sign=sign,
    )


def describe(
    record: dict, metrics: list[dict], *, best: bool = False, finished: bool = True
) -> descriptions.Description:
    """Returns what a run recorded, as a bundle's manifest and card say it.

    Args:
        record: The run's experiment.json.
        metrics: Lines of the run's metrics.jsonl.
        best: Whether the weights are those of the best checkpoint.
        finished: Whether the run has made all of its epochs.
    """
    experiment = record["experiment"]
    data = {
        **experiment["data"],
        **record["data"],
        "name": _public(experiment["data"]["name"]),
    }
    return descriptions.Description(
        name=experiment["name"],
        paper=experiment["paper"],
        data=data,
        training={
            "experiment": experiment["name"],
            "seed": experiment["seed"],
            "game": experiment["game"],
            "optimizers": experiment["optimizers"],
            "epochs": experiment["train"]["epochs"],
            "batch_size": experiment["data"]["batch_size"],
            "versions": record["versions"],
        },
        metrics=metrics,
        best=best,
        finished=finished,
        # a run from before commits were recorded was trained by code that is not known
        commit=record.get("commits", [None])[-1],
    )


def _finished(run: runs.Run, step: int) -> bool:
    """Says whether the run's last epoch is done, and in the weights of this step.

    A best checkpoint is older than the last epoch.
    """
    rows = history.read(run.history)
    if not rows or rows[-1]["epoch"] < run.experiment().train.epochs:
        return False
    return run.best or step >= rows[-1]["step"]


def _public(name: str) -> str:
    """Returns the name of a data set without the folders above it, its owner's business."""
    kind, colon, path = name.partition(":")
    return kind + colon + pathlib.PurePath(path).name


def _metrics(run: runs.Run) -> list[dict]:
    lines = run.metrics.read_text().splitlines() if run.metrics.is_file() else []
    return [json.loads(line) for line in lines[-_LAST:] if line.strip()]
