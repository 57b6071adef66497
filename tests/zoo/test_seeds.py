"""The counter-based generator against Random123's known answers and the distributions' moments."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from zoo import seeds

ALL = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [  # Random123's kat_vectors, threefry2x32 with 20 rounds
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((ALL, ALL), (ALL, ALL), (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_threefry_gives_the_known_answers(key, counter, expected):
    words = seeds.threefry(
        tuple(tf.constant(k, tf.int64) for k in key),
        tuple(tf.constant(c, tf.int64) for c in counter),
    )
    assert tuple(int(word) for word in words) == expected


def test_a_row_depends_on_its_seed_only():
    together, alone = seeds.Rows(tf.constant([5, 6, 7])), seeds.Rows(tf.constant([6]))
    np.testing.assert_array_equal(
        together.uniform((10,)).numpy()[1:2], alone.uniform((10,)).numpy()
    )
    # a vectorised logarithm may differ from its scalar remainder in the last bit
    np.testing.assert_allclose(
        together.normal((10,)).numpy()[1:2], alone.normal((10,)).numpy(), atol=3e-7, rtol=3e-7
    )


def test_draws_follow_their_distributions():
    rows = seeds.Rows(tf.range(500, dtype=tf.int64))
    assert stats.kstest(rows.normal((20,)).numpy().ravel(), "norm").pvalue > 1e-3
    assert stats.kstest(rows.uniform((20,)).numpy().ravel(), "uniform").pvalue > 1e-3
