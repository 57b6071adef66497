"""What a run does before it goes on from a checkpoint: it sweeps, and looks at its files."""

import csv
import json
import pathlib

from configs import schema
from export.runtime import files
from train import checkpoint_files, checkpoints, damage, history, runs
from train.evaluation import records

BROKEN = (ValueError, TypeError, LookupError, AttributeError, csv.Error)  # of a damaged text


def watched(run: runs.Run) -> tuple[pathlib.Path, ...]:
    """Returns the files of which each checkpoint keeps a copy, by which damage is seen."""
    return run.experiment_file, run.history, run.metrics, run.checkpoints / checkpoints.BEST_FILE


def sweep(run: runs.Run, saved: checkpoints.Checkpoints) -> None:
    """Removes what a killed process left half-written. Nobody else may train in the run.

    Args:
        run: The run.
        saved: Its checkpoints.
    """
    saved.sweep()
    for folder in (run.directory, run.samples, run.config):
        for path in folder.glob("*.partial"):
            path.unlink()
    records.mend(run.metrics)


def check(run: runs.Run, saved: checkpoints.Checkpoints, step: int | None) -> None:
    """Checks that the files of a run still hold what they held when a checkpoint was saved.

    What they gained since may be there or not: the run makes it again. A checkpoint that was saved
    before there were copies says nothing about them.

    Args:
        run: The run.
        saved: Its checkpoints.
        step: Step of the checkpoint that the run goes on from; None if it begins.

    Raises:
        ValueError: If a file is damaged; names the last good checkpoint and the cure.
    """
    copies = {} if step is None else saved.copies(step)

    def refuse(path: pathlib.Path, why: object) -> damage.DamagedError:
        return damage.error(path, why, run.checkpoints)

    for path, differs in (
        (run.experiment_file, _experiment_differs),
        (run.history, _history_differs),
        (run.metrics, _metrics_differ),
    ):
        if path in copies and differs(path, copies[path], step):
            raise refuse(path, f"which does not hold what it held at step {step}")
    try:
        history.read(run.history)
    except BROKEN as error:
        raise refuse(run.history, f"which is no table of epochs ({error!r})") from error
    best = run.checkpoints / checkpoints.BEST_FILE
    if best.parent.exists() and (best in copies or best.exists()):
        why = _best_differs(best, copies.get(best), step or 0, run.metrics)
        cure = f"remove {best.parent}, and the next measurement chooses anew"
        if why is None and not saved.readable(best=True):
            why = f"whose checkpoint cannot be read: {cure}"
        if why is not None:
            raise refuse(best, why)


def _experiment_differs(path: pathlib.Path, copy: pathlib.Path, step: int) -> bool:
    def fixed(record: dict) -> dict:
        experiment = schema.Experiment.from_dict(record["experiment"]).as_dict()
        return json.loads(json.dumps(experiment)) | {"train": None}

    own, then = files.read_json(path), files.read_json(copy)
    known = set(own["data"]) & set(then["data"])  # records gained facts of the data
    differ = any(own["data"][name] != then["data"][name] for name in known)
    return differ or fixed(own) != fixed(then)


def _history_differs(path: pathlib.Path, copy: pathlib.Path, step: int) -> bool:
    def rows(table: pathlib.Path) -> list[dict]:
        return [row for row in history.read(table) if row["step"] <= step]

    try:
        return rows(path) != rows(copy)
    except BROKEN:
        return True


def _metrics_differ(path: pathlib.Path, copy: pathlib.Path, step: int) -> bool:
    def past(record: dict) -> bool:
        return record.get("step") is None or record["step"] <= step

    present = records.read(path)[0]
    return any(record not in present for record in filter(past, records.read(copy)[0]))


def _best_differs(
    best: pathlib.Path, copy: pathlib.Path | None, step: int, metrics: pathlib.Path
) -> str | None:
    """Returns what is wrong with best.json; None if nothing is."""
    try:
        own = files.read_json(best)
        if own["step"] not in map(checkpoint_files.step, checkpoint_files.listed(best.parent)):
            return f"whose checkpoint of step {own['step']} is missing"
        if copy is None or own == files.read_json(copy):
            return None
        # the run chose another one since
        record = {name: own[name] for name in ("metric", "value", "step")}
        measured = any(
            record == {k: line.get(k) for k in record} for line in records.read(metrics)[0]
        )
        if own["step"] < step or not measured:
            return f"which does not hold what it held at step {step}"
        return None
    except (OSError, *BROKEN) as error:
        return f"which names no checkpoint ({error!r})"
