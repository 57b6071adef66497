"""Numbers of several runs, bundles and records side by side: ranked where they were measured alike, and apart where they were not."""

import os
import pathlib
import re
import statistics
from collections.abc import Callable, Iterable, Sequence

from train import runs
from train.evaluation import metrics as metrics_module
from train.evaluation import records as records_module
from train.report import pages, plots

_HEAD = ["rank", "what", "value", "error", "seeds", "step"]


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
    lines = []
    for metric, groups in _by_metric(places, metrics).items():
        lines += [words for words in _apart(metric, groups) for words in (words, "")]
        for apart, records in groups:
            rows = [list(row) for row in _ranked(metric, records)]
            widths = [
                max(len(row[column]) for row in [_HEAD, *rows]) for column in range(len(_HEAD))
            ]
            cells = (
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                for row in [_HEAD, *rows]
            )
            lines += [_title(metric, apart), *cells, ""]
    return "\n".join(lines).rstrip()


def page(
    places: Sequence[str], path: str | os.PathLike, metrics: Sequence[str] = ()
) -> pathlib.Path:
    """Writes the tables as a page that opens anywhere, each with a chart of what was measured more than once along the way.

    A line of a chart is an experiment: the mean over its seeds, and its standard error over them, at the steps at which each of them
    was measured; or one seed's values with their own errors.

    Args:
        places: As of `table`.
        path: Of the page.
        metrics: As of `table`.

    Returns:
        The path.

    Raises:
        ValueError: As `table`.
    """
    names = ", ".join(pathlib.Path(place).resolve().name for place in places)
    parts = ["<h1>Compared</h1>", f'<p class="soft">{pages.text(names)}</p>']
    along = {
        metric: dict(map(_keyed, groups))
        for metric, groups in _by_metric(places, metrics, newest=False).items()
    }
    for metric, groups in _by_metric(places, metrics).items():
        inside = [pages.note(words) for words in _apart(metric, groups)]
        for apart, records in groups:
            inside.append(
                pages.table(
                    _HEAD,
                    [list(map(pages.text, row)) for row in _ranked(metric, records)],
                    caption=_title(metric, apart),
                    numbers=(2, 3, 5),
                )
            )
            lines = _lines(along[metric][_keyed((apart, records))[0]])
            pieces = [
                lines[first : first + pages.PALETTE]
                for first in range(0, len(lines), pages.PALETTE)
            ]
            # a distance that falls soon would lie flat at the bottom, where its lines are compared
            charts = (plots.chart(metric, "step", piece, decades=1) for piece in pieces)
            inside.append(f'<div class="charts">{"".join(charts)}</div>')
        parts.append(pages.section(metric, *inside))
    return pages.write(path, "Compared", parts)


def _by_metric(
    places: Sequence[str], metrics: Sequence[str], *, newest: bool = True
) -> dict[str, list[tuple[dict, list[dict]]]]:
    """Returns of each metric (what sets a protocol apart from the others, the records under it)."""
    metrics_module.check(list(metrics))
    found = [record for place in places for record in _records(pathlib.Path(place), newest)]
    shown = [record for record in found if not metrics or record["metric"] in metrics]
    if not shown:
        raise ValueError(
            f"There must be a record of {', '.join(metrics)}. Received: {', '.join(sorted({r['metric'] for r in found}))}"
        )
    groups: dict[str, list] = {}
    for metric, apart, records in sorted(
        records_module.by_protocol(shown), key=lambda group: group[0]
    ):
        groups.setdefault(metric, []).append((apart, records))
    return groups


def _keyed(group: tuple[dict, list[dict]]) -> tuple[str, list[dict]]:
    return str(records_module.protocol(group[1][0])), group[1]


def _apart(metric: str, groups: Sequence[tuple[dict, list[dict]]]) -> list[str]:
    if len(groups) == 1:
        return []
    return [
        f"{metric}: {len(groups)} protocols, whose numbers cannot be ranked together; they differ in {', '.join(groups[0][0])}"
    ]


def _title(metric: str, apart: dict) -> str:
    side, under = (
        metrics_module.better(metric),
        "; ".join(f"{key} {value}" for key, value in apart.items()),
    )
    return f"{metric}, {f'{side} is better' if side else 'no better side'}" + (
        f"; {under}" if under else ""
    )


