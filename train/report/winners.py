"""What did best by each metric: the first table of the page of a folder of records."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from train.evaluation import metrics, records
from train.report import comparison, ranking

_OWN = ("gaussian_fit",)  # the divergence of each run's own loss


class Winner(NamedTuple):
    """What did best by one metric under one protocol.

    Attributes:
        metric: Name of the metric.
        data: Name of the data set.
        best: The experiments that lead, and that nothing separates from one another.
        then: The next two, if there are as many.
        count: Number of experiments that were compared.
    """

    metric: str
    data: str
    best: Sequence[ranking.Row]
    then: Sequence[ranking.Row]
    count: int


def by_metric(measured: Iterable[dict]) -> list[Winner]:
    """Returns what did best by each metric and protocol, those of the most experiments first.

    Only runs are compared, by metrics that are the same for all and of which one direction is
    better, and only where there are two experiments or more.

    Args:
        measured: Records of measurements, each with a `title`.
    """
    rows = []
    of_runs = [record for record in measured if record.get("experiment")]
    for metric, _, group in records.by_protocol(of_runs):
        ordered = [row for row in comparison.rows_of(metric, group) if row.value is not None]
        if metrics.better(metric) is None or metric in _OWN or len(ordered) < 2:
            continue
        ranks = ranking.ranks(ordered)
        tied = ranks.count(ranks[0])
        data = str(records.protocol(group[0]).get("data", ""))
        rows.append(Winner(metric, data, ordered[:tied], ordered[tied : tied + 2], len(ordered)))
    return sorted(rows, key=lambda row: -row.count)
