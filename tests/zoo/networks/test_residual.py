import math

import keras
import numpy as np

from zoo.networks import residual


def trainable(network):
    return sum(math.prod(w.shape) for w in network.trainable_variables)


def test_cifar_generator_has_the_released_codes_parameters():
    network = residual.generator(latent=128, shape=(32, 32, 3), value_range=(-1, 1))
    # dense; three blocks of two 3x3, a 1x1 and two normalisations; the last normalisation;
    # the last 3x3
    assert trainable(network) == 264192 + 3 * (2 * 147584 + 16512 + 2 * 256) + 256 + 3459


def test_cifar_critic_has_the_released_codes_parameters():
    network = residual.critic(shape=(32, 32, 3))
    # first block 3x3, 3x3, 1x1; one block that halves; two that do not, without a 1x1; dense
    assert (
        trainable(network) == (3584 + 147584 + 512) + (2 * 147584 + 16512) + 2 * (2 * 147584) + 129
    )
    assert network.get_layer("features").output.shape == (None, 128)


def test_cifar_critic_judges_at_eight_by_eight():
    network = residual.critic(shape=(32, 32, 3), width=4)
    pooled = next(
        layer for layer in network.layers if isinstance(layer, keras.layers.GlobalAveragePooling2D)
    )
    assert pooled.input.shape == (None, 8, 8, 4)


def test_weights_start_as_in_the_released_code():
    network = residual.critic(shape=(32, 32, 3))
    scales = {(3, 3, 128, 128): 4, (1, 1, 128, 128): 2, (1, 1, 3, 128): 2}
    for w in network.trainable_variables:
        if w.name == "kernel" and w.shape in scales:
            std = math.sqrt(scales[w.shape] / (math.prod(w.shape[:2]) * sum(w.shape[2:])))
            np.testing.assert_allclose(np.std(w), std, rtol=0.1)


def test_critic_with_silent_convolutions_is_its_shortcuts():
    # With every 3x3 at 0 the blocks are mean pooling and 1x1 convolutions: on 8x8, one halving.
    network = residual.critic(shape=(8, 8, 1), width=2)
    for w in network.trainable_variables:
        w.assign(
            np.zeros(w.shape)
            if w.shape[0] == 3
            else np.ones(w.shape)
            if w.name == "kernel"
            else np.zeros(w.shape)
        )
    x = np.random.default_rng(0).normal(size=(3, 8, 8, 1)).astype(np.float32)
    pooled = x.reshape(3, 4, 2, 4, 2).mean((2, 4))
    np.testing.assert_allclose(network(x)[:, 0], 2 * np.maximum(pooled, 0).mean((1, 2)), atol=1e-5)


def test_odd_edges_are_averaged_over_the_pixels_that_exist():
    network = residual.critic(shape=(9, 9, 1), width=2)
    for w in network.trainable_variables:
        w.assign(np.ones(w.shape) if w.name == "kernel" and w.shape[0] != 3 else np.zeros(w.shape))
    x = np.zeros((1, 9, 9, 1), np.float32)
    x[0, 8, 8] = 1.0  # alone in its window: 1 of 5 * 5 means, in both channels
    np.testing.assert_allclose(network(x), [[2 / 25]], atol=1e-6)


def test_generator_with_silent_convolutions_repeats_its_smallest_image():
    network = residual.generator(
        latent=2, shape=(7, 7, 1), value_range=None, width=1, levels=1, normalization="none"
    )
    small = np.arange(1.0, 17.0, dtype=np.float32).reshape(4, 4)
    for w in network.trainable_variables:
        w.assign(np.zeros(w.shape))
    dense = next(layer for layer in network.layers if isinstance(layer, keras.layers.Dense))
    dense.bias.assign(small.ravel())
    convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    for layer in convolutions:
        if layer.kernel_size == (1, 1):
            layer.kernel.assign(np.ones((1, 1, 1, 1)))
    last = np.zeros((3, 3, 1, 1))
    last[1, 1] = 1.0
    convolutions[-1].kernel.assign(last)
    np.testing.assert_allclose(
        network(np.zeros((1, 2), np.float32))[0, :, :, 0],
        small.repeat(2, 0).repeat(2, 1)[:7, :7],
        atol=1e-6,
    )


def test_normalization_layers_are_counted_per_activation():
    critic = residual.critic(shape=(32, 32, 3), width=4, normalization="layer")
    generator = residual.generator(latent=2, shape=(32, 32, 3), value_range=None, width=4)
    assert sum(isinstance(layer, keras.layers.GroupNormalization) for layer in critic.layers) == 6
    assert (
        sum(isinstance(layer, keras.layers.BatchNormalization) for layer in generator.layers) == 7
    )
