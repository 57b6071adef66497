"""Draws in numpy are those that the game makes in TensorFlow."""

import numpy as np
import pytest
import tensorflow as tf

from export.runtime import draws, golden_rows
from zoo import seeds, trained

SEEDS = np.concatenate([golden_rows.seeds(), trained.row_seeds(2**31 - 1, 3)])


def rows(stream):
    """A source of TensorFlow's draws, from number `stream` on."""
    source = seeds.Rows(tf.constant(SEEDS))
    for _ in range(stream):
        source.normal((1,))
    return source


@pytest.mark.parametrize("stream", [0, 1, 5])
def test_words_are_bit_equal_at_every_edge_of_the_seeds(stream):
    ours, theirs = draws.words(SEEDS, stream, 9), rows(stream)._words(9)
    for own, other in zip(ours, theirs):
        np.testing.assert_array_equal(own, other.numpy())


@pytest.mark.parametrize("shape", [(), (7,), (3, 2)], ids=str)
@pytest.mark.parametrize("stream", [0, 3])
def test_normal_draws_are_equal(stream, shape):
    ours, theirs = draws.normal(SEEDS, stream, shape), rows(stream).normal(shape).numpy()
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


def test_the_words_are_random123s():
    # kat_vectors, threefry2x32 with 20 rounds, at key (0, 0) and counter (0, 0)
    first, second = draws.words(np.zeros(1, np.int64), 0, 1)
    assert (int(first[0, 0]), int(second[0, 0])) == (0x6B200159, 0x99BA4EFE)
