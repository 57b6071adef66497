"""Encoders that draw, by hand in numpy."""

import keras
import numpy as np

from zoo.networks import implicit

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def elu(x):
    return np.where(x > 0, x, np.expm1(x))


def test_the_black_box_sees_the_example_and_the_noise():
    network = implicit.encoder(latent=2, shape=(4,), units=(), noise=3)
    eps = np.random.default_rng(1).normal(size=(5, 3)).astype("float32")
    kernel, bias = network.get_layer("codes").get_weights()
    np.testing.assert_allclose(
        network([X, eps]), np.concatenate([X, eps], axis=1) @ kernel + bias, rtol=1e-5, atol=1e-6
    )


def test_noise_joins_every_layer():
    network = implicit.encoder(latent=2, shape=(4,), units=(5, 6), noise=3, every_layer=True)
    eps = np.random.default_rng(1).normal(size=(5, 3)).astype("float32")
    weights = {
        tuple(v.shape): v.numpy() for v in network.trainable_variables
    }  # every shape occurs once; biases are 0
    hidden = elu(elu(X @ weights[4, 5] + eps @ weights[3, 5]) @ weights[5, 6] + eps @ weights[3, 6])
    np.testing.assert_allclose(network([X, eps]), hidden @ weights[6, 2], rtol=1e-4, atol=1e-5)


def test_each_basis_is_a_network_of_its_own_noise():
    keras.utils.set_random_seed(0)
    network = implicit.bases(latent=2, shape=(4,), units=(), count=3, noise=5, basis_units=(6,))
    eps = np.random.default_rng(1).normal(size=(5, 3, 5)).astype("float32")
    first, weights, bases = network([X, eps])
    (k1, b1), (k2, b2) = (
        layer.get_weights()
        for layer in network.layers
        if isinstance(layer, keras.layers.EinsumDense)
    )
    for k in range(3):
        np.testing.assert_allclose(
            bases[:, k], elu(eps[:, k] @ k1[k] + b1[k]) @ k2[k] + b2[k], rtol=1e-4, atol=1e-5
        )
    kernel, bias = network.get_layer("codes").get_weights()
    np.testing.assert_allclose(first, X @ kernel + bias, rtol=1e-5, atol=1e-6)
    (kernel, bias) = next(
        layer.get_weights()
        for layer in network.layers
        if isinstance(layer, keras.layers.Dense) and layer.name != "codes"
    )
    expected = elu(X @ kernel + bias - 5.0) + 1.0
    np.testing.assert_allclose(weights, expected.reshape(5, 3, 2), rtol=1e-4, atol=1e-6)
    assert np.min(weights) > 0.0
    # Glorot's limit of one network, 6 / (5 + 6)
    assert 0.9 * (6 / 11) ** 0.5 < np.abs(k1).max() < (6 / 11) ** 0.5


def kernels(network, kind):
    return [tuple(layer.kernel.shape) for layer in network.layers if isinstance(layer, kind)]


def test_the_default_black_box_is_the_one_of_the_papers_toy():
    network = implicit.encoder(latent=2, shape=(4,))
    shapes = [(4 + 64, 64), (64, 64), (64, 64), (64, 2)]
    assert kernels(network, keras.layers.Dense) == shapes


def test_the_default_bases_are_those_of_the_released_code():
    network = implicit.bases(latent=8, shape=(4,))
    shapes = [(4, 300), (300, 8), (300, 16 * 8), (300, 300)]
    assert sorted(kernels(network, keras.layers.Dense)) == shapes
    shapes = [(16, 32, 128), (16, 128, 128), (16, 128, 128), (16, 128, 8)]
    assert kernels(network, keras.layers.EinsumDense) == shapes


def test_the_initializer_reaches_the_noise_that_joins_a_layer():
    network = implicit.encoder(
        latent=2, shape=(4,), units=(5, 6), noise=3, every_layer=True, initializer=("normal", 1e-6)
    )
    values = [np.abs(v.numpy()).max() for v in network.trainable_variables if len(v.shape) == 2]
    assert len(values) == 5 and max(values) < 1e-5
