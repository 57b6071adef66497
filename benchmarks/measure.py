"""Competitors in alternation, medians with quartiles, and the record that a benchmark writes."""

import importlib.metadata
import json
import os
import pathlib
import platform
import statistics
import sys
from collections.abc import Callable

PACKAGES = ("tensorflow", "keras", "numpy")
SETTINGS = (
    "TF_ENABLE_ONEDNN_OPTS",
    "OMP_NUM_THREADS",
)  # of the environment, which change a step's speed


def interleave(competitors: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Calls every competitor once a round, in turned order every other round, so that a drift of the machine hits all.

    Args:
        competitors: Name -> function that returns its measurement.
        rounds: How often.

    Returns:
        The measurements by name, one a round.
    """
    found = {name: [] for name in competitors}
    for turn in range(rounds):
        for name in list(competitors)[:: 1 if turn % 2 == 0 else -1]:
            found[name].append(competitors[name]())
    return found


def calibrated(competitor, seconds: float, unit: int) -> int:
    """Returns how many steps, a multiple of `unit`, take about `seconds`; the competitor has then been traced and warmed."""
    competitor.seconds(unit)
    return unit * max(1, round(seconds / competitor.seconds(unit)))


def quartiles(values: list[float]) -> dict[str, float]:
    """Returns the median and the quartiles to four digits."""
    low, median, high = (
        statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    )
    return {
        key: float(f"{value:.4g}")
        for key, value in (("median", median), ("low", low), ("high", high))
    }


def ratio(numerator: list[float], denominator: list[float]) -> dict[str, float]:
    """Returns the quartiles of the ratios within a round."""
    return quartiles([a / b for a, b in zip(numerator, denominator, strict=True)])


def verdict(name: str, found: dict[str, float], goal: float | None) -> dict:
    """Returns a row of the record: a ratio, its goal and whether the median reaches it; None for what has no goal."""
    return {
        "ratio": name,
        **found,
        "goal": goal,
        "met": None if goal is None else found["median"] >= goal,
    }


def table(rows: list[dict]) -> str:
    """Returns the rows of `verdict` as text."""
    width = max(len(row["ratio"]) for row in rows)
    lines = [f"{'ratio':{width}}  median  quartiles         goal"]
    for row in rows:
        goal = (
            "" if row["goal"] is None else f"{row['goal']:5.2f} {'met' if row['met'] else 'MISSED'}"
        )
        lines.append(
            f"{row['ratio']:{width}}  {row['median']:6.3f}  {row['low']:6.3f} - {row['high']:6.3f}  {goal}"
        )
    return "\n".join(lines)


def write(out: str, rows: list[dict], **values) -> None:
    """Prints the table and, where `out` is not empty, writes the record; an `explanation` in an older one stays."""
    if rows:
        print(table(rows), flush=True)
    if not out:
        return
    path = pathlib.Path(out)
    old = json.loads(path.read_text()) if path.is_file() else {}
    settings = [f"{name}={os.environ[name]}" for name in SETTINGS if name in os.environ]
    record = {
        "command": " ".join(
            [
                *settings,
                "python",
                *(word for word in sys.argv if not word.startswith("--torch-python")),
            ]
        ),
        "machine": {
            "cpus": os.cpu_count(),
            "architecture": platform.machine(),
            "load_at_end": round(os.getloadavg()[0], 2),
        },
        "versions": {"python": platform.python_version()}
        | {package: importlib.metadata.version(package) for package in PACKAGES},
        "ratios": rows,
        **values,
        "explanation": old.get("explanation", ""),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")
