"""Measures competitors in turns, summarises them by quartiles, and writes a benchmark's record."""

import argparse
import json
import os
import pathlib
import platform
import statistics
import sys
from collections.abc import Callable

# options with paths of one machine
INTERPRETERS = (
    "--torch-python",
    "--triton-python",
    "--jax-python",
    "--openvino-python",
    "--node-modules",
)
# environment variables that change the speed of a step
SETTINGS = (
    "TF_ENABLE_ONEDNN_OPTS",
    "OMP_NUM_THREADS",
    "NVIDIA_TF32_OVERRIDE",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
)


def add_arguments(parser: argparse.ArgumentParser, *, seconds: float) -> None:
    """Adds the options of every benchmark of steps: data, rounds, and seconds of a round.

    Args:
        parser: The benchmark's parser.
        seconds: Default of the seconds that one competitor trains for in one round.
    """
    parser.add_argument(
        "--data",
        default="mnist",
        help="mnist, which must be prepared, or digits, which need no preparation.",
    )
    parser.add_argument(
        "--rounds", type=int, default=11, help="How often each competitor is measured."
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=seconds,
        help="Seconds that one competitor trains for in one round.",
    )


def interleave(competitors: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Calls every competitor once a round.

    Every other round has the reverse order, so that a slow drift of the machine's speed meets all
    competitors alike.

    Args:
        competitors: Name -> function that returns one measurement.
        rounds: Number of rounds.

    Returns:
        The measurements by name, one for each round.
    """
    measurements = {name: [] for name in competitors}
    for turn in range(rounds):
        for name in list(competitors)[:: 1 if turn % 2 == 0 else -1]:
            measurements[name].append(competitors[name]())
    return measurements


def calibrated(competitor, seconds: float, unit: int) -> int:
    """Returns a number of steps, a multiple of `unit`, that takes about `seconds`.

    The competitor has made `2 * unit` steps when this returns, so that its graph is traced.
    """
    competitor.seconds(unit)
    return unit * max(1, round(seconds / competitor.seconds(unit)))


def quartiles(values: list[float]) -> dict[str, float]:
    """Returns the median and the two quartiles, rounded to four digits."""
    low, median, high = (
        statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    )
    return {
        key: float(f"{value:.4g}")
        for key, value in (("median", median), ("low", low), ("high", high))
    }


def ratio(numerator: list[float], denominator: list[float]) -> dict[str, float]:
    """Returns the quartiles of the ratios, each taken within one round."""
    return quartiles([a / b for a, b in zip(numerator, denominator, strict=True)])


def verdict(name: str, values: dict[str, float], goal: float | None) -> dict:
    """Returns a row of the record: a ratio's quartiles, its goal, and whether the median meets it.

    Without a goal, `goal` and `met` are None.
    """
    return {
        "ratio": name,
        **values,
        "goal": goal,
        "met": None if goal is None else values["median"] >= goal,
    }


def table(rows: list[dict]) -> str:
    """Returns rows of `verdict` as a table in plain text."""
    width = max(len(row["ratio"]) for row in rows)
    lines = [f"{'ratio':{width}}  median  quartiles         goal"]
    for row in rows:
        goal = (
            "" if row["goal"] is None else f"{row['goal']:5.2f} {'met' if row['met'] else 'MISSED'}"
        )
        quartiles = f"{row['low']:6.3f} - {row['high']:6.3f}"
        lines.append(f"{row['ratio']:{width}}  {row['median']:6.3f}  {quartiles}  {goal}")
    return "\n".join(lines)


def write(
    out: str, rows: list[dict], *, commit: dict | None = None, shown: bool = True, **values
) -> None:
    """Prints the table of the rows and, unless `out` is empty, writes the record to that file.

    If the file exists, the new record keeps its `explanation`.

    Args:
        out: The file.
        rows: Rows of `verdict`.
        commit: Commit of the code, for a record that is written several times; asked here if None.
        shown: Whether to print the table.
        **values: Further entries of the record.
    """
    if rows and shown:
        print(table(rows), flush=True)
    if not out:
        return
    from train import runs  # here, so that what has no packages of the project can take turns

    path = pathlib.Path(out)
    old = json.loads(path.read_text()) if path.is_file() else {}
    settings = [f"{name}={os.environ[name]}" for name in SETTINGS if name in os.environ]
    record = {
        "command": " ".join(
            [
                *settings,
                "python",
                *(word for word in sys.argv if not word.startswith(INTERPRETERS)),
            ]
        ),
        "machine": {
            "cpus": os.cpu_count(),
            "architecture": platform.machine(),
            "load_at_end": round(os.getloadavg()[0], 2),
        },
        "versions": runs.versions(),
        "commit": commit or runs.commit(),
        "ratios": rows,
        **values,
        "explanation": old.get("explanation", ""),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")
