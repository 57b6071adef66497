"""How far an example is from itself after a translation there and back."""

import numpy as np
import pytest
import tensorflow as tf

from zoo import cycles


def test_the_error_is_the_mean_of_the_absolute_differences():
    x, back = np.random.default_rng(0).normal(size=(2, 5, 3, 3, 2))
    computed = cycles.error(tf.constant(x), tf.constant(back))
    np.testing.assert_allclose(computed, np.mean(np.abs(x - back)), rtol=1e-12)


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        cycles.error(tf.zeros([2, 3]), tf.zeros([2, 1]))
