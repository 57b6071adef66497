"""Which rows of a comparison are separated from one another, and the ranks that follow."""

import math
from collections.abc import Sequence
from typing import NamedTuple

HEAD = ["rank", "name", "value", "standard error", "spread over seeds", "seeds", "step"]
ERRORS = (
    "The standard error is that of the measurement, which its record holds. Of a mean over seeds "
    "it is the root of the sum of the squared errors of the records, divided by their number. The "
    "spread over seeds is their standard deviation. Two neighbours have different ranks where "
    "their difference is above twice their combined standard error, which is the root of the sum "
    "of the squares, and above the larger of their spreads over seeds. Otherwise they share the "
    "rank."
)


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        value: Measured value, or the mean over seeds; None where a measurement gave none.
        standard_error: Standard error of the measurement, or of the mean as far as it comes from
            the measurements; None where it is not known.
        spread: Standard deviation over seeds; None for one seed.
        name: Name of the run, of the record or of the experiment.
        seeds: The seeds.
        step: Training steps.
    """

    value: float | None
    standard_error: float | None
    spread: float | None
    name: str
    seeds: str
    step: str


def separated(a: Row, b: Row) -> bool:
    """Says whether the difference between two rows is larger than both of its errors.

    It must be above twice the combined standard error, and above the larger spread over seeds. An
    error that is known of one row only counts for both. A row of which no error of either kind is
    known is not separated from any other.

    Example:
        >>> a, b = (Row(value, 0.5, None, "", "", "") for value in (1.0, 2.0))
        >>> separated(a, b)
        False
    """
    if any(row.standard_error is None and row.spread is None for row in (a, b)):
        return False
    errors = [row.standard_error for row in (a, b) if row.standard_error is not None]
    limits = [2.0 * math.hypot(*errors), *(x.spread for x in (a, b) if x.spread is not None)]
    return abs(a.value - b.value) > max(limits)


def ranks(rows: Sequence[Row]) -> list[str]:
    """Returns the ranks of rows that are sorted, the best first; "-" for rows without a value.

    Neighbours that are not separated share a rank, such as 2-4.

    Example:
        >>> ranks([Row(value, 0.5, None, "", "", "") for value in (9.0, 5.0, 4.0)])
        ['1', '2-3', '2-3']
    """
    groups: list[list[Row]] = []
    for row in rows:
        if row.value is None:
            continue
        if groups and not separated(groups[-1][-1], row):
            groups[-1].append(row)
        else:
            groups.append([row])
    result = []
    for group in groups:
        first, last = len(result) + 1, len(result) + len(group)
        result += [str(first) if first == last else f"{first}-{last}"] * len(group)
    return result + ["-"] * (len(rows) - len(result))


def cells(rows: Sequence[Row], ranked: bool) -> list[list[str]]:
    """Returns the texts of a table's cells, a list for each row, in the columns of `HEAD`.

    Args:
        rows: The rows, sorted if they are to be ranked.
        ranked: Whether one direction of the metric is better.
    """
    texts = []
    for rank, row in zip(ranks(rows) if ranked else ["-"] * len(rows), rows):
        measured, errors = "none", ["", ""]
        if row.value is not None:
            measured = f"{row.value:.6g}"
            errors = [
                "not known" if error is None else f"{error:.2g}"
                for error in (row.standard_error, row.spread)
            ]
        texts.append([rank, row.name, measured, *errors, row.seeds, row.step])
    return texts


def notes(rows: Sequence[Row]) -> list[str]:
    """Returns sentences that say which ranks rest on one kind of error only, or on none."""
    measured = [row for row in rows if row.value is not None]
    lone = [row.name for row in measured if row.spread is None and row.standard_error is not None]
    bare = [row.name for row in measured if row.spread is None and row.standard_error is None]
    sentences = []
    if lone:
        its, rests = ("Its", "its rank rests") if len(lone) == 1 else ("Their", "their ranks rest")
        sentences.append(
            f"One seed: {', '.join(lone)}. {its} spread over seeds is not known, so that {rests} "
            "on the standard error, and on the neighbour's spread where that has several seeds."
        )
    if bare:
        sentences.append(
            f"Neither error is known of {', '.join(bare)}: nothing separates such a row from its "
            "neighbours."
        )
    return sentences