def _records(place: pathlib.Path, newest: bool) -> list[dict]:
    """Returns the records at one place, each with `title` and `experiment` where it has one; of a run the newest of each kind, or all."""
    run = runs.Run(place)
    if run.exists:
        written = records_module.read(run.metrics)[0]
        kept = {
            (r["metric"], str(records_module.protocol(r)), None if newest else r.get("step")): r
            for r in written
        }
        experiment = run.record()["experiment"]
        found = [
            record | {"title": place.resolve().name, "experiment": experiment}
            for record in kept.values()
        ]
    else:
        files = sorted(place.rglob("*.json")) if place.is_dir() else [place]
        read = [(file, records_module.published(file)) for file in files]
        found = [
            record | {"title": file.stem}
            for file, record in read
            if record is not None and records_module.is_record(record)
        ]
    if not found:
        rule = "A place to compare must be a run that was measured, a JSON file that `zoo evaluate --out` wrote, or a folder of such files"
        raise ValueError(f"{rule}. Received: {place}")
    return found


def _ranked(metric: str, records: list[dict]) -> list[list[str]]:
    """Returns the rows of a table, the best first where the metric has a better side."""
    side = metrics_module.better(metric)
    rows = _rows(records)
    if side is not None:
        rows.sort(key=lambda row: row[0] if side == metrics_module.LOWER else -row[0])
    return [
        [
            str(rank) if side else "-",
            title,
            f"{value:.6g}",
            "" if error is None else f"{error:.2g}",
            seeds,
            step,
        ]
        for rank, (value, error, title, seeds, step) in enumerate(rows, 1)
    ]


def _rows(records: Iterable[dict]) -> list[tuple[float, float | None, str, str, str]]:
    """Returns (value, error, title, seeds, step) of each experiment at each step."""
    rows = []
    for group in _experiments(records, lambda record: str(record.get("step"))).values():
        step = str(group[0].get("step") or "")
        seeds = _of_seeds(group)
        told = ", ".join(map(str, seeds))
        if len(seeds) > 1:
            rows.append((*_mean(list(seeds.values())), _common(group), told, step))
        else:
            rows += [(r["value"], r["standard_error"], r["title"], told, step) for r in group]
    return rows


def _lines(records: Iterable[dict]) -> list[plots.Series]:
    """Returns the line of each experiment that was measured at two steps or more."""
    lines = []
    for group in _experiments(records, lambda record: "").values():
        at: dict[int, dict] = {}
        for record in group:
            if record.get("step") is not None and record["value"] is not None:
                at.setdefault(record["step"], {})[str(_of_seeds([record]) or record["title"])] = (
                    record
                )
        most = max(map(len, at.values()), default=0)
        whole = {
            step: list(found.values()) for step, found in sorted(at.items()) if len(found) == most
        }
        if len(whole) > 1:
            points = [
                _mean(found) if most > 1 else (found[0]["value"], found[0]["standard_error"])
                for found in whole.values()
            ]
            title = _common(group) if most > 1 else group[0]["title"]
            lines.append(
                plots.Series(
                    title,
                    list(whole),
                    [value for value, _ in points],
                    [error or 0.0 for _, error in points],
                )
            )
    return lines


def _experiments(records: Iterable[dict], more: Callable[[dict], str]) -> dict[str, list[dict]]:
    """Returns the records of equal experiments but for the seed and how long they train, and of equal `more`; others each alone."""
    alike: dict[str, list[dict]] = {}
    for record in records:
        experiment = record.get("experiment")
        key = (
            record["title"]
            if experiment is None
            else str(experiment | {"seed": None, "train": None})
        )
        alike.setdefault(key + " " + more(record), []).append(record)
    return alike


def _of_seeds(group: Iterable[dict]) -> dict[int, dict]:
    return {record["experiment"]["seed"]: record for record in group if record.get("experiment")}


def _mean(group: Sequence[dict]) -> tuple[float, float]:
    """Returns the mean of the values and its standard error."""
    values = [record["value"] for record in group]
    return statistics.mean(values), statistics.stdev(values) / len(values) ** 0.5


def _common(group: Sequence[dict]) -> str:
    """Returns what the titles of an experiment's seeds begin with."""
    return (
        re.sub(r"[_-]?(seed)?$", "", os.path.commonprefix([record["title"] for record in group]))
        or group[0]["experiment"]["name"]
    )
