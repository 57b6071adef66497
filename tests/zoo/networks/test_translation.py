"""CycleGAN's networks: the paper's layers, every size, and what each logit sees."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.networks import normalizers, translation


def images(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1.0, 1.0, shape).astype("float32")


def convolutions(network):
    kinds = (keras.layers.Conv2D, keras.layers.Conv2DTranspose)
    return [layer for layer in network.layers if isinstance(layer, kinds)]


def test_the_papers_translator_has_its_layers():
    network = translation.translator(shape=(128, 128, 3), value_range=(-1.0, 1.0))
    assert [c.filters for c in convolutions(network)] == [64, 128, 256, *[256] * 12, 128, 64, 3]
    assert [c.kernel_size[0] for c in convolutions(network)] == [7, 3, 3, *[3] * 12, 3, 3, 7]
    assert len(convolutions(translation.translator(shape=(256, 256, 3), value_range=None))) == 24


@pytest.mark.parametrize("shape", [(28, 28, 1), (8, 8, 1), (33, 33, 1), (48, 64, 3), (5, 7, 2)])
def test_a_translation_has_the_shape_of_the_image_and_keeps_to_the_range(shape):
    network = translation.translator(shape=shape, value_range=(0.0, 1.0), width=4, blocks=1)
    x = images(3, *shape)
    y = network(x).numpy()
    assert y.shape == x.shape and y.dtype == np.float32
    assert 0.0 <= y.min() and y.max() <= 1.0
    np.testing.assert_allclose(network(x[1:2]), y[1:2], rtol=0, atol=1e-6)  # a row alone


def test_padding_mirrors_without_the_edge():
    x = np.arange(9.0, dtype="float32").reshape(1, 3, 3, 1)
    expected = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="reflect")
    layer = translation.ReflectionPadding(2)
    np.testing.assert_array_equal(layer(x), expected)
    assert layer.compute_output_shape((None, 3, 3, 1)) == (None, 7, 7, 1)
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    np.testing.assert_array_equal(again(x), expected)


def test_instance_normalization_is_that_of_each_channel_of_each_image():
    inputs = keras.Input((4, 5, 3))
    network = keras.Model(inputs, normalizers.apply(inputs, "instance"))
    x = images(2, 4, 5, 3).astype("float64")
    mean, variance = (x.mean(axis=(1, 2), keepdims=True), x.var(axis=(1, 2), keepdims=True))
    np.testing.assert_allclose(network(x), (x - mean) / np.sqrt(variance + 1e-5), atol=1e-6)
    assert network.weights == []


def test_instance_normalization_of_a_single_pixel_is_refused():
    with pytest.raises(ValueError, match=r"more than one pixel.*Received: shape \(None, 1, 1, 3\)"):
        normalizers.apply(keras.Input((1, 1, 3)), "instance")


@pytest.mark.parametrize(("levels", "seen"), [(1, 16), (2, 34), (3, 70)])
def test_a_logit_sees_a_patch_of_the_papers_size(levels, seen):
    side = 128
    network = translation.patch_critic(
        shape=(side, side, 1), width=2, levels=levels, normalization="none"
    )
    x = keras.ops.convert_to_tensor(images(1, side, side, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = network(x)
        middle = logits[:, logits.shape[1] // 2, logits.shape[2] // 2, 0]
    rows = np.flatnonzero(np.abs(tape.gradient(middle, x).numpy()[0, :, :, 0]).sum(axis=1))
    assert rows[-1] - rows[0] + 1 == seen


def test_the_papers_critic_has_its_layers():
    network = translation.patch_critic(shape=(256, 256, 3))
    assert [c.filters for c in convolutions(network)] == [64, 128, 256, 512, 1]
    assert [c.strides[0] for c in convolutions(network)] == [2, 2, 2, 1, 1]
    normalized = [x for x in network.layers if isinstance(x, keras.layers.GroupNormalization)]
    assert len(normalized) == 3  # not the first one


def test_a_critic_of_patches_has_at_most_eight_times_its_first_channels():
    network = translation.patch_critic(shape=(64, 64, 1), width=2, levels=5)
    assert [c.filters for c in convolutions(network)] == [2, 4, 8, 16, 16, 16, 1]


@pytest.mark.parametrize("shape", [(3, 9, 1), (9, 3, 1), (4, 4, 1)])
def test_an_image_too_small_to_be_mirrored_is_refused(shape):
    with pytest.raises(ValueError, match="at least 4 pixels a side"):
        translation.translator(shape=shape, value_range=None)
