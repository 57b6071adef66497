import keras
import numpy as np
import pytest

from zoo.networks import activations, normalizers


def network(shape, normalization):
    x = keras.Input(shape)
    return keras.Model(x, normalizers.apply(x, normalization))


@pytest.mark.parametrize("shape", [(7,), (5, 6, 4)], ids=str)
def test_layer_normalizes_over_an_example_with_a_gain_per_channel(shape):
    model = network(shape, "layer")
    channels = shape[-1]
    gain, bias = np.linspace(0.5, 2, channels), np.linspace(-1, 1, channels)
    model.set_weights([gain, bias])
    x = np.random.default_rng(0).normal(3.0, 2.0, (4, *shape)).astype(np.float32)
    axes = tuple(range(1, x.ndim))
    expected = (x - x.mean(axes, keepdims=True)) / np.sqrt(
        x.var(axes, keepdims=True) + 1e-5
    ) * gain + bias
    np.testing.assert_allclose(model(x), expected, atol=1e-5)


def test_batch_normalizes_over_examples_and_positions():
    x = np.random.default_rng(0).normal(3.0, 2.0, (4, 5, 6, 2)).astype(np.float32)
    axes = (0, 1, 2)
    expected = (x - x.mean(axes)) / np.sqrt(x.var(axes) + 1e-5)
    np.testing.assert_allclose(network((5, 6, 2), "batch")(x, training=True), expected, atol=1e-5)


def test_batch_is_synchronized_and_keeps_a_tenth_of_the_new_mean():
    model = network((3,), "batch")
    model(np.full((4, 3), 2.0, np.float32), training=True)
    assert model.layers[-1].synchronized
    np.testing.assert_allclose(model.layers[-1].moving_mean, 0.2, atol=1e-6)


def test_none_adds_no_layer():
    assert len(network((3,), "none").layers) == 1


def test_leaky_relu_has_dcgans_slope():
    np.testing.assert_allclose(
        activations.layer("leaky_relu")(np.array([-1.0, 2.0])), [-0.2, 2.0], atol=1e-7
    )


@pytest.mark.parametrize("shape", [(1, 2, 3), (2, 1, 3)], ids=str)
def test_an_instance_of_two_pixels_is_normalized(shape):
    x = np.random.default_rng(0).normal(3.0, 2.0, (4, *shape)).astype(np.float32)
    mean, variance = (f(x, axis=(1, 2), keepdims=True) for f in (np.mean, np.var))
    expected = (x - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(network(shape, "instance")(x), expected, atol=1e-5)
