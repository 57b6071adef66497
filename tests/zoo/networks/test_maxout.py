import numpy as np
import pytest
import tensorflow as tf

from zoo import noise
from zoo.networks import dropout, maxout


def test_maxout_takes_the_largest_of_neighbours():
    x = np.array([[1.0, 5.0, 2.0, -1.0, -3.0, -2.0]], np.float32)
    np.testing.assert_array_equal(maxout.Maxout(3)(x), [[5.0, -1.0]])
    assert maxout.Maxout(3).compute_output_shape((7, 6)) == (7, 2)


def test_critic_matches_numpy():
    network = maxout.critic(shape=(3, 2, 1), units=(4, 3), pieces=2, initializer=("normal", 1.0))
    weights = network.get_weights()
    x = np.random.default_rng(0).normal(size=(5, 3, 2, 1)).astype(np.float32)
    h = x.reshape(5, 6)
    for kernel, bias in zip(weights[0:4:2], weights[1:4:2], strict=True):
        linear = h @ kernel + bias
        h = np.maximum(linear[:, 0::2], linear[:, 1::2])
    np.testing.assert_allclose(network(x, training=False), h @ weights[4] + weights[5], atol=1e-5)


def test_one_piece_is_linear():
    network = maxout.critic(shape=(4,), units=(3, 2), pieces=1, initializer=("normal", 1.0))
    w1, _, w2, _, w3, _ = network.get_weights()
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    np.testing.assert_allclose(network(x), x @ w1 @ w2 @ w3, atol=1e-5)


def test_defaults_are_the_papers():
    network = maxout.critic(shape=(28, 28, 1))
    # (784 + 1) * 240 * 5 + (240 + 1) * 240 * 5 + 240 + 1
    assert network.count_params() == 942000 + 289200 + 241
    assert [layer.rate for layer in network.layers if isinstance(layer, dropout.Dropout)] == [
        0.2,
        0.5,
        0.5,
    ]
    for kernel in network.get_weights()[::2]:
        assert 0.0045 < np.abs(kernel).max() <= 0.005


def test_dropout_of_the_example_and_of_hidden_layers_reaches_the_logits():
    # All weights are 1, so that a logit counts what was kept, each at its scale:
    # 1 / .8, then 1 / .5 twice.
    network = maxout.critic(shape=(10,), units=(1, 1), pieces=1)
    network.set_weights(
        [np.ones_like(w) if w.ndim == 2 else np.zeros_like(w) for w in network.get_weights()]
    )
    x = tf.ones((400, 10))
    with noise.Noise(seed=0, step=tf.constant(0, tf.int64), player=0, move=0, batch=400).current():
        logits = network(x, training=True).numpy().ravel()
    survivors = logits[logits != 0]
    np.testing.assert_allclose(len(survivors) / 400, 0.25, atol=5 * np.sqrt(0.25 * 0.75 / 400))
    np.testing.assert_allclose(survivors / 5, np.round(survivors / 5), atol=1e-5)
    np.testing.assert_allclose(
        survivors.mean(), 40, atol=5 * 5 * np.sqrt(10 * 0.16 / len(survivors))
    )


@pytest.mark.parametrize("pieces", [0, 2.5])
def test_pieces_must_be_a_positive_integer(pieces):
    with pytest.raises(ValueError, match="`pieces` must be an integer > 0"):
        maxout.critic(shape=(4,), pieces=pieces)


def test_pieces_must_divide_the_features():
    with pytest.raises(ValueError, match="must divide"):
        maxout.Maxout(4)(np.ones((1, 6), np.float32))
