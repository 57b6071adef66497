"""The page of a folder of records: tables of comparable measurements, benchmarks, pictures."""

import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from train.evaluation import metrics, records
from train.report import pages, pictures, winners


class _Metric(NamedTuple):
    """All measurements of a metric.

    Attributes:
        name: Name of the metric.
        differences: Fields in which its protocols differ.
        tables: One table for each protocol.
    """

    name: str
    differences: Sequence[str]
    tables: Sequence["_Table"]


class _Table(NamedTuple):
    """Measurements that can be compared, the best first."""

    caption: str
    has_errors: bool
    rows: Sequence["_Row"]
    protocol: Mapping


class _Row(NamedTuple):
    """A record, with what is shown of it besides its own fields."""

    source: str
    seed: object
    record: Mapping
    warnings: Sequence[str]
    summary: str


def write(folder: str | os.PathLike, path: str | os.PathLike | None = None) -> pathlib.Path:
    """Writes the page of the records and the pictures that lie in a folder and below it.

    Args:
        folder: Folder of JSON files, as `zoo evaluate --out` and the benchmarks write them.
        path: HTML file to write; report.html in the folder unless given.

    Returns:
        The path.

    Raises:
        ValueError: If there is no record.
    """
    folder = pathlib.Path(folder)
    files = {
        file.relative_to(folder).as_posix(): records.published(file)
        for file in sorted(folder.rglob("*.json"))
    }
    contents = [content | {"file": name} for name, content in files.items() if content is not None]
    measured = [content for content in contents if records.is_record(content)]
    rest = [content for content in contents if not records.is_record(content)]
    others = [content for content in rest if "command" in content]
    if not measured and not others:
        rule = (
            "A folder of records holds JSON files with `metric` or `command`, as `zoo evaluate RUN "
            "--metrics=NAME --out=FILE.json` writes them; a run directory holds experiment.json"
        )
        raise ValueError(f"{rule}. Received: {folder} with {len(files)} other JSON files")
    return pages.write(
        path or folder / "report.html",
        "folder.html",
        title=folder.resolve().name,
        winners=winners.by_metric(
            record | {"title": pathlib.PurePath(record["file"]).stem} for record in measured
        ),
        metrics=_metrics(measured),
        number_of_records=len(measured),
        others=others,
        runs=[
            content
            for content in rest
            if content not in others and isinstance(content.get("experiment"), dict)
        ],
        pictures=[
            pictures.stored(file, file.relative_to(folder).as_posix())
            for file in sorted(folder.rglob("*.png"))
        ],
        unread=[f"{name} cannot be read." for name, content in files.items() if content is None],
    )


def _metrics(measured: Iterable[dict]) -> list[_Metric]:
    by_metric: dict[str, list] = {}
    for metric, differences, group in records.by_protocol(measured):
        by_metric.setdefault(metric, []).append((differences, group))
    return [
        _Metric(name, list(groups[0][0]), [_table(name, *group) for group in groups])
        for name, groups in sorted(by_metric.items())
    ]


def _table(metric: str, differences: Mapping, measured: Sequence[dict]) -> _Table:
    sign = 1 if metrics.better(metric) == metrics.LOWER else -1
    ordered = sorted(measured, key=lambda r: (r["value"] is None, sign * (r["value"] or 0)))
    return _Table(
        "; ".join(f"{field}: {pages.plain(value)}" for field, value in differences.items()),
        any(record.get("standard_error") is not None for record in measured),
        [_row(record) for record in ordered],
        records.protocol(measured[0]),
    )


def _row(record: dict) -> _Row:
    experiment = record["experiment"] if isinstance(record.get("experiment"), dict) else {}
    words = str(record.get("command", "")).split()
    of_run = words[:2] == ["zoo", "evaluate"] and len(words) > 2
    run = words[2] if of_run else " ".join(words)
    config = str(experiment.get("name", ""))
    source = f"{config} ({run})" if config and run and run != config else config or run
    warnings = records.warnings(record)
    return _Row(source, experiment.get("seed", ""), record, warnings, _summary(record["beside"]))


def _summary(values: Mapping) -> str:
    """Returns the first of the values that were measured with a metric, and a sign of more."""
    if not values:
        return ""
    key, value = next(iter(values.items()))
    value = value.get("value", "") if isinstance(value, dict) else value
    return f"{key} {pages.plain(value)}" + (" …" if len(values) > 1 else "")
