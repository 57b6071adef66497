"""Compares runs, bundles and records: ranks what was measured alike, and keeps the rest apart."""

import os
import pathlib
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from train import runs
from train.evaluation import metrics, records
from train.report import experiments, pages, plots, ranking

_PLACE = (
    "A place to compare must be a run that was measured, a JSON file that `zoo evaluate --out` "
    "wrote, or a folder of such files"
)
_WIDTH = 100  # characters in a line of the notes below a table


class _Group(NamedTuple):
    """Records that were measured under one protocol, and the fields in which it differs."""

    differences: Mapping
    records: list[dict]


class _Table(NamedTuple):
    """A table of one metric under one protocol.

    Attributes:
        caption: Which direction is better, and what sets the protocol apart.
        rows: Texts of the cells, in the columns of `ranking.HEAD`.
        notes: Sentences to read the ranks with.
    """

    caption: str
    rows: list[list[str]]
    notes: list[str]


def table(places: Sequence[str], metrics: Sequence[str] = ()) -> str:
    """Returns tables of all records at some places, one for each metric and each protocol.

    The best value comes first where one direction is better. Values are ranked within a protocol
    only, and neighbours that are not `ranking.separated` share a rank. Records of one experiment
    under several seeds are one row: their mean.

    Args:
        places: Runs (the newest record of each metric and protocol), JSON records, and folders of
            records.
        metrics: Metrics to show; all unless given.

    Raises:
        ValueError: If a place has no record, or there is none of the metrics.
    """
    lines = []
    for metric, groups in _by_metric(places, metrics).items():
        if len(groups) > 1:
            lines += [f"{metric}: {_apart(groups)}", ""]
        for group in groups:
            caption, rows, notes = _table(metric, group)
            widths = [max(map(len, column)) for column in zip(ranking.HEAD, *rows)]
            cells = (
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                for row in (ranking.HEAD, *rows)
            )
            lines += [f"{metric}, {caption}", *cells]
            lines += [line for note in notes for line in textwrap.wrap(note, _WIDTH)] + [""]
    return "\n".join([*lines, *textwrap.wrap(ranking.ERRORS, _WIDTH)])


def page(
    places: Sequence[str], path: str | os.PathLike, metrics: Sequence[str] = ()
) -> pathlib.Path:
    """Writes the tables as a page, with charts of what was measured at several steps.

    A line of a chart is an experiment: the mean over its seeds with bars of their spread, at the
    steps at which each of them was measured; or one seed's values with bars of their standard
    errors.

    Args:
        places: As in `table`.
        path: HTML file to write.
        metrics: As in `table`.

    Returns:
        The path.

    Raises:
        ValueError: As `table`.
    """
    histories = {
        (metric, _protocol(group)): group.records
        for metric, groups in _by_metric(places, metrics, newest=False).items()
        for group in groups
    }
    sections = []
    for metric, groups in _by_metric(places, metrics).items():
        tables = [
            _table(metric, group)._asdict()
            | {"charts": _charts(metric, histories[metric, _protocol(group)])}
            for group in groups
        ]
        note = _apart(groups) if len(groups) > 1 else ""
        sections.append({"metric": metric, "note": note, "tables": tables})
    names = ", ".join(pathlib.Path(place).resolve().name for place in places)
    return pages.write(
        path,
        "comparison.html",
        title="Comparison",
        names=names,
        head=ranking.HEAD,
        sections=sections,
        errors=ranking.ERRORS,
    )


def _by_metric(
    places: Sequence[str], chosen: Sequence[str], *, newest: bool = True
) -> dict[str, list[_Group]]:
    """Returns the groups of comparable records by metric, in the order of the metrics' names."""
    metrics.check(list(chosen))
    measured = [record for place in places for record in _records(pathlib.Path(place), newest)]
    if not measured:
        raise ValueError(f"{_PLACE}. Received: {', '.join(map(str, places))}")
    shown = [record for record in measured if not chosen or record["metric"] in chosen]
    if not shown:
        names = ", ".join(sorted({record["metric"] for record in measured}))
        raise ValueError(f"There must be a record of {', '.join(chosen)}. Received: {names}")
    groups: dict[str, list[_Group]] = {}
    for metric, differences, group in records.by_protocol(shown):
        groups.setdefault(metric, []).append(_Group(differences, group))
    return dict(sorted(groups.items()))


def _protocol(group: _Group) -> str:
    return str(records.protocol(group.records[0]))


