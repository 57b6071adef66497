"""Numbers of several runs, bundles and records side by side: ranked where they were measured alike, and apart where they were not."""

import os
import pathlib
import re
import statistics
from collections.abc import Iterable, Sequence

from train import chronicle, evaluate, runs, sides


def table(places: Sequence[str], metrics: Sequence[str] = ()) -> str:
    """Returns the tables of all records at some places, one for each metric and each protocol that it was measured under.

    Rows are ordered, the best first, where a metric has a better side, within a protocol only. Records of one experiment under several
    seeds are one row: their mean, and its standard error over seeds.

    Args:
        places: Runs (the newest record of each metric and protocol), JSON records, and folders of records.
        metrics: Those that are shown; all unless given.

    Raises:
        ValueError: If a place has no record, or there is none of the metrics.
    """
    evaluate.check(list(metrics))
    found = [record for place in places for record in _records(pathlib.Path(place))]
    shown = [record for record in found if not metrics or record["metric"] in metrics]
    if not shown:
        raise ValueError(f"There must be a record of {', '.join(metrics)}. Received: {', '.join(sorted({r['metric'] for r in found}))}")
    groups = sorted(chronicle.by_protocol(shown), key=lambda group: group[0])
    counts = {metric: sum(other == metric for other, _, _ in groups) for metric, _, _ in groups}
    lines, told = [], set()
    for metric, apart, records in groups:
        if counts[metric] > 1 and metric not in told:
            lines += [
                f"{metric}: {counts[metric]} protocols, whose numbers cannot be ranked together; they differ in {', '.join(apart)}",
                "",
            ]
            told.add(metric)
        lines += [*_group(metric, apart, records), ""]
    return "\n".join(lines).rstrip()


def _records(place: pathlib.Path) -> list[dict]:
    """Returns the records at one place, each with `title` and `experiment` where it has one."""
    run = runs.Run(place)
    if run.exists:
        newest = {(record["metric"], str(chronicle.protocol(record))): record for record in chronicle.metrics(run.metrics)[0]}
        experiment = run.record()["experiment"]
        found = [record | {"title": place.resolve().name, "experiment": experiment} for record in newest.values()]
    else:
        files = sorted(place.rglob("*.json")) if place.is_dir() else [place]
        read = [(file, chronicle.mapping(file)[0]) for file in files]
        found = [record | {"title": file.stem} for file, record in read if chronicle.is_record(record)]
    if not found:
        rule = "A place to compare must be a run that was measured, a JSON file that `zoo evaluate --out` wrote, or a folder of such files"
        raise ValueError(f"{rule}. Received: {place}")
    return found


def _group(metric: str, apart: dict, records: list[dict]) -> list[str]:
    side = sides.better(metric)
    rows = _rows(records)
    if side is not None:
        rows.sort(key=lambda row: row[0] if side == sides.LOWER else -row[0])
    cells = [
        [str(rank) if side else "-", title, f"{value:.6g}", "" if error is None else f"{error:.2g}", seeds, step]
        for rank, (value, error, title, seeds, step) in enumerate(rows, 1)
    ]
    head = ["rank", "what", "value", "error", "seeds", "step"]
    widths = [max(len(row[column]) for row in [head, *cells]) for column in range(len(head))]
    under = "; ".join(f"{key} {value}" for key, value in apart.items())
    title = f"{metric}, {f'{side} is better' if side else 'no better side'}" + (f"; {under}" if under else "")
    return [title, *("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in [head, *cells])]


def _rows(records: Iterable[dict]) -> list[tuple[float, float | None, str, str, str]]:
    """Returns (value, error, title, seeds, step) of each experiment."""
    alike: dict[str, list[dict]] = {}
    for record in records:
        experiment = record.get("experiment")
        key = record["title"] if experiment is None else str(experiment | {"seed": None, "train": None}) + str(record.get("step"))
        alike.setdefault(key, []).append(record)
    rows = []
    for group in alike.values():
        first, step = group[0], group[0].get("step")
        experiment = first.get("experiment") or {}
        seeds = {record["experiment"]["seed"]: record for record in group if record.get("experiment")}
        if len(seeds) > 1:
            values = [record["value"] for record in seeds.values()]
            error = statistics.stdev(values) / len(values) ** 0.5
            common = re.sub(r"[_-]?(seed)?$", "", os.path.commonprefix([record["title"] for record in seeds.values()]))
            rows.append((statistics.mean(values), error, common or experiment["name"], ", ".join(map(str, seeds)), str(step or "")))
        else:
            rows += [(r["value"], r["standard_error"], r["title"], ", ".join(map(str, seeds)), str(r.get("step") or "")) for r in group]
    return rows
