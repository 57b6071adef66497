"""Critics of pairs, by hand in numpy."""

import keras
import numpy as np
import pytest

from zoo.networks import dropout, joint

X, Z = (
    np.random.default_rng(seed).normal(size=size).astype("float32")
    for seed, size in ((0, (5, 4)), (1, (5, 2)))
)


def randomized(network):
    for i, variable in enumerate(network.trainable_variables):
        variable.assign(np.random.default_rng(i).normal(size=variable.shape))
    return network


def elu(x):
    return np.where(x > 0, x, np.expm1(x))


@pytest.mark.parametrize("join", [0, 1])
def test_the_latent_joins_one_layer(join):
    network = randomized(
        joint.critic(latent=2, shape=(4,), units=(3, 6), join=join, activation="elu")
    )
    weights = {
        tuple(v.shape): v.numpy() for v in network.trainable_variables
    }  # every shape occurs once
    first, second = X @ weights[4, 3] + weights[3,], None
    first = elu(first + (Z @ weights[2, 3] if join == 0 else 0.0))
    second = elu(first @ weights[3, 6] + weights[6,] + (Z @ weights[2, 6] if join == 1 else 0.0))
    np.testing.assert_allclose(
        network([X, Z]), second @ weights[6, 1] + weights[1,], rtol=1e-5, atol=1e-5
    )


def test_residual_blocks_begin_as_nothing():
    keras.utils.set_random_seed(0)
    plain = joint.critic(latent=2, shape=(4,), units=(3,), activation="linear")
    network = joint.critic(latent=2, shape=(4,), units=(3,), activation="linear", residual=2)
    for name in ("logits",):
        network.get_layer(name).set_weights(plain.get_layer(name).get_weights())
    dense = [
        [layer for layer in n.layers if isinstance(layer, keras.layers.Dense)][:2]
        for n in (plain, network)
    ]
    for a, b in zip(*dense):
        b.set_weights(a.get_weights())
    np.testing.assert_allclose(network([X, Z]), plain([X, Z]), rtol=1e-6)
    assert len(network.trainable_variables) == len(plain.trainable_variables) + 8


def test_the_square_of_the_latent_is_added():
    networks = [
        joint.critic(latent=2, shape=(4,), units=(3,), square=weight) for weight in (0.0, 0.5)
    ]
    networks[1].set_weights([w for w in networks[0].get_weights()] + [np.full((2, 1), 0.5)])
    np.testing.assert_allclose(
        networks[1]([X, Z]) - networks[0]([X, Z]),
        0.5 * np.sum(Z**2, axis=1, keepdims=True),
        rtol=1e-5,
        atol=1e-6,
    )
    assert len(networks[0].trainable_variables) == len(networks[1].trainable_variables)


@pytest.mark.parametrize("options", [{"square": 0.5}, {}], ids=["half", "default"])
def test_the_bilinear_critic_is_a_product_and_two_sums(options):
    network = joint.bilinear(latent=2, shape=(4,), units=(), width=3, **options)
    for i, variable in enumerate(network.trainable_variables):
        variable.assign(np.random.default_rng(i).normal(size=variable.shape))
    weights = {tuple(v.shape): v.numpy() for v in network.trainable_variables if v.ndim == 2}
    theta, s = X @ weights[4, 3], Z @ weights[2, 3]
    biases = [v.numpy() for v in network.trainable_variables if v.ndim == 1]
    wide, narrow = [b for b in biases if b.shape == (3,)], [b for b in biases if b.shape == (1,)]
    products = np.sum((theta + wide[0]) * (s + wide[1]), axis=1, keepdims=True)
    expected = (
        products
        + X @ weights[4, 1]
        + Z @ weights[2, 1]
        + sum(narrow)
        + 0.5 * np.sum(Z**2, axis=1, keepdims=True)
    )
    np.testing.assert_allclose(network([X, Z]), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(network.get_layer("sum").get_weights()[0], 1.0)


def test_the_latent_must_join_a_layer():
    with pytest.raises(ValueError, match="`join` must name hidden layers, 0 to 1. Received: 2"):
        joint.critic(latent=2, shape=(4,), units=(3, 3), join=2)


def test_convolutional_critic_drops_the_paper_s_fractions_in_training_only():
    options = {"latent": 2, "shape": (8, 8, 1), "width": 4, "units": (6, 5), "kernel": 3}
    options["normalization"] = "none"
    network = joint.convolutional(dropout_input=0.2, dropout_hidden=0.5, **options)
    rates = [layer.rate for layer in network.layers if isinstance(layer, dropout.Dropout)]
    # the example, one convolution, the latent, two hidden layers
    assert sorted(rates) == [0.2, 0.2, 0.5, 0.5, 0.5]
    plain = joint.convolutional(**options)
    assert not [layer for layer in plain.layers if isinstance(layer, dropout.Dropout)]
    plain.set_weights(network.get_weights())
    x = np.random.default_rng(2).normal(size=(5, 8, 8, 1)).astype("float32")
    np.testing.assert_array_equal(
        network([x, Z], training=False).numpy(), plain([x, Z], training=False).numpy()
    )
    assert np.any(network([x, Z], training=True).numpy() != plain([x, Z], training=True).numpy())
