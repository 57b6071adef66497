"""Ranks: two rows are separated where their difference exceeds both of their errors."""

import math

import pytest

from train.report import ranking

SEEDS = math.sqrt(2.0)  # standard deviation of two seeds' values that are 2 apart


def row(value, error=0.05, spread=None, name="a"):
    return ranking.Row(value, error, spread, name, "", "")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # one seed each: twice sqrt(0.3**2 + 0.4**2) is 1
        ([row(6.0, 0.3), row(4.99, 0.4)], ["1", "2"]),
        ([row(6.0, 0.3), row(5.01, 0.4)], ["1-2", "1-2"]),
        # a spread that is known of one row only
        ([row(6.4), row(5.0, spread=SEEDS)], ["1-2", "1-2"]),
        ([row(6.5), row(5.0, spread=SEEDS)], ["1", "2"]),
        # the larger spread of the two
        ([row(8.0, spread=SEEDS), row(6.6, spread=0.1)], ["1-2", "1-2"]),
        ([row(8.1, spread=SEEDS), row(6.6, spread=0.1)], ["1", "2"]),
        # above the spread, and not above the standard errors
        ([row(6.0, 0.3, spread=0.1), row(5.01, 0.4, spread=0.1)], ["1-2", "1-2"]),
        # neighbours are compared, so that rows may share a rank through a third
        ([row(value, 0.3) for value in (6.0, 5.5, 5.0, 1.0)], ["1-3", "1-3", "1-3", "4"]),
        # nothing is known of the second row
        ([row(9.0), row(5.0, None), row(4.0, spread=0.0)], ["1-3", "1-3", "1-3"]),
        # the spread alone, where records have no standard error
        ([row(9.0, None, 0.0), row(5.0, None, 0.0)], ["1", "2"]),
        ([row(math.inf), row(math.inf), row(9.0)], ["1-2", "1-2", "3"]),
        ([row(9.0), row(None, None)], ["1", "-"]),
        ([], []),
    ],
)
def test_a_rank_needs_a_difference_above_both_errors(rows, expected):
    assert ranking.ranks(rows) == expected


def test_a_note_says_what_a_rank_rests_on():
    several, one = row(5.0, spread=0.1), row(9.0)
    assert ranking.notes([several, row(None, None)]) == []
    assert ranking.notes([one, several]) == [
        "One seed: a. Its spread over seeds is not known, so that its rank rests on the standard "
        "error, and on the neighbour's spread where that has several seeds."
    ]
    two, bare = ranking.notes([one, row(1.0, name="b"), row(0.0, None, name="c")])
    assert two.startswith("One seed: a, b. Their spread over seeds is not known")
    assert bare.startswith("Neither error is known of c: nothing separates such a row")
