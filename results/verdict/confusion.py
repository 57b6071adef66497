"""Judges the kept histories by the rules of train/verdict.py, and prints the tables of README.md.

python results/verdict/confusion.py               # prints the tables
python results/verdict/confusion.py keep RUN NAME # keeps the history of a run under a name

runs.jsonl names each run's command and data, its set, and how its samples look after some epochs.
"""

import collections
import csv
import json
import pathlib
import sys
from typing import NamedTuple

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from train import history, verdict  # noqa: E402

LEFT_OUT = ("images_per_second", "seconds", history.VERDICT)  # the machine's, and the old word
SETS = {
    "settled": "the rules were settled on these runs",
    "held out": "these runs were looked at after the rules",
}
GOOD, UNFINISHED = "good", "unfinished"  # all other labels are faults


class State(NamedTuple):
    """A run after some epoch: how its samples look, and what the rules say of its history."""

    run: str
    set: str
    data: str
    epoch: int
    step: int
    last: bool
    label: str
    reason: str
    verdict: str


def states() -> list[State]:
    """Returns every state that runs.jsonl labels, in its order."""
    result = []
    for line in (HERE / "runs.jsonl").read_text(encoding="utf-8").splitlines():
        run = json.loads(line)
        rows = read(run["name"])
        for state in run["states"]:
            epoch = state["epoch"]
            word = verdict.verdict(rows[:epoch], run["players"])
            step, last = int(rows[epoch - 1]["step"]), epoch == len(rows)
            place = (run["name"], run["set"], run["data"], epoch, step, last)
            result.append(State(*place, state["label"], state["reason"], word))
    return result


def read(name: str) -> list[dict[str, float]]:
    """Returns the rows of a kept history."""
    return history.read(HERE / "histories" / f"{name}.csv")


def keep(run: str, name: str) -> None:
    """Keeps a run's history with six digits, without what depends on the machine."""
    rows = history.read(pathlib.Path(run) / "history.csv")
    names = [n for n in dict.fromkeys(n for row in rows for n in row) if n not in LEFT_OUT]
    with (HERE / "histories" / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow(f"{row[n]:.6g}" if n in row else "" for n in names)


def confusion(chosen: list[State]) -> list[list[str]]:
    """Returns a table with a row for each label and a column for each verdict."""
    counts = collections.Counter((state.label, state.verdict) for state in chosen)
    words = sorted({word for _, word in counts}, key=_order)
    rows = [["the samples", *words, "in all"]]
    for label in sorted({label for label, _ in counts}, key=_order):
        row = [counts[label, word] for word in words]
        rows.append([label, *(str(count or "") for count in row), str(sum(row))])
    return rows


def _order(word: str) -> tuple:
    first = (GOOD, "healthy", UNFINISHED, "too early")
    return (first.index(word) if word in first else len(first), word)


def tables() -> str:
    """Returns the tables of README.md as Markdown."""
    every, parts = states(), []
    for name, meaning in SETS.items():
        chosen = [state for state in every if state.set == name]
        ends = [state for state in chosen if state.last]
        parts.append(f"## {name.capitalize()}: {meaning}\n\n{_summary(ends)}\n")
        parts.append(f"At the end of each run:\n\n{_markdown(confusion(ends))}\n")
        before = [state for state in chosen if not state.last]
        if before:
            parts.append(f"Earlier, in some of these runs:\n\n{_markdown(confusion(before))}\n")
    rows = [["run", "set", "data", "epoch", "step", "the samples", "verdict", "why"]]
    rows += [
        [s.run, s.set, s.data, str(s.epoch), f"{s.step:,}", s.label, s.verdict, s.reason]
        for s in every
    ]
    return "\n".join([*parts, f"## Every state\n\n{_markdown(rows)}"])


def _summary(ends: list[State]) -> str:
    good = [state for state in ends if state.label == GOOD]
    bad = [state for state in ends if state.label not in (GOOD, UNFINISHED)]
    healthy = sum(state.verdict == "healthy" for state in good)
    faulty = sum(state.verdict not in ("healthy", "too early") for state in bad)
    early = sum(state.verdict == "too early" for state in bad)
    missed = ", ".join(s.run for s in bad if s.verdict == "healthy") or "none"
    alarms = ", ".join(f"{s.run}: {s.verdict}" for s in good if s.verdict != "healthy") or "none"
    return (
        f"Good runs that end as healthy: {healthy} of {len(good)} (the others: {alarms}). "
        f"Bad runs that end with the name of a fault: {faulty} of {len(bad)}, and as too early: "
        f"{early}. Bad runs that end as healthy: {missed}."
    )


def _markdown(rows: list[list[str]]) -> str:
    head, *rest = rows
    lines = (head, ["---"] * len(head), *rest)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            print(tables())
        case ["keep", run, name]:
            keep(run, name)
        case _:
            sys.exit("usage: python results/verdict/confusion.py [keep RUN NAME]")
