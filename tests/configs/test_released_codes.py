"""Configs against the values and schedules of the codes that the papers' authors released."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import configs
from zoo import build


def optimizer(config, player):
    return build.build(configs.load(config).optimizers[player], role="optimizer")


def schedule(config, player, option="learning_rate"):
    spec = configs.load(config).optimizers[player].options[option]
    return build.build(spec, role=option)


@pytest.mark.parametrize(
    "config, player",
    [("vae_toy", "autoencoder"), ("avb_toy", "autoencoder"), ("avb_toy", "adversary")],
)
def test_the_toys_have_tensorflow_1_s_adam(config, player):
    adam = optimizer(config, player)
    assert (adam.beta_1, adam.beta_2, adam.epsilon) == (0.9, 0.999, 1e-8)


def test_the_toys_play_as_the_notebooks():
    avb, vae = (configs.load(name).game.options for name in ("avb_toy", "vae_toy"))
    assert (avb["schedule"], avb["adversary_updates"]) == ("alternating", 2)
    assert vae["kl"] == "monte_carlo"


def test_binarized_vae_s_rate_falls_after_200_and_350_epochs():
    rate = schedule("vae_binarized_mnist", "autoencoder")
    epochs = [0, 199, 200, 349, 350, 499]
    fifths = [0, 0, 1, 1, 2, 2]
    for epoch, fifth in zip(epochs, fifths):
        for step in (500 * epoch, 500 * epoch + 499):
            np.testing.assert_allclose(float(rate(step)), 1e-4 * 10 ** (-fifth / 5), rtol=1e-6)


def test_wgan_s_rmsprop_is_pytorch_s_down_to_the_smallest_gradients():
    """PyTorch: w - rate * g / (sqrt(v) + 1e-8) with v = 0.99 v + 0.01 g**2."""
    gradient = np.array([1e-2, 1e-4, 1e-6], np.float32)
    variable = keras.Variable(np.zeros(3, np.float32))
    rmsprop = optimizer("wgan_mnist", "critic")
    rmsprop.build([variable])
    rmsprop.apply([tf.constant(gradient)], [variable])
    g = gradient.astype("float64")
    moved = -5e-5 * g / (np.sqrt(0.01 * g**2) + 1e-8)
    np.testing.assert_allclose(variable.numpy(), moved, rtol=0.1)


def test_the_first_gan_s_schedules_saturate_beyond_250_epochs():
    """mnist.yaml: MomentumAdjustor saturates at 0.7, ExponentialDecay ends at 1e-6."""
    momentum, rate = (
        schedule("gan_mnist", "generator", option) for option in ("momentum", "learning_rate")
    )
    np.testing.assert_allclose(
        [float(momentum(step)) for step in (0, 62_500, 125_000, 500_000)], [0.5, 0.6, 0.7, 0.7]
    )
    np.testing.assert_allclose(
        [float(rate(step)) for step in (0, 125_000, 500_000)],
        0.1 / np.power(1.000004, [0, 125_000, 500_000]),
        rtol=1e-4,
    )
    assert float(rate(500_000)) > 1e-6


@pytest.mark.parametrize("epoch", [0, 199, 200, 201, 298, 399])
def test_bigan_s_rate_falls_to_a_hundredth_over_the_last_200_epochs(epoch):
    """set_lr in train_gan.py, whose epochs of decay are counted from 1."""
    rate = schedule("bigan_mnist", "critic")
    expected = 2e-4 * 0.01 ** (max(epoch - 200 + 1, 0) / 200)
    for step in (390 * epoch, 390 * epoch + 389):
        np.testing.assert_allclose(float(rate(step)), expected, rtol=1e-5)


@pytest.mark.parametrize("player, moves", [("encoder", 1), ("generator", 2)])
def test_age_s_rate_is_halved_as_the_epochs_39_79_and_119_begin(player, moves):
    """adjust_lr in age.py, called at the start of an epoch: epoch % drop_lr == drop_lr - 1."""
    rate = schedule("age_cifar10", player)
    halvings = 0
    for epoch in range(150):
        halvings += epoch % 40 == 39
        for step in (781 * moves * epoch, 781 * moves * (epoch + 1) - 1):
            np.testing.assert_allclose(float(rate(step)), 2e-4 / 2**halvings, rtol=1e-6)
