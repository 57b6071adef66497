"""The tempering of a lens, in numpy."""

import numpy as np
import pytest
import tensorflow as tf

from zoo import tempering


def test_the_weight_falls_as_a_sine_and_stays_at_zero():
    steps = np.array([0.0, 10.0, 25.0, 50.0, 75.0, 99.0, 100.0, 150.0, 300.0])
    expected = np.where(steps < 100.0, 1.0 - np.sin(0.5 * np.pi * steps / 100.0), 0.0)
    computed = tempering.weight(tf.constant(steps), 100)
    np.testing.assert_allclose(computed, expected, rtol=1e-12)


def test_the_error_is_summed_over_features_and_averaged_over_examples():
    x, lensed = np.random.default_rng(0).normal(size=(2, 5, 3, 3, 2))
    computed = tempering.squared_error(tf.constant(x), tf.constant(lensed))
    np.testing.assert_allclose(computed, np.sum((x - lensed) ** 2) / 5, rtol=1e-12)


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        tempering.squared_error(tf.zeros([2, 3]), tf.zeros([2, 1]))
