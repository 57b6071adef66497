"""A campaign of faults against tiny trainings of every game.

    python benchmarks/faults.py --out=results/survival
    python benchmarks/faults.py --short --out=FOLDER

First, trainings are interrupted by signals, inside the writes of checkpoints, the best checkpoint,
history, report, metrics and samples, and at random; each is continued until it ends. Then single
files of a run are truncated, flipped, emptied and deleted, disks become full and read-only, and
other things happen that fault_cases.py lists. What must come out: the variables, the best
checkpoint, history, metrics, samples and TensorBoard's events of the undisturbed run; or one
sentence that names cause and cure, after which the cure leads to the undisturbed run.

Every training is a process that is forked from this one, which makes no tensor. Exit status 1 if
one of them lost something. A campaign that was stopped goes on where it was, by the same command.
"""

import argparse
import datetime
import functools
import itertools
import os
import pathlib
import platform
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # before TensorFlow: one thread, one result
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import fault_cases  # noqa: E402
import fault_points  # noqa: E402
import fault_runs  # noqa: E402

from export.runtime import files  # noqa: E402
from train import (  # noqa: E402, F401 - so that a fork need not import them
    loop,
    runs,
)
from train.commands import train as command  # noqa: E402, F401

CHAIN = 6  # interruptions of one run, at most
COUNT = 200
PARTS = ("interruptions", "cases")


def interruption(number: int, late: int) -> fault_points.Interruption:
    """Returns one of a series that has each place with each signal, in an order drawn once.

    Args:
        number: Its number in the series.
        late: The last moment at a place that is taken.
    """
    half = [(place, "half", "KILL") for place in fault_points.PLACES]
    whole = itertools.product(fault_points.PLACES, ("before", "after"), fault_points.SIGNALS)
    timed = [(fault_points.RANDOM, None, signals) for signals in fault_points.SIGNALS] * 3
    kinds = [*half, *whole, *timed]
    random.Random(0).shuffle(kinds)
    place, when, signals = kinds[number % len(kinds)]
    draw = random.Random(number)
    moment = draw.uniform(0.5, 6.0) if when is None else when
    return fault_points.Interruption(place, moment, draw.randint(1, late), signals)


def interrupted(
    game: str, replicas: int, folder: pathlib.Path, faults: Iterator, expected: dict, chain: int
) -> tuple[list[fault_points.Interruption], list[str]]:
    """Interrupts a run and continues it, again and again, and then lets it end.

    Returns:
        The interruptions that happened, and what differs from the undisturbed run.
    """
    directory = folder / "run"
    words = fault_runs.words(game, directory, replicas)
    happened = []
    for _ in range(chain):
        fault = next(faults)
        done = fault_runs.attempt(words, fault)
        if done.struck:
            happened.append(fault)
        if "Traceback" in done.output and "KeyboardInterrupt" not in done.output:
            return happened, [f"traceback after {fault}", done.output[-3000:]]
        if done.code == 0:
            break
    last = fault_runs.attempt(words)
    if last.outcome is None:
        return happened, [f"exit code {last.code}", last.output[-3000:]]
    return happened, fault_runs.differences(expected, last.outcome)


def campaign(
    size: tuple[int, int, int], games: list[str], folder: pathlib.Path, save, known: dict
) -> dict:
    """Interrupts runs of all games until there were enough interruptions.

    Args:
        size: Number of interruptions; those of one run, at most; the last moment at a place.
        games: The games, each with one replica; every fifth run has two.
        folder: Empty folder for the runs.
        save: Function that is called with the result after every run.
        known: Result of a campaign that was stopped, which this one continues.

    Returns:
        `interruptions`, `runs` and `tried` (also those that came too late); how many of each
        `place`, `signals`, `game` and number of `replicas`; `lost`, by run what differs.
    """
    count, chain, late = size
    references, started = {}, {"interruptions": 0, "runs": 0, "tried": 0, "lost": {}}
    started |= {name: {} for name in ("place", "signals", "game", "replicas")}
    result = {name: known.get(name, value) for name, value in started.items()}
    while result["interruptions"] < count:
        number = result["runs"]
        game, replicas = games[number % len(games)], 2 if number % 5 == 4 else 1
        if (game, replicas) not in references:
            words = fault_runs.words(game, folder / "whole", replicas)
            whole = fault_runs.attempt(words)
            if whole.outcome is None:
                raise RuntimeError(whole.output)
            references[game, replicas] = whole.outcome
            shutil.rmtree(folder / "whole")
        tried = itertools.count(result["tried"])
        faults = (interruption(each, late) for each in tried)
        happened, lost = interrupted(
            game, replicas, folder, faults, references[game, replicas], chain
        )
        result["tried"] = next(tried)
        result["runs"] += 1
        result["interruptions"] += len(happened)
        for fault in happened:
            values = (fault.place, fault.signals, game, f"{replicas}")
            for name, value in zip(("place", "signals", "game", "replicas"), values):
                result[name][value] = result[name].get(value, 0) + 1
        if lost:
            name = f"run {number}: {game}, {replicas} replicas"
            result["lost"][name] = [*map(str, happened), *lost]
            print(f"LOST in {game}: {happened} {lost}", flush=True)
        shutil.rmtree(folder / "run", ignore_errors=True)
        print(f"{result['interruptions']} of {count} interruptions", flush=True)
        save(result)
    return result