def _apart(groups: Sequence[_Group]) -> str:
    return (
        f"{len(groups)} protocols, whose numbers cannot be ranked together; they differ in "
        f"{', '.join(groups[0].differences)}"
    )


def _table(metric: str, group: _Group) -> _Table:
    ranked, rows = metrics.better(metric) is not None, rows_of(metric, group.records)
    notes = ranking.notes(rows) if ranked else []
    return _Table(_title(metric, group), ranking.cells(rows, ranked), notes)


def _title(metric: str, group: _Group) -> str:
    better = metrics.better(metric)
    direction = f"{better} is better" if better else "neither direction is better"
    protocol = "; ".join(f"{key} {value}" for key, value in group.differences.items())
    return f"{direction}; {protocol}" if protocol else direction


def _records(place: pathlib.Path, newest: bool) -> list[dict]:
    """Returns the records at one place, each with a `title`, and with `experiment` if it has one.

    Args:
        place: A run, a JSON record, or a folder of records.
        newest: Whether only the newest record of each metric and protocol of a run counts.
    """
    run = runs.Run(place)
    if run.exists:
        experiment = run.record()["experiment"]
        added = {"title": place.resolve().name, "experiment": experiment}
        kept = {
            (r["metric"], str(records.protocol(r)), None if newest else r.get("step")): r | added
            for r in records.read(run.metrics)[0]
        }
        measured = list(kept.values())
    else:
        files = sorted(place.rglob("*.json")) if place.is_dir() else [place]
        contents = [(records.published(file) or {}) | {"title": file.stem} for file in files]
        measured = [content for content in contents if records.is_record(content)]
        if not measured and not place.exists():
            raise ValueError(f"{_PLACE}. Received: {place}, which does not exist")
    return measured


def unmeasured(places: Sequence[str]) -> list[str]:
    """Returns a sentence about each place that has nothing to compare."""
    return [
        f"{place} has not been measured: `zoo evaluate {place} --metrics=NAME`"
        if runs.Run(place).exists
        else f"{place} has no record of a measurement"
        for place in places
        if not _records(pathlib.Path(place), newest=True)
    ]


def rows_of(metric: str, records: Iterable[dict]) -> list[ranking.Row]:
    """Returns a row for each experiment at each step, the best first where one way is better."""
    rows = []
    for group in experiments.groups(records, lambda record: str(record.get("step"))):
        step = str(group[0].get("step") or "")
        by_seed = {experiments.seed(record): record for record in group if record.get("experiment")}
        if len(by_seed) > 1 and all(r["value"] is not None for r in by_seed.values()):
            title, seeds = experiments.title(group), ", ".join(by_seed)
            rows.append(ranking.Row(*experiments.mean(by_seed.values()), title, seeds, step))
        else:
            rows += [
                ranking.Row(
                    r["value"],
                    r.get("standard_error"),
                    None,
                    r["title"],
                    experiments.seed(r),
                    step,
                )
                for r in group
            ]
    better = metrics.better(metric)
    if better is not None:
        sign = 1 if better == metrics.LOWER else -1
        rows.sort(key=lambda row: (row.value is None, sign * (row.value or 0)))
    return rows


def _charts(metric: str, records: Iterable[dict]) -> list[plots.Chart]:
    """Returns charts of the experiments that were measured at several steps, if any."""
    lines = [line for group in experiments.groups(records) for line in _line(group)]
    parts = [lines[first : first + plots.PALETTE] for first in range(0, len(lines), plots.PALETTE)]
    # a distance that soon falls would lie flat at the bottom, where its lines are compared
    return [plots.chart(metric, "step", part, decades=1) for part in parts]


def _line(group: Sequence[dict]) -> list[plots.Series]:
    """Returns the line of an experiment, if all of its seeds were measured at two steps or more."""
    by_step: dict[int, dict] = {}
    for record in group:
        if record.get("step") is not None and record["value"] is not None:
            by_step.setdefault(record["step"], {})[record["title"], experiments.seed(record)] = (
                record
            )
    most = max(map(len, by_step.values()), default=0)
    steps = sorted(step for step, measured in by_step.items() if len(measured) == most)
    if len(steps) < 2:
        return []
    points = [list(by_step[step].values()) for step in steps]
    if most > 1:
        values, _, spreads = zip(*map(experiments.mean, points))
        return [plots.Series(experiments.title(group), steps, list(values), list(spreads))]
    values = [point["value"] for (point,) in points]
    errors = [point.get("standard_error") or 0.0 for (point,) in points]
    return [plots.Series(group[0]["title"], steps, values, errors)]
