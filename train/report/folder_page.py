"""One page of a folder of records: the measurements in tables that can be compared, the benchmarks by name, the pictures."""

import os
import pathlib
from collections.abc import Mapping, Sequence

from train.evaluation import metrics as metrics_module
from train.evaluation import records as records_module
from train.report import pages


def write(folder: str | os.PathLike, path: str | os.PathLike | None = None) -> pathlib.Path:
    """Writes the page of the records, and of the pictures, that lie in a folder and below it.

    Args:
        folder: Of JSON files, as `zoo evaluate --out` and the benchmarks write them.
        path: Of the page; report.html in the folder unless given.

    Returns:
        The path.

    Raises:
        ValueError: If there is no record.
    """
    folder = pathlib.Path(folder)
    found = {
        file.relative_to(folder).as_posix(): records_module.published(file)
        for file in sorted(folder.rglob("*.json"))
    }
    read = [record | {"file": name} for name, record in found.items() if record is not None]
    records = [record for record in read if records_module.is_record(record)]
    others = [
        record for record in read if "command" in record and not records_module.is_record(record)
    ]
    if not records and not others:
        rule = "A folder of records holds JSON files with `metric` or `command`, as `zoo evaluate RUN --metrics=NAME --out=FILE.json` writes them"
        raise ValueError(
            f"{rule}; a run directory holds experiment.json. Received: {folder} with {len(found)} other JSON files"
        )
    by_metric: dict[str, list] = {}
    for metric, apart, group in records_module.by_protocol(records):
        by_metric.setdefault(metric, []).append((apart, group))
    sections = {
        metric: _metric(groups, metrics_module.better(metric))
        for metric, groups in sorted(by_metric.items())
    }
    if others:
        rows = [
            [f"<code>{pages.text(record['file'])}</code>", pages.text(record["command"])]
            for record in others
        ]
        sections["Other records"] = pages.table(["file", "command"], rows)
    kept = [
        record
        for record in read
        if isinstance(record.get("experiment"), dict)
        and not records_module.is_record(record)
        and record not in others
    ]
    if kept:
        rows = [
            [
                f"<code>{pages.text(run['file'])}</code>",
                pages.text(run["experiment"].get("name", "")),
            ]
            for run in kept
        ]
        sections["Runs, for zoo compare"] = pages.table(["file", "config"], rows)
    pictures = sorted(folder.rglob("*.png"))
    if pictures:
        shown = "".join(
            pages.stored(file, file.relative_to(folder).as_posix()) for file in pictures
        )
        sections["Pictures"] = f'<div class="row">{shown}</div>'
    unread = [f"{name} cannot be read." for name, record in found.items() if record is None]
    links = "".join(
        f'<a href="#{pages.anchor(title)}">{pages.text(title)}</a>' for title in sections
    )
    counts = f"Measurements: {len(records)}, of {len(by_metric)} metrics, in each table the best value first, or the largest of what has no better side. "
    counts += f"Other records: {len(others)}. Pictures: {len(pictures)}."
    title = folder.resolve().name
    head = [
        f"<h1>{pages.text(title)}</h1>",
        f'<p class="soft">{counts}</p>',
        f'<p class="status">{links}</p>',
        *map(pages.note, unread),
    ]
    return pages.write(
        path or folder / "report.html",
        title,
        [*head, *(pages.section(*item) for item in sections.items())],
    )


def _metric(groups: Sequence[tuple[dict, list[dict]]], side: str | None) -> str:
    fields = list(groups[0][0])
    parts = (
        [f"<p>{len(groups)} protocols, which differ in: {pages.text(', '.join(fields))}.</p>"]
        if fields
        else []
    )
    for apart, records in groups:
        sign = 1 if side == metrics_module.LOWER else -1
        ordered = sorted(
            records, key=lambda record: (record["value"] is None, sign * (record["value"] or 0))
        )
        errors = any(record.get("standard_error") is not None for record in records)
        head = [
            "config (run)",
            "data",
            "seed",
            "value ± standard error" if errors else "value",
            "step",
            "record",
            "beside",
        ]
        caption = "; ".join(f"{field}: {pages.plain(value)}" for field, value in apart.items())
        parts.append(pages.table(head, map(_row, ordered), numbers=(2, 3, 4), caption=caption))
        parts.append(pages.details("protocol", pages.tree(records_module.protocol(records[0]))))
    return "".join(parts)


def _row(record: Mapping) -> Sequence[str]:
    experiment = record["experiment"] if isinstance(record.get("experiment"), dict) else {}
    words = str(record.get("command", "")).split()
    run = words[2] if words[:2] == ["zoo", "evaluate"] and len(words) > 2 else " ".join(words)
    config = str(experiment.get("name", ""))
    who = " ".join(
        word
        for word in (config, f"({run})" if config and run != config else run if not config else "")
        if word
    )
    beside = (
        pages.details(_first(record["beside"]), pages.tree(record["beside"]))
        if record["beside"]
        else ""
    )
    warned = "".join(pages.warning(told) for told in records_module.warnings(record))
    return [
        pages.text(who),
        pages.text(record["protocol"].get("data", "")),
        pages.text(experiment.get("seed", "")),
        pages.measured(record["value"], record.get("standard_error")),
        pages.count(record.get("step")),
        f"<code>{pages.text(record['file'])}</code>{warned}",
        beside,
    ]


def _first(beside: Mapping) -> str:
    """Returns the first of the numbers that a value is to be read with, and whether there are more."""
    key, value = next(iter(beside.items()))
    value = value.get("value", "") if isinstance(value, dict) else value
    return f"{key} {pages.plain(value)}" + (" …" if len(beside) > 1 else "")
