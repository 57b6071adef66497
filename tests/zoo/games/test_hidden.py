"""The layer "features" of a network."""

import keras
import numpy as np
import tensorflow as tf

from zoo.games import hidden


def test_features_are_flat_and_in_float32_whatever_the_network_computes_in():
    network = keras.Sequential(
        [
            keras.Input((2, 3, 1)),
            keras.layers.Rescaling(2.0, dtype="mixed_bfloat16", name="features"),
            keras.layers.Flatten(),
        ]
    )
    x = np.arange(12, dtype=np.float32).reshape(2, 2, 3, 1)
    features = hidden.features(network)(tf.constant(x))
    assert features.dtype == tf.float32
    np.testing.assert_array_equal(features, 2.0 * x.reshape(2, 6))


def test_a_network_without_that_layer_has_no_features():
    assert hidden.features(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])) is None
