import math

import keras
import numpy as np
import pytest

from zoo.networks import dcgan

WGAN_GP = {
    "normalization": "none",
    "initializer": ("fan_average", 2),
    "dense_initializer": "glorot_uniform",
}


def trainable(network):
    return sum(math.prod(w.shape) for w in network.trainable_variables)


def layers(network, kind):
    return [layer for layer in network.layers if isinstance(layer, kind)]


def test_faces_generator_has_the_released_codes_layers():
    network = dcgan.generator(latent=100, shape=(64, 64, 3), value_range=(-1, 1), width=128)
    assert [layer.output.shape[1:] for layer in layers(network, keras.layers.Conv2DTranspose)] == [
        (8, 8, 512),
        (16, 16, 256),
        (32, 32, 128),
        (64, 64, 3),
    ]
    # dense and its normalisation, three 5x5 with theirs, the last with biases
    assert (
        trainable(network)
        == 1638400 + 32768 + 13107200 + 1024 + 3276800 + 512 + 819200 + 256 + 9603
    )


def test_faces_critic_has_the_released_codes_layers():
    network = dcgan.critic(shape=(64, 64, 3), width=128)
    assert [layer.filters for layer in layers(network, keras.layers.Conv2D)] == [
        128,
        256,
        512,
        1024,
    ]
    assert len(layers(network, keras.layers.BatchNormalization)) == 3
    assert trainable(network) == 9728 + 819200 + 512 + 3276800 + 1024 + 13107200 + 2048 + 16385


def test_channels_are_at_most_eight_times_the_width():
    shape = (256, 256, 3)
    generator = dcgan.generator(latent=100, shape=shape, value_range=(-1, 1), width=8)
    made = [layer.filters for layer in layers(generator, keras.layers.Conv2DTranspose)]
    assert made == [64, 64, 32, 16, 8, 3]
    for network in (
        dcgan.critic(shape=shape, width=8),
        dcgan.encoder(latent=4, shape=shape, width=8),
    ):
        kept = [layer.filters for layer in layers(network, keras.layers.Conv2D)]
        assert kept == [8, 16, 32, 64, 64, 64]
    doubled = dcgan.critic(shape=shape, width=8, most=32)
    assert layers(doubled, keras.layers.Conv2D)[-1].filters == 256


def test_wgan_gp_mnist_generator():
    network = dcgan.generator(latent=128, shape=(28, 28, 1), value_range=(0, 1), **WGAN_GP)
    assert [layer.output.shape[1:] for layer in layers(network, keras.layers.Conv2DTranspose)] == [
        (8, 8, 128),
        (14, 14, 64),
        (28, 28, 1),
    ]
    assert network.count_params() == 528384 + 819328 + 204864 + 1601
    stds = [np.std(w) for w in network.trainable_variables if w.name == "kernel"]
    fans = [
        (2, 128 + 4096),
        (4, 25 * (256 / 4 + 128)),
        (4, 25 * (128 / 4 + 64)),
        (4, 25 * (64 / 4 + 1)),
    ]
    np.testing.assert_allclose(stds, [math.sqrt(a / b) for a, b in fans], rtol=0.05)


def test_wgan_gp_mnist_critic():
    network = dcgan.critic(shape=(28, 28, 1), **WGAN_GP)
    assert [layer.output.shape[1:] for layer in layers(network, keras.layers.Conv2D)] == [
        (14, 14, 64),
        (7, 7, 128),
        (4, 4, 256),
    ]
    assert network.count_params() == 1664 + 204928 + 819456 + 4097
    assert network.get_layer("features").output.shape == (None, 4096)


def test_weights_start_as_in_the_paper():
    network = dcgan.critic(shape=(28, 28, 1))
    kernels = np.concatenate(
        [np.ravel(w) for w in network.trainable_variables if w.name == "kernel"]
    )
    gains = np.concatenate([np.ravel(w) for w in network.trainable_variables if w.name == "gamma"])
    np.testing.assert_allclose([kernels.mean(), kernels.std()], [0.0, 0.02], atol=3e-4)
    np.testing.assert_allclose([gains.mean(), gains.std()], [1.0, 0.02], atol=5e-3)


def test_first_layer_of_the_critic_and_last_of_the_generator_are_not_normalized():
    critic = dcgan.critic(shape=(16, 16, 1), width=4)
    generator = dcgan.generator(latent=2, shape=(16, 16, 1), value_range=None, width=4)
    assert isinstance(critic.layers[2], keras.layers.LeakyReLU)
    assert isinstance(generator.layers[-2], keras.layers.Conv2DTranspose)


@pytest.mark.parametrize(
    ("normalization", "kind"),
    [("batch", keras.layers.BatchNormalization), ("layer", keras.layers.GroupNormalization)],
)
def test_normalization_is_the_one_asked_for(normalization, kind):
    critic = dcgan.critic(shape=(16, 16, 1), width=4, normalization=normalization)
    generator = dcgan.generator(
        latent=2, shape=(16, 16, 1), value_range=None, width=4, normalization=normalization
    )
    assert (len(layers(critic, kind)), len(layers(generator, kind))) == (1, 2)


def test_levels_and_kernel_are_options():
    generator = dcgan.generator(
        latent=2, shape=(16, 16, 1), value_range=None, width=4, levels=3, kernel=3
    )
    assert [layer.kernel.shape for layer in layers(generator, keras.layers.Conv2DTranspose)] == [
        (3, 3, 8, 16),
        (3, 3, 4, 8),
        (3, 3, 1, 4),
    ]
    assert dcgan.critic(shape=(16, 16, 1), width=4, levels=1).get_layer(
        "features"
    ).output.shape == (None, 8 * 8 * 4)
