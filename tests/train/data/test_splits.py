"""Split strings against Python's slices."""

import pytest

from train.data import splits


@pytest.mark.parametrize(
    "split, rows",
    {
        "train": range(1797),
        "train[:500]": range(500),
        "train[500:]": range(500, 1797),
        "train[-7:]": range(1790, 1797),
        "train[:-7]": range(1790),
        "train[-10%:]": range(1617, 1797),
        "train[10%:50%]": range(180, 898),
        "train[ 3 : 9000 ]": range(3, 1797),
    }.items(),
)
def test_rows_are_those_of_the_slice(split, rows):
    part, start, stop = splits.parse(split, ["train", "test"])
    assert part == "train"
    assert list(range(1797))[splits.rows(start, stop, 1797)] == list(rows)


@pytest.mark.parametrize("split", ["valid", "train[5]", "train[1:2:3]", "train[a:]", "", "train["])
def test_other_spelling_is_an_error_that_shows_the_right_one(split):
    with pytest.raises(
        ValueError, match=r"`split` must be one of 'train', 'test', or a slice.*Received: split="
    ):
        splits.parse(split, ["train", "test"])


def test_empty_part_is_an_error():
    with pytest.raises(ValueError, match=r"at least one example.*\[50:50\] of 100"):
        splits.rows("50", "50", 100)
