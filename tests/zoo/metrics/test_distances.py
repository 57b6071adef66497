"""Squared distances in blocks against the differences themselves."""

import numpy as np
import pytest

from zoo.metrics import distances

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("entries", [1, 40, 2**22])
def test_blocks_are_the_rows_of_all_squared_distances(entries, monkeypatch):
    monkeypatch.setattr(distances, "ENTRIES", entries)
    x, references = RNG.normal(size=(7, 3)), RNG.normal(size=(11, 3))
    expected = ((x[:, None] - references[None]) ** 2).sum(axis=-1)
    blocks = list(distances.squared(x, references))
    assert len(blocks) == -(-7 // max(1, entries // 11))
    np.testing.assert_allclose(np.concatenate(blocks), expected, rtol=1e-12)


def test_digits_survive_far_from_the_origin():
    x = RNG.normal(size=(5, 2)) + [1e6, -1e6]  # each coordinate has a mean of its own
    expected = ((x[:, None] - x[None]) ** 2).sum(axis=-1)
    (block,) = distances.squared(x, x)
    np.testing.assert_allclose(block, expected, rtol=1e-8, atol=1e-12)
    assert (block >= 0.0).all()
