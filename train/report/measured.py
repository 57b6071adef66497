"""The measurements that a page shows: of each metric and protocol the newest, and their course."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from train.evaluation import records
from train.report import pages, plots


class Measured(NamedTuple):
    """The newest record of a metric under one protocol."""

    title: str
    record: Mapping
    warnings: Sequence[str]


def newest(lines: Sequence[Mapping]) -> tuple[list[Measured], list[plots.Chart]]:
    """Returns the newest record of each protocol, and charts of those measured at several steps.

    Args:
        lines: Records, in the order in which they were measured.
    """
    newest, charts = [], []
    for metric, differences, group in records.by_protocol(lines):
        title = f"{metric} ({pages.plain(differences)})" if differences else metric
        newest.append(Measured(title, group[-1], records.warnings(group[-1])))
        by_step = {r["step"]: r for r in group if r.get("step") is not None}  # the newest of each
        points = [by_step[step] for step in sorted(by_step) if by_step[step]["value"] is not None]
        if len(points) > 1:
            steps, values = ([point[key] for point in points] for key in ("step", "value"))
            errors = [point.get("standard_error") or 0.0 for point in points]
            charts.append(plots.chart(title, "step", [plots.Series(metric, steps, values, errors)]))
    return newest, charts
