"""Split strings against Python's slices, and what is held out against the definition."""

import fractions
import math

import numpy as np
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


def philox(key, blocks):
    """The 64-bit words of Philox4x64-10, as its paper defines it, in whole numbers of Python."""
    mask, words = 2**64 - 1, []
    for counter in range(1, blocks + 1):  # numpy counts before it draws
        x, k = [counter, 0, 0, 0], [key, 0]
        for _ in range(10):
            products = x[0] * 0xD2E7470EE14C6C93, x[2] * 0xCA5A826395121157
            x = [
                products[1] >> 64 ^ x[1] ^ k[0],
                products[1] & mask,
                products[0] >> 64 ^ x[3] ^ k[1],
                products[0] & mask,
            ]
            k = [k[0] + 0x9E3779B97F4A7C15 & mask, k[1] + 0xBB67AE8584CAA73B & mask]
        words += x
    return words


def test_the_permutation_sorts_the_words_of_philox():
    words = philox(splits.HELD_OUT_KEY, 250)
    expected = sorted(range(1000), key=words.__getitem__)
    np.testing.assert_array_equal(splits.permutation(1000), expected)


def test_the_permutation_is_the_one_that_runs_began_with():
    # written down when examples were first held out: a change would let old runs see them
    expected = [10, 8, 0, 1, 11, 4, 9, 6, 2, 7, 5, 3]
    np.testing.assert_array_equal(splits.permutation(12), expected)


@pytest.mark.parametrize("fraction", [0.0, 0.07, 0.1, 0.25, 0.999])
@pytest.mark.parametrize("count", [2, 3, 10, 100, 1797])
def test_every_example_is_trained_on_or_held_out(count, fraction):
    for labels in (None, np.arange(count) % 3):
        training, unseen = splits.held_out(count, fraction, labels)
        assert list(training) == sorted(training)
        assert sorted([*training, *unseen]) == list(range(count))
        expected = min(math.ceil(fractions.Fraction(str(fraction)) * count), count - 1)
        assert len(unseen) == splits.held_out_count(count, fraction) == expected


def test_one_example_is_trained_on():
    assert [list(rows) for rows in splits.held_out(1, 0.5)] == [[0], []]


def test_each_class_is_held_out_in_its_proportion_wherever_it_lies():
    sizes = [10, 1000, 10, 37, 500, 11]
    labels = np.repeat(np.arange(6), sizes)  # sorted by class
    for fraction in (0.1, 0.2, 0.35):
        unseen = splits.held_out(len(labels), fraction, labels)[1]
        counts = np.bincount(labels[unseen], minlength=6)
        number = len(unseen) / len(labels)
        assert np.all(np.abs(counts - np.array(sizes) * number) < 1.0) and np.all(counts > 0)


def test_the_head_of_what_is_held_out_mixes_the_classes():
    labels = np.repeat(np.arange(10), 200)
    counts = np.bincount(labels[splits.held_out(2000, 0.1, labels)[1][:50]], minlength=10)
    assert np.all(counts > 0)  # by chance a class is missing in 5 of 100 such draws; this is fixed


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 2.0, math.nan])
def test_a_fraction_that_leaves_nothing_or_makes_no_sense_is_refused(fraction):
    with pytest.raises(ValueError, match="`held_out` must be at least 0 and below 1.*Received"):
        splits.held_out(10, fraction)