def table(parts: dict[str, dict]) -> str:
    """Returns the results as Markdown, the interruptions first and then the other faults."""
    lines = [
        "# Faults",
        "",
        "Tiny trainings of every game that were interrupted or damaged, and continued by the same",
        "command. [benchmarks/faults.py](../../benchmarks/faults.py) says how. A run ends as the",
        "undisturbed one if its variables, best checkpoint, history, metrics, samples and",
        "TensorBoard's events are equal to the bit, times and speeds excepted.",
        "",
    ]
    if "interruptions" in parts:
        first = parts["interruptions"]
        kept = first["runs"] - len(first["lost"])
        lines += [
            *origin(first),
            f"**{kept} of {first['runs']} runs with {first['interruptions']} interruptions end as "
            "the undisturbed ones.**",
            "",
        ]
        for name in ("place", "signals", "game", "replicas"):
            lines += [f"| {name} | interruptions |", "|---|---|"]
            counts = sorted(first[name].items())
            lines += [f"| {value} | {number} |" for value, number in counts] + [""]
        lines += [f"- {run}: {'; '.join(lost)}" for run, lost in first["lost"].items()]
    if "cases" in parts:
        rows = parts["cases"]["rows"]
        good = sum(row["good"] for row in rows)
        lines += [
            *origin(parts["cases"]),
            f"**{good} of {len(rows)} other faults end as they must.**",
        ]
        lines += ["", "| fault | what happened |", "|---|---|"]
        lines += [f"| {row['fault']} | {row['end']} |" for row in rows]
    return "\n".join(lines).rstrip() + "\n"


def origin(part: dict) -> list[str]:
    """Returns the lines that say how a part was made."""
    versions = ", ".join(f"{name} {number}" for name, number in part["versions"].items())
    commit = (part["commit"] or {"hash": "not known"})["hash"][:12]
    return [
        f"`{part['command']}`, {part['date']}, commit {commit}, {part['machine']}, {versions}.",
        "",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="Folder of the tables.")
    parser.add_argument("--count", type=int, default=COUNT, help="Number of interruptions.")
    parser.add_argument("--only", choices=PARTS, help="One part alone.")
    parser.add_argument("--short", action="store_true", help="One game, few faults: a test.")
    values = parser.parse_args()
    games = ["gan"] if values.short else list(fault_runs.GAMES)
    made = {
        "command": f"python benchmarks/faults.py {' '.join(sys.argv[1:])}",
        "date": datetime.date.today().isoformat(),
        "commit": runs.commit(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "versions": runs.versions(),
    }
    wrong = 0

    def save(part: str, value: dict) -> None:
        files.write_json(values.out / f"{part}.json", made | value)
        paths = [values.out / f"{name}.json" for name in PARTS]
        parts = {path.stem: files.read_json(path) for path in paths if path.exists()}
        files.write_text(values.out / "README.md", table(parts))

    def known(part: str) -> dict:
        """Returns what a campaign with the same code that was stopped has made of a part."""
        path = values.out / f"{part}.json"
        before = files.read_json(path) if path.exists() else {}
        return before if before.get("commit") == made["commit"] else {}

    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        if values.only != "cases":
            size = (3, 3, 1) if values.short else (values.count, CHAIN, 3)
            first = campaign(size, games, place, functools.partial(save, PARTS[0]), known(PARTS[0]))
            wrong += len(first["lost"])
        if values.only != "interruptions":
            rows = known(PARTS[1]).get("rows", [])
            for row in fault_cases.run(place, {row["fault"] for row in rows}, short=values.short):
                rows.append(row)
                kind = "good" if row["good"] else "LOST"
                print(f"{kind}: {row['fault']}: {row['end']}", flush=True)
                save(PARTS[1], {"rows": rows})
            wrong += sum(not row["good"] for row in rows)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
