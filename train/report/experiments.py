"""Records of one experiment: the same settings under several seeds are summarised together."""

import contextlib
import math
import os
import re
import statistics
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from configs import schema


def groups(
    records: Iterable[dict], also: Callable[[dict], str] = lambda record: ""
) -> list[list[dict]]:
    """Returns groups of records whose experiments differ in `seed` and `train` at most.

    Args:
        records: Records of measurements with a `title`, and with `experiment` if they have one. A
            record without an experiment is grouped with those of the same title.
        also: Function of a record whose value must be equal in a group, too.
    """
    by_key: dict[tuple[str, str], list[dict]] = {}
    for record in records:
        experiment = record.get("experiment")
        key = _key(experiment) if experiment else record["title"]
        by_key.setdefault((key, also(record)), []).append(record)
    return list(by_key.values())


def _key(experiment: Mapping) -> str:
    """Returns the settings that a group has in common, as text.

    Fields that an older experiment lacks have their defaults. What was held out is left to the
    protocol of a record, which says so where it matters: older experiments lack that field too,
    also those on data with a test split, which it does not change.
    """
    with contextlib.suppress(ValueError, LookupError, TypeError):  # of a version that is not known
        experiment = schema.Experiment.from_dict(experiment).as_dict()
    data = {key: value for key, value in experiment.get("data", {}).items() if key != "held_out"}
    return str(experiment | {"seed": None, "train": None, "data": data})


def seed(record: Mapping) -> str:
    """Returns the seed of a record's experiment; no text if it has none."""
    return str(record["experiment"].get("seed")) if record.get("experiment") else ""


def mean(records: Collection[Mapping]) -> tuple[float, float | None, float]:
    """Returns the mean of the values of two records or more, its standard error and their spread.

    The standard error is that of the measurements alone: the root of the sum of the squared
    standard errors, divided by the number of records; None where a record has none. The spread is
    the standard deviation of the values, with the number of records less one in the denominator.

    Example:
        >>> mean([{"value": 1.0, "standard_error": 0.6}, {"value": 3.0, "standard_error": 0.8}])
        (2.0, 0.5, 1.4142135623730951)
    """
    values = [record["value"] for record in records]
    errors = [record.get("standard_error") for record in records]
    pooled = None if None in errors else math.hypot(*errors) / len(errors)
    return statistics.mean(values), pooled, statistics.stdev(values)


def title(group: Sequence[Mapping]) -> str:
    """Returns what the titles of an experiment's seeds begin with, or the name of its config.

    Example:
        >>> title([{"title": "ring_seed0"}, {"title": "ring_seed1"}])
        'ring'
    """
    prefix = os.path.commonprefix([record["title"] for record in group])
    return re.sub(r"[_-]?(seed)?$", "", prefix) or group[0]["experiment"]["name"]
