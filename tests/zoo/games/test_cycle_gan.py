"""CycleGAN against numpy: both critics, both cycles, the identity terms, and who moves what."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, noise
from zoo.games import CycleGAN

A = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
B = np.random.default_rng(1).normal(size=(6, 2)).astype("float32")
BATCH = {"a": tf.constant(A), "b": tf.constant(B)}
G, F = np.array([[0.5, -1.0], [2.0, 0.3]]), np.array([[1.5, 0.2], [-0.4, 0.9]])
D_A, D_B = np.array([[0.7], [-0.2]]), np.array([[-1.1], [0.6]])


def linear(kernel):
    network = keras.Sequential([keras.Input([2]), keras.layers.Dense(kernel.shape[1])])
    network.set_weights([kernel.astype("float32"), np.zeros(kernel.shape[1], "float32")])
    return network


def made(**options):
    parts = {
        "a_to_b": linear(G),
        "b_to_a": linear(F),
        "critic_a": linear(D_A),
        "critic_b": linear(D_B),
        "loss": losses.least_squares(),
        "value_range": None,
    }
    return CycleGAN(**(parts | options))


def lost(game, player):
    draws = noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=6)
    loss, logs = game.players()[player].loss(BATCH, draws)
    return float(loss), {name: float(value) for name, value in logs.items()}


def test_a_critic_tells_its_domain_from_translations_into_it():
    expected = np.mean(0.5 * (A @ D_A - 1.0) ** 2) + np.mean(0.5 * (B @ F @ D_A) ** 2)
    np.testing.assert_allclose(lost(made(), "critic_a")[0], expected, rtol=1e-5)
    expected = np.mean(0.5 * (B @ D_B - 1.0) ** 2) + np.mean(0.5 * (A @ G @ D_B) ** 2)
    loss, logs = lost(made(), "critic_b")
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    np.testing.assert_allclose(logs["b_accuracy"], np.mean(B @ D_B > A @ G @ D_B), rtol=1e-6)


def test_translators_fool_both_critics_and_come_back():
    adversarial = np.mean(0.5 * (A @ G @ D_B - 1.0) ** 2)
    adversarial += np.mean(0.5 * (B @ F @ D_A - 1.0) ** 2)
    cycle_a, cycle_b = np.mean(np.abs(A @ G @ F - A)), np.mean(np.abs(B @ F @ G - B))
    identity = np.mean(np.abs(B @ G - B)) + np.mean(np.abs(A @ F - A))
    loss, logs = lost(made(cycle_weight=3.0, identity_weight=0.7), "translators")
    expected = adversarial + 3.0 * (cycle_a + cycle_b) + 0.7 * identity
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    np.testing.assert_allclose(logs["a_cycle_error"], cycle_a, rtol=1e-5)
    np.testing.assert_allclose(logs["b_cycle_error"], cycle_b, rtol=1e-5)
    np.testing.assert_allclose(logs["identity_error"], identity, rtol=1e-5)


def test_critics_see_augmented_images_and_the_cycles_plain_ones():
    def doubled(x, noise):
        return 2.0 * x

    game = made(augmentation=doubled, cycle_weight=3.0)
    expected = np.mean(0.5 * (2 * A @ D_A - 1.0) ** 2) + np.mean(0.5 * (2 * B @ F @ D_A) ** 2)
    np.testing.assert_allclose(lost(game, "critic_a")[0], expected, rtol=1e-5)
    expected = np.mean(0.5 * (2 * A @ G @ D_B - 1.0) ** 2)
    expected += np.mean(0.5 * (2 * B @ F @ D_A - 1.0) ** 2)
    expected += 3.0 * (np.mean(np.abs(A @ G @ F - A)) + np.mean(np.abs(B @ F @ G - B)))
    np.testing.assert_allclose(lost(game, "translators")[0], expected, rtol=1e-5)


def test_a_critic_and_the_translators_see_one_augmentation_of_a_translation():
    seen = []

    def noted(x, noise):
        seen.append(noise.uniform((1,)).numpy())
        return x

    game = made(augmentation=noted)
    for player in ("critic_a", "critic_b", "translators"):
        lost(game, player)
    a_real, a_fake, b_real, b_fake, *by_translators = seen
    np.testing.assert_array_equal(by_translators[0], b_fake)
    np.testing.assert_array_equal(by_translators[1], a_fake)
    assert len({draw.tobytes() for draw in (a_real, a_fake, b_real, b_fake)}) == 4


def test_without_a_weight_there_is_no_identity_term():
    assert "identity_error" not in lost(made(), "translators")[1]


def test_patches_weigh_equally():
    def patches(kernel):
        inputs = keras.Input([2, 2, 1])
        x = keras.layers.Conv2D(1, 1, use_bias=False)(inputs)
        network = keras.Model(inputs, x)
        network.set_weights([np.full([1, 1, 1, 1], kernel, "float32")])
        return network

    x = np.random.default_rng(2).normal(size=(3, 2, 2, 1)).astype("float32")
    game = made(
        a_to_b=patches(2.0), b_to_a=patches(0.5), critic_a=patches(0.3), critic_b=patches(-0.4)
    )
    draws = noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=3)
    loss, _ = game.players()["critic_a"].loss({"a": tf.constant(x), "b": tf.constant(-x)}, draws)
    expected = np.mean(0.5 * (0.3 * x - 1.0) ** 2) + np.mean(0.5 * (0.3 * 0.5 * -x) ** 2)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_a_step_moves_every_network():
    game = made()
    game.compile({player: keras.optimizers.SGD(1e-2) for player in game.players()})
    before = [v.numpy() for v in game.trainable_variables]
    history = game.fit((A, B), batch_size=6, verbose=0).history
    assert int(game.step.numpy()) == 1
    assert all((v.numpy() != old).any() for v, old in zip(game.trainable_variables, before))
    assert {"critic_a_loss", "translators_loss", "critic_b_loss", "a_accuracy"} <= set(history)


def test_both_directions_are_offered():
    game = made()
    np.testing.assert_allclose(game.run("a_to_b", {"a": A})["point"], A @ G, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(game.run("b_to_a", {"b": B})["point"], B @ F, rtol=1e-5, atol=1e-6)
    assert set(game.offered()) == {"a_to_b", "b_to_a"}


def test_what_does_not_fit_is_refused():
    wide = keras.Sequential([keras.Input([2]), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="images of one shape. Received: .*'a_to_b': \\(3,\\)"):
        made(a_to_b=wide)
    with pytest.raises(ValueError, match=r"A critic gives \[B, 1\]"):
        made(critic_b=linear(G))
    with pytest.raises(ValueError, match="at least 0. Received: cycle_weight=-1.0"):
        made(cycle_weight=-1.0)
    with pytest.raises(ValueError, match="This game needs a and b.*Received: one"):
        game = made()
        game.compile({player: "sgd" for player in game.players()})
        game.fit(A, batch_size=2, verbose=0)
