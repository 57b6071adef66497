"""The classifier's shapes, and that its features are means over positions."""

import keras
import numpy as np
import pytest

from zoo.networks import classifier


@pytest.mark.parametrize("shape", [(28, 28, 1), (9, 13, 3)])
def test_logits_and_features_of_any_size(shape):
    made = classifier.convolutional(shape=shape, classes=5, widths=((4,), (6, 7)))
    part = keras.Model(made.input, made.get_layer("features").output)
    x = np.random.default_rng(0).random((2, *shape), np.float32)
    assert made(x).shape == (2, 5) and part(x).shape == (2, 7)


def test_features_are_the_mean_over_positions():
    made = classifier.convolutional(shape=(6, 6, 1), classes=2, widths=((3,),))
    last = [layer for layer in made.layers if isinstance(layer, keras.layers.Activation)][-1]
    x = np.random.default_rng(0).random((2, 6, 6, 1), np.float32)
    maps = keras.Model(made.input, last.output)(x).numpy()
    np.testing.assert_allclose(
        keras.Model(made.input, made.get_layer("features").output)(x),
        maps.mean(axis=(1, 2)),
        rtol=1e-6,
    )


def test_widths_are_at_least_one():
    with pytest.raises(ValueError, match="widths\\[1\\]\\[0\\]"):
        classifier.convolutional(shape=(6, 6, 1), classes=2, widths=((3,), (0,)))


def test_the_default_widths_are_those_of_the_networks_whose_features_are_published():
    made = classifier.convolutional(shape=(28, 28, 1), classes=10)
    convolutions = [layer for layer in made.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.filters for layer in convolutions] == [16, 32, 32, 64, 128]
    assert {layer.kernel_size for layer in convolutions} == {(3, 3)}
