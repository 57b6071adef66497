"""The GAN's players: what each minimises, in numpy, for every loss; and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import augmentations, constraints, losses, noise, penalties, priors, seeds
from zoo.games import GAN
from zoo.networks import dropout

OPTIONS = {"f_gan": {"divergence": "kl"}}
X = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
W, V = (
    np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.25]], np.float32),
    np.array([[0.5], [-1.5]], np.float32),
)


def linear(inputs, outputs, kernel=None):
    network = keras.Sequential(
        [keras.Input((inputs,)), keras.layers.Dense(outputs, use_bias=False)]
    )
    if kernel is not None:
        network.trainable_variables[0].assign(kernel)
    return network


def made(**options):
    options = {
        "generator": linear(3, 2, W),
        "critic": linear(2, 1, V),
        "prior": priors.normal(3),
        "loss": losses.wasserstein(),
    } | options
    return GAN(**options, value_range=None)


def draws(batch=6):
    return noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=batch)


Z = draws().normal((3,)).numpy()
REAL, FAKE = X @ V, Z @ W @ V  # logits of the linear game


@pytest.mark.parametrize("name", sorted(losses.LOSSES))
def test_the_critic_minimises_the_mean_over_real_and_over_generated_examples(name):
    loss = losses.LOSSES[name](**OPTIONS.get(name, {}))
    actual, logs = made(loss=loss).players()["critic"].loss({"x": tf.constant(X)}, draws())
    expected = np.mean(loss.critic_real(tf.constant(REAL))) + np.mean(
        loss.critic_fake(tf.constant(FAKE))
    )
    np.testing.assert_allclose(float(actual), expected, rtol=1e-5)
    np.testing.assert_allclose(float(logs["critic_accuracy"]), np.mean(REAL > FAKE), rtol=1e-6)
    np.testing.assert_allclose(float(logs["logit_gap"]), REAL.mean() - FAKE.mean(), rtol=1e-5)


@pytest.mark.parametrize("name", sorted(losses.LOSSES))
def test_the_generator_minimises_the_opponents_term_of_generated_examples(name):
    loss = losses.LOSSES[name](**OPTIONS.get(name, {}))
    actual, _ = made(loss=loss).players()["generator"].loss({"x": tf.constant(X)}, draws())
    np.testing.assert_allclose(
        float(actual), np.mean(loss.opponent_fake(tf.constant(FAKE))), rtol=1e-5
    )


def test_terms_of_a_critic_of_half_precision_are_in_float32():
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, dtype="mixed_bfloat16")])
    assert critic(tf.constant(X)).dtype == tf.bfloat16
    for player in made(critic=critic).players().values():
        loss, logs = player.loss({"x": tf.constant(X)}, draws())
        assert {loss.dtype, *(value.dtype for value in logs.values())} == {tf.float32}


@pytest.mark.parametrize("player", ["critic", "generator"])
def test_dropout_in_the_critic_is_on_in_the_moves_of_both_players(player):
    dense = linear(1, 1, np.ones((1, 1), np.float32))
    halving = keras.Sequential([keras.Input((2,)), linear(2, 1, V), dropout.Dropout(0.5), dense])
    seen = []
    loss = losses.wasserstein()
    terms = loss._replace(
        critic_fake=lambda logits: (seen.append(logits.numpy()), loss.critic_fake(logits))[1],
        opponent_fake=lambda logits: (seen.append(logits.numpy()), loss.opponent_fake(logits))[1],
    )
    game = made(critic=halving, loss=terms)
    game._gradients(player, 0, game.players(), {"x": tf.constant(X)})
    position = list(game.players()).index(player)
    z = noise.Noise(seed=0, step=tf.constant(0), player=position, move=0, batch=6).normal((3,))
    kept = seen[0] != 0.0
    assert 0 < np.count_nonzero(kept) < len(kept)
    np.testing.assert_allclose(seen[0], np.where(kept, 2.0 * (z.numpy() @ W @ V), 0.0), rtol=1e-5)


def test_the_penalty_is_added_to_the_critics_loss_only():
    game = made(penalty=penalties.r1(weight=4.0))
    actual, logs = game.players()["critic"].loss({"x": tf.constant(X)}, draws())
    penalty = 2.0 * np.sum(V**2)
    np.testing.assert_allclose(float(logs["penalty"]), penalty, rtol=1e-5)
    np.testing.assert_allclose(float(actual), FAKE.mean() - REAL.mean() + penalty, rtol=1e-5)
    alone, logs = game.players()["generator"].loss({"x": tf.constant(X)}, draws())
    np.testing.assert_allclose(float(alone), -FAKE.mean(), rtol=1e-5)
    assert "penalty" not in logs


def test_the_penalty_sees_the_pairs_of_this_move():
    seen = []

    def penalty(critic, x_real, x_fake, noise):
        seen.append((critic(x_real).numpy(), x_fake.numpy()))
        return tf.constant(0.0)

    made(penalty=penalty).players()["critic"].loss({"x": tf.constant(X)}, draws())
    np.testing.assert_allclose(seen[0][0], REAL, rtol=1e-5)
    np.testing.assert_allclose(seen[0][1], Z @ W, rtol=1e-5)


def test_the_critics_loss_does_not_reach_the_generator():
    game = made()
    with tf.GradientTape() as tape:
        loss, _ = game.players()["critic"].loss({"x": tf.constant(X)}, draws())
    assert tape.gradient(loss, [v.value for v in game.generator.trainable_variables]) == [None]


def test_one_step_of_gradient_descent_is_the_one_by_hand():
    game = made()
    game.compile({name: keras.optimizers.SGD(0.1) for name in ("critic", "generator")})
    game.train_step(tf.constant(X))
    z = [
        noise.Noise(seed=0, step=tf.constant(0), player=player, move=0, batch=6)
        .normal((3,))
        .numpy()
        for player in (0, 1)
    ]
    v = V - 0.1 * ((z[0] @ W).mean(axis=0) - X.mean(axis=0))[:, None]
    w = W + 0.1 * np.outer(z[1].mean(axis=0), v)  # the generator sees the critic that has moved
    np.testing.assert_allclose(game.critic.trainable_variables[0].numpy(), v, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        game.generator.trainable_variables[0].numpy(), w, rtol=1e-4, atol=1e-6
    )


def test_players_move_critic_first_and_as_often_as_asked():
    players = made(critic_updates=3).players()
    assert [(name, player.updates) for name, player in players.items()] == [
        ("critic", 3),
        ("generator", 1),
    ]
    assert made(critic_updates=3).turns == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prior": priors.normal(4)}, r"latents of the prior, \[B, 4\]. Received: \(None, 3\)"),
        ({"critic": linear(3, 1)}, "`critic` must take what `generator` makes"),
        ({"critic": linear(2, 2)}, r"one logit an example, \[B, 1\]. Received: \(None, 2\)"),
        ({"critic_updates": 0}, "`critic_updates` must be at least 1. Received: 0"),
        ({"schedule": "alternate"}, "Unknown schedule 'alternate'.*Did you mean 'alternating'"),
    ],
    ids=["prior", "shapes", "logits", "updates", "schedule"],
)
def test_parts_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        made(**options)


def test_batch_normalization_inside_a_nested_critic_is_found():
    inner = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.BatchNormalization(synchronized=True),
            keras.layers.Dense(1),
        ]
    )
    with pytest.raises(ValueError, match="BatchNormalization"):
        made(critic=keras.Sequential([keras.Input((2,)), inner]), penalty=penalties.r1())


def test_the_constraint_wraps_the_critic_that_plays():
    game = made(constraint=constraints.spectral_normalization(iterations=50))
    game.critic(tf.constant(X), training=True)
    actual = game._logits(tf.constant(X)).numpy()
    np.testing.assert_allclose(actual, REAL / np.linalg.norm(V), rtol=1e-4)


def test_endpoints_generate_and_sample():
    endpoints = made().endpoints()
    np.testing.assert_allclose(
        endpoints["generate"].function(tf.constant(Z))["point"].numpy(), Z @ W, rtol=1e-5
    )
    rows = tf.constant([3, 4], tf.int64)
    z = seeds.Rows(rows).normal((3,)).numpy()
    np.testing.assert_allclose(
        endpoints["sample"].function(rows)["point"].numpy(), z @ W, rtol=1e-5, atol=1e-6
    )
    assert {name: list(endpoint.inputs) for name, endpoint in endpoints.items()} == {
        "generate": ["z"],
        "sample": ["seed"],
    }
    for endpoint in endpoints.values():
        assert set(endpoint.function(**endpoint.example(rows))) == set(endpoint.ranges)


def doubled(x, noise):
    noise.uniform()  # a draw, which must shift no other one
    return 2.0 * x


@pytest.mark.parametrize("penalty", [None, penalties.r1(weight=2.0)])
def test_the_critic_sees_augmented_data_and_augmented_samples(penalty):
    game = made(augmentation=doubled, penalty=penalty)
    actual, _ = game.players()["critic"].loss({"x": tf.constant(X)}, draws())
    # Wasserstein: mean(-D) of data and mean(D) of samples; the slope of a linear critic is V
    expected = 2.0 * (FAKE.mean() - REAL.mean()) + (0.0 if penalty is None else np.sum(V**2))
    np.testing.assert_allclose(float(actual), expected, rtol=1e-5)
    actual, _ = game.players()["generator"].loss({"x": tf.constant(X)}, draws())
    np.testing.assert_allclose(float(actual), -2.0 * FAKE.mean(), rtol=1e-5)


def test_the_generators_gradient_goes_through_the_augmentation():
    def gradient(game):
        with tf.GradientTape() as tape:
            loss, _ = game.players()["generator"].loss({"x": tf.constant(X)}, draws())
        return tape.gradient(loss, game.generator.trainable_variables[0]).numpy()

    plain, augmented = gradient(made()), gradient(made(augmentation=doubled))
    np.testing.assert_allclose(augmented, 2.0 * plain, rtol=1e-6)
    assert np.abs(plain).max() > 0.0


def test_what_is_exported_is_not_augmented():
    plain, augmented = made(), made(augmentation=doubled)
    for name, inputs in {"sample": {"seed": np.arange(4)}, "generate": {"z": Z}}.items():
        for key, expected in plain.run(name, inputs).items():
            np.testing.assert_array_equal(augmented.run(name, inputs)[key], expected)


def test_an_augmentation_by_name_has_the_games_range():
    parts = {
        "generator": keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(48), keras.layers.Reshape((4, 4, 3))]
        ),
        "critic": keras.Sequential(
            [keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(1)]
        ),
        "prior": priors.normal(3),
        "loss": losses.hinge(),
    }
    game = GAN(**parts, value_range=(0.0, 1.0), augmentation="diff_augment")
    x = tf.random.stateless_uniform((6, 4, 4, 3), [0, 1])
    expected = augmentations.diff_augment(value_range=(0.0, 1.0))(x, draws())
    np.testing.assert_array_equal(game.augmentation(x, draws()), expected)
