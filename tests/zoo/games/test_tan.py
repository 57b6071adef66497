"""The tempered adversarial network: each loss, the horizon of the lens, and the GAN after it."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, noise, penalties, priors
from zoo.games import GAN, TAN
from zoo.networks import lens, mlp

SHAPE, BATCH = (3,), 8
X = np.random.default_rng(0).normal(size=(256, *SHAPE)).astype("float32")


def parts(seed=0, **options):
    keras.utils.set_random_seed(seed)
    made = {
        "generator": mlp.generator(
            latent=2, shape=SHAPE, value_range=None, units=(4,), initializer="glorot_uniform"
        ),
        "critic": mlp.critic(
            shape=SHAPE, units=(4,), activation="tanh", initializer="glorot_uniform"
        ),
        "prior": priors.normal(2),
        "loss": losses.non_saturating(),
        "value_range": None,
    }
    return made | options


def shifted(by):
    """L(x) = x + by."""
    network = lens.mlp(shape=SHAPE, units=(2,))
    last = [layer for layer in network.layers if layer.weights][-1]
    last.set_weights([np.zeros((2, 3)), np.full(3, by)])
    return network


def tan(by=0.5, **options):
    given = {} if {"weight", "horizon"} & set(options) else {"horizon": 10}
    return TAN(lens=shifted(by), **parts(**given | options))


def compiled(game, **options):
    game.compile({name: keras.optimizers.Adam(1e-2) for name in game.players()}, **options)
    return game


def fit(game, steps, start=0):
    x = X[: 8 * (start + steps)].reshape(-1, BATCH, *SHAPE)[start:]
    return game.fit(tf.data.Dataset.from_tensor_slices(x), steps_per_epoch=steps, verbose=0).history


def parted(game):
    """The state of a GAN, or of a lensed one without its lens."""
    optimizers = [game.critic_optimizer, game.generator_optimizer]
    return [
        game.step,
        *game.critic.variables,
        *game.generator.variables,
        *(v for o in optimizers for v in o.variables),
    ]


def draws():
    return noise.Noise(seed=0, step=tf.constant(0, tf.int64), player=0, move=0, batch=BATCH)


def loss_of(game, player, first=0):
    value, logs = game.phases()[first][player].loss({"x": tf.constant(X[:BATCH])}, draws())
    return float(value), {name: float(v) for name, v in logs.items()}


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("name", sorted(losses.LOSSES))
def test_the_lens_fools_the_critic_and_stays_near(name, reduction):
    loss = losses.LOSSES[name](**({"divergence": "kl"} if name == "f_gan" else {}))
    game = tan(loss=loss, reduction=reduction)
    game.step.assign(4)
    logits = game.critic(X[:BATCH] + 0.5)
    expected = (1.0 - math.sin(math.pi * 4 / 20)) * np.mean(loss.opponent_real(logits)) + {
        "sum": 3,
        "mean": 1,
    }[reduction] * 0.5**2
    actual, logs = loss_of(game, "lens")
    np.testing.assert_allclose(actual, expected, rtol=1e-5)
    np.testing.assert_allclose(logs["lens_error"], 3 * 0.5**2, rtol=1e-5)
    np.testing.assert_allclose(logs["lens_weight"], 1.0 - math.sin(math.pi * 4 / 20), rtol=1e-5)
    fake = game.generator(draws().normal((2,))).numpy()
    np.testing.assert_allclose(
        logs["lens_distance"], np.linalg.norm((X[:BATCH] + 0.5 - fake).mean(axis=0)), rtol=1e-5
    )


def test_the_critic_sees_lensed_data_in_its_penalty_too_and_data_once_the_lens_is_gone():
    penalty = penalties.gradient_penalty(10.0)
    game = tan(penalty=penalty)
    x = X[:BATCH]

    def expected(x):
        drawn = draws()
        fake = game.generator(game.prior.sample(drawn))
        value = np.mean(game.loss.critic_real(game.critic(x))) + np.mean(
            game.loss.critic_fake(game.critic(fake))
        )
        return value + float(penalty(game.critic, tf.constant(x), fake, drawn))

    assert abs(expected(x + 0.5) - expected(x)) > 1e-3
    np.testing.assert_allclose(loss_of(game, "critic")[0], expected(x + 0.5), rtol=1e-5)
    np.testing.assert_allclose(loss_of(game, "critic", first=10)[0], expected(x), rtol=1e-5)


def test_the_lens_takes_no_gradient_from_the_critics_loss():
    game = tan()
    with tf.GradientTape() as tape:
        value, _ = game.players()["critic"].loss({"x": tf.constant(X[:BATCH])}, draws())
    assert all(
        gradient is None
        for gradient in tape.gradient(value, [v.value for v in game.lens.trainable_variables])
    )


def test_a_lens_that_weighs_nothing_leaves_the_plain_gan():
    plain, game = (
        compiled(g)
        for g in (GAN(**parts()), TAN(lens=lens.mlp(shape=SHAPE), weight=0.0, **parts()))
    )
    for g in (plain, game):
        fit(g, 6)
    for network in ("generator", "critic"):
        for a, b in zip(
            getattr(plain, network).get_weights(), getattr(game, network).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(a, b)


def test_after_the_horizon_the_game_is_the_plain_one():
    game = compiled(tan(horizon=3))
    fit(game, 3)
    plain = compiled(GAN(**parts()))
    lensed = game.lens.get_weights()
    for one, other in zip(parted(plain), parted(game), strict=True):
        one.assign(other)
    names = [fit(g, 4, start=3) for g in (plain, game)]
    assert set(names[0]) == set(names[1])
    for network in ("generator", "critic"):
        for a, b in zip(
            getattr(plain, network).get_weights(), getattr(game, network).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(a, b)
    for a, b in zip(lensed, game.lens.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("eager", [False, True])
def test_the_lens_goes_within_a_call_of_the_graph_too(eager):
    games = [compiled(tan(horizon=3), steps_per_execution=n, run_eagerly=eager) for n in (1, 4)]
    for game in games:
        fit(game, 8)
    for a, b in zip(games[0].state(), games[1].state(), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)
    before = tan(horizon=3).lens.get_weights()
    assert any(np.abs(a - b).max() > 1e-3 for a, b in zip(before, games[0].lens.get_weights()))


def test_a_lens_of_fixed_weight_stays():
    game = compiled(tan(weight=1.0))
    assert list(game.phases()) == [0]
    assert fit(game, 12)["lens_weight"] == [1.0]


def test_the_lens_is_an_endpoint():
    actual = tan().endpoints()
    np.testing.assert_allclose(actual["lens"].function(x=X[:4])["point"], X[:4] + 0.5, rtol=1e-6)
    assert {"sample", "generate", "features"} <= set(actual)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight": 0.5, "horizon": 10}, "Give `horizon` or `weight`, and not both"),
        ({"weight": None}, "Give `horizon` or `weight`"),
        ({"horizon": 0}, "`horizon` must be at least 1"),
        ({"weight": -0.1}, "`weight` at least 0"),
        (
            {"horizon": 10, "reduction": "median"},
            "Unknown reduction 'median'. Available: mean, sum",
        ),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        TAN(lens=shifted(0.5), **parts(**options))


def test_a_lens_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="`lens` must take and give what `generator` makes"):
        TAN(lens=lens.mlp(shape=(2,)), horizon=5, **parts())
