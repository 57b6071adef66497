"""Says which records of this folder are older than a change of the code that moves them.

python results/ages.py

Every record names the commit whose code measured it (`commit`), and a record of a run names the
commits that trained it (`trained_at`). `CHANGES` lists the commits since the first record that
move a number, and which records they move. A record that is older than such a commit would come
out differently if its command were given again.

A change that moves a step by rounding alone is not listed: TensorFlow on another processor does
that too. The last one is of 23 November 2026, 17:03, since when players who move at once share
their common passes, and TensorFlow fuses some operations otherwise.
"""

import datetime
import json
import pathlib
from collections.abc import Callable
from typing import NamedTuple

HERE = pathlib.Path(__file__).parent


class Change(NamedTuple):
    """A commit that moves numbers.

    Attributes:
        date: When the changed code was committed, ISO 8601.
        text: What changed, as a sentence.
        moves: Returns whether a record, as read from its file, would be moved.
        of: "trained_at" if the change moves trainings, "commit" if it moves measurements.
    """

    date: str
    text: str
    moves: Callable[[dict], bool]
    of: str


def _any_optimizer(record: dict, holds: Callable[[dict], bool]) -> bool:
    return any(map(holds, record["experiment"]["optimizers"].values()))


def _adversarial(record: dict) -> bool:
    return "critic" in record["experiment"]["game"]


CHANGES = [
    Change(
        "2026-11-21T18:34:00+00:00",
        "TensorFlow's optimizer of graphs no longer lets a weight be written while it is read.",
        _adversarial,
        "trained_at",
    ),
    Change(
        "2026-11-22T18:20:00+00:00",
        "Adam's epsilon is 1e-8 unless an experiment says otherwise; it was 1e-7.",
        lambda record: _any_optimizer(
            record, lambda spec: spec["name"] == "adam" and "epsilon" not in spec
        ),
        "trained_at",
    ),
    Change(
        "2026-11-22T18:50:00+00:00",
        "Annealed importance sampling fixes its step sizes before the chains that count. They "
        "followed each chain's own acceptances, so that the estimate was too low.",
        lambda record: record.get("metric") == "ais",
        "commit",
    ),
    Change(
        "2026-11-22T18:50:00+00:00",
        "Players who move at once see the same dropout masks on generated data.",
        lambda record: (
            record["experiment"]["game"].get("schedule") == "simultaneous"
            and "maxout_critic" in str(record["experiment"]["game"])
        ),
        "trained_at",
    ),
    Change(
        "2026-11-22T19:42:00+00:00",
        "`memorization` counts near-copies, and the distance of an exact copy is 0. Its value "
        "moves by less than a millionth.",
        lambda record: record.get("metric") == "memorization",
        "commit",
    ),
]


def records() -> dict[str, dict]:
    """Returns every JSON object of this folder that holds a number, by file name."""
    everything = {
        path.relative_to(HERE).as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(HERE.rglob("*.json"))
        if path.name not in ("experiment.json", "mutants.json")  # each mutant names its commit
    }
    for path in sorted(HERE.rglob("experiment.json")):  # a run, whose metrics.jsonl holds numbers
        run = json.loads(path.read_text(encoding="utf-8"))
        lines = (path.parent / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            name = f"{path.parent.relative_to(HERE).as_posix()}/metrics.jsonl, line {number}"
            value = {"experiment": run["experiment"], "trained_at": run["commits"]}
            everything[name] = value | {"commit": run["commits"][-1]} | json.loads(line)
    return everything


def older(record: dict) -> list[Change]:
    """Returns the changes that move a record and that its code did not have yet."""
    return [
        change
        for change in CHANGES
        if (change.of == "commit" or "experiment" in record)
        and change.moves(record)
        and _date(record, change.of) < datetime.datetime.fromisoformat(change.date)
    ]


def _date(record: dict, of: str) -> datetime.datetime:
    """Returns the date of the oldest code that measured or trained."""
    commits = record[of] if of == "trained_at" else [record[of]]
    return min(datetime.datetime.fromisoformat(commit["date"]) for commit in commits)


if __name__ == "__main__":
    rows = [(name, change.text) for name, r in records().items() for change in older(r)]
    print("\n".join(f"{name}: {text}" for name, text in rows) or "No record is older.")
