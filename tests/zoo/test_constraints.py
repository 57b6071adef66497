"""Constraints against numpy: what is clipped, and the singular value that is divided by."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import constraints, losses, noise, optimizers, priors
from zoo.games import GAN
from zoo.networks import mlp

LIMIT = np.float32(0.01)


def network(inputs, outputs, name="network"):
    return keras.Sequential(
        [
            keras.Input((inputs,)),
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.Dense(outputs),
        ],
        name=name,
    )


def wgan(**options):
    keras.utils.set_random_seed(0)
    options = {"constraint": constraints.weight_clip(float(LIMIT)), "critic_updates": 3} | options
    options = {"critic": network(2, 1)} | options
    game = GAN(
        generator=network(3, 2),
        prior=priors.normal(3),
        loss=losses.wasserstein(),
        value_range=None,
        **options,
    )
    game.compile(
        {"critic": keras.optimizers.RMSprop(0.1), "generator": keras.optimizers.RMSprop(0.1)}
    )
    return game


def largest(model):
    return max(np.abs(v.numpy()).max() for v in model.trainable_variables)


def batch(count=12):
    return tf.constant(np.random.default_rng(0).normal(size=(count, 2)).astype("float32"))


def test_clip_bounds_the_critic_after_each_of_its_moves():
    game, seen = wgan(), []
    move = game._move
    game._move = lambda name, *words: (
        move(name, *words),
        seen.append((name, largest(game.critic))),
    )[0]
    game.train_step(batch())
    assert [name for name, _ in seen] == ["critic"] * 3 + ["generator"]
    # a rate of 0.1 takes it to the limit
    np.testing.assert_allclose([value for _, value in seen], LIMIT, rtol=1e-6)


def test_clip_leaves_the_generator_alone():
    game = wgan()
    game.train_step(batch())
    assert largest(game.generator) > 0.1


@pytest.mark.parametrize("name", sorted(optimizers.OPTIMIZERS))
def test_clip_holds_under_every_optimizer(name):
    model = constraints.weight_clip(0.5)(network(2, 1))
    for momentum in (
        (None, keras.optimizers.schedules.PolynomialDecay(0.5, 10, 0.9))
        if name == "sgd"
        else (None,)
    ):
        optimizer = optimizers.OPTIMIZERS[name](
            learning_rate=10.0, **({} if momentum is None else {"momentum": momentum})
        )
        optimizer.build(model.trainable_variables)
        optimizer.apply(
            [tf.ones(v.shape) for v in model.trainable_variables], model.trainable_variables
        )
        for v in model.trainable_variables:
            np.testing.assert_array_equal(v.numpy(), -0.5)


def test_clip_keeps_what_is_inside():
    model = constraints.weight_clip(100.0)(network(2, 1))
    before = [v.numpy() for v in model.trainable_variables]
    optimizer = optimizers.SGD(learning_rate=0.25)
    optimizer.build(model.trainable_variables)
    optimizer.apply(
        [tf.ones(v.shape) for v in model.trainable_variables], model.trainable_variables
    )
    for old, v in zip(before, model.trainable_variables):
        np.testing.assert_allclose(v.numpy(), old - 0.25, rtol=1e-6, atol=1e-7)


def test_limit_must_be_positive():
    with pytest.raises(ValueError, match="`limit` must be above 0. Received: 0"):
        constraints.weight_clip(0)


def convolutional():
    layers = [
        keras.Input((6, 6, 2)),
        keras.layers.Conv2D(4, 3),
        keras.layers.Flatten(),
        keras.layers.Dense(1),
    ]
    return keras.Sequential(layers)


def converged(model, x):
    wrapped = constraints.spectral_normalization(iterations=300)(model)
    wrapped(x, training=True)
    return wrapped


def divided(model):
    """Returns the weights, every kernel divided by its largest singular value.

    A kernel is seen as a matrix whose columns are the outputs.
    """
    values = [v.numpy() for v in model.trainable_variables]
    return [
        v / np.linalg.svd(v.reshape(-1, v.shape[-1]), compute_uv=False)[0] if v.ndim > 1 else v
        for v in values
    ]


@pytest.mark.parametrize(
    ("model", "shape"),
    [(network(4, 3), (4,)), (convolutional(), (6, 6, 2))],
    ids=["dense", "convolution"],
)
def test_spectral_normalization_divides_every_kernel_by_its_largest_singular_value(model, shape):
    x = np.random.default_rng(0).normal(size=(3, *shape)).astype("float32")
    computed = converged(model, x)(x, training=False).numpy()
    for v, value in zip(model.trainable_variables, divided(model)):
        v.assign(value)
    np.testing.assert_allclose(computed, model(x).numpy(), rtol=1e-4, atol=1e-6)


def test_a_call_outside_training_leaves_the_power_iteration_where_it_is():
    wrapped = constraints.spectral_normalization()(network(4, 3))
    x = tf.ones([2, 4])
    before = [v.numpy() for v in wrapped.non_trainable_variables]
    first, second = wrapped(x, training=False).numpy(), wrapped(x, training=False).numpy()
    np.testing.assert_array_equal(first, second)
    for old, v in zip(before, wrapped.non_trainable_variables):
        np.testing.assert_array_equal(old, v.numpy())
    wrapped(x, training=True)
    assert any(
        not np.array_equal(old, v.numpy())
        for old, v in zip(before, wrapped.non_trainable_variables)
    )


def test_the_gradient_flows_through_the_division():
    # the network does not change when its kernel is scaled, so the gradient has no part along it
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, use_bias=False)])
    x = tf.constant(np.random.default_rng(0).normal(size=(5, 4)).astype("float32"))
    wrapped = converged(model, x)
    kernel = model.trainable_variables[0]
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(tf.sin(wrapped(x, training=False)))
    gradient = tape.gradient(value, kernel.value).numpy()
    assert np.linalg.norm(gradient) > 0.1
    np.testing.assert_allclose(np.sum(gradient * kernel.numpy()), 0.0, atol=1e-4)


def test_the_gradient_is_that_of_the_singular_value():
    # d sigma / d W = left right': for y = sum(x W) / sigma,
    # dy = dsum / sigma - sum * left right' / sigma**2
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, use_bias=False)])
    x = tf.constant(np.random.default_rng(1).normal(size=(5, 4)).astype("float32"))
    wrapped = converged(model, x)
    kernel = model.trainable_variables[0]
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(wrapped(x, training=False))
    left, values, right = np.linalg.svd(kernel.numpy().astype("float64"))
    total = x.numpy().sum(axis=0)[:, None] * np.ones((1, 3))
    expected = (
        total / values[0]
        - np.sum(total * kernel.numpy()) * np.outer(left[:, 0], right[0]) / values[0] ** 2
    )
    np.testing.assert_allclose(
        tape.gradient(value, kernel.value).numpy(), expected, rtol=1e-3, atol=1e-4
    )


def test_the_vectors_of_the_power_iteration_are_constants_to_the_gradient():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, use_bias=False)])
    x = tf.constant(np.random.default_rng(2).normal(size=(5, 4)).astype("float32"))
    wrapped = constraints.spectral_normalization(iterations=1)(model)  # far from converged
    kernel = model.trainable_variables[0]
    matrix, right = (
        kernel.numpy().astype("float64"),
        wrapped.non_trainable_variables[0].numpy().astype("float64"),
    )
    left = matrix @ right / np.linalg.norm(matrix @ right)
    right = matrix.T @ left / np.linalg.norm(matrix.T @ left)
    left = matrix @ right / np.linalg.norm(matrix @ right)
    value = left @ matrix @ right
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(wrapped(x, training=True))
    total = x.numpy().sum(axis=0)[:, None] * np.ones((1, 3))
    expected = total / value - np.sum(total * matrix) * np.outer(left, right) / value**2
    np.testing.assert_allclose(
        tape.gradient(y, kernel.value).numpy(), expected, rtol=1e-4, atol=1e-5
    )


def test_a_call_in_training_makes_one_iteration_as_in_the_paper():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, use_bias=False)])
    wrapped = constraints.spectral_normalization()(model)
    matrix = model.trainable_variables[0].numpy().astype("float64")
    left = matrix @ wrapped.non_trainable_variables[0].numpy().astype("float64")
    right = matrix.T @ left / np.linalg.norm(matrix.T @ left)
    values = wrapped(tf.eye(4), training=True)
    np.testing.assert_allclose(values, matrix / np.linalg.norm(matrix @ right), rtol=1e-5)


def test_layers_of_the_network_know_that_they_are_trained():
    layers = [keras.Input((2,)), keras.layers.BatchNormalization(momentum=0.75, epsilon=1e-6)]
    wrapped = constraints.spectral_normalization()(keras.Sequential(layers))
    x = batch().numpy() + 5.0
    values = wrapped(x, training=True)
    np.testing.assert_allclose(values, (x - x.mean(axis=0)) / x.std(axis=0), rtol=1e-4, atol=1e-4)
    moving = wrapped.network.layers[0].moving_mean.numpy()
    np.testing.assert_allclose(moving, 0.25 * x.mean(axis=0), rtol=1e-5)


def test_iterations_must_be_positive():
    with pytest.raises(ValueError, match="`iterations` must be at least 1"):
        constraints.spectral_normalization(0)(network(2, 1))


# the linear map that is left of a kernel
LINEAR = {
    "weight_clip": lambda kernel: np.clip(kernel, -LIMIT, LIMIT),
    "spectral_normalization": lambda kernel: kernel / np.linalg.norm(kernel, 2),
}


def test_every_constraint_has_its_formula_here():
    assert set(LINEAR) == set(constraints.CONSTRAINTS)


@pytest.mark.parametrize("name", sorted(LINEAR))
def test_a_constrained_linear_network_is_its_formula(name):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, use_bias=False)])
    kernel = model.trainable_variables[0].numpy()
    constrained = constraints.CONSTRAINTS[name]()(model)
    optimizer = optimizers.SGD(learning_rate=1.0)
    optimizer.build(model.trainable_variables)
    optimizer.apply([tf.zeros([4, 3])], model.trainable_variables)
    for _ in range(100):  # until a power iteration has settled
        constrained(tf.eye(4), training=True)
    values = constrained(tf.eye(4), training=False)
    np.testing.assert_allclose(values, LINEAR[name](kernel), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", sorted(constraints.CONSTRAINTS))
def test_a_constrained_critic_trains_its_own_weights_only(name):
    game = wgan(constraint=constraints.CONSTRAINTS[name]())
    players = game.players()
    before = (
        [v.numpy() for v in game.generator.variables],
        [v.numpy() for v in game.critic.trainable_variables],
    )
    gradients, state, _ = game._gradients("critic", 0, players, {"x": batch()})
    game._move("critic", players["critic"], gradients, state)
    for old, v in zip(before[0], game.generator.variables):
        np.testing.assert_array_equal(old, v.numpy())
    kernels = [
        (old, v.numpy())
        for old, v in zip(before[1], game.critic.trainable_variables)
        if old.ndim > 1
    ]
    assert all(not np.array_equal(old, new) for old, new in kernels)


def test_the_generators_move_does_not_advance_the_critics_power_iteration():
    game = wgan(constraint=constraints.spectral_normalization())
    before = [v.numpy() for v in game.critic.non_trainable_variables]
    players = game.players()
    gradients, state, _ = game._gradients("generator", 0, players, {"x": batch()})
    game._move("generator", players["generator"], gradients, state)
    for old, v in zip(before, game.critic.non_trainable_variables):
        np.testing.assert_array_equal(old, v.numpy())
    assert noise.current() is None


def test_features_under_spectral_normalization_are_those_that_the_logits_see():
    keras.utils.set_random_seed(0)
    critic = mlp.critic(shape=(2,), units=(5,), initializer=("normal", 1.0))
    game = wgan(critic=critic, constraint=constraints.spectral_normalization())
    for _ in range(300):  # until the power iteration has settled
        game.critic(batch(), training=True)
    x = batch()
    features = game.endpoints()["features"].function(x)["features"].numpy()
    kernel, bias = critic.get_layer("logits").get_weights()
    np.testing.assert_allclose(
        game.critic(x), features @ kernel / np.linalg.norm(kernel) + bias, rtol=1e-4, atol=1e-5
    )
    first, offset = critic.layers[2].get_weights()
    hidden = x.numpy() @ first / np.linalg.svd(first)[1][0] + offset
    np.testing.assert_allclose(
        features, np.where(hidden > 0, hidden, np.expm1(hidden)), rtol=1e-3, atol=1e-4
    )


def test_every_gan_offers_the_features_of_its_critic():
    assert "features" not in wgan().endpoints()  # a user's critic without a layer of that name
    critic = mlp.critic(shape=(2,), units=(5,))
    x = batch()
    features = wgan(critic=critic).endpoints()["features"].function(x)["features"].numpy()
    kernel, bias = critic.get_layer("logits").get_weights()
    np.testing.assert_allclose(critic(x), features @ kernel + bias, rtol=1e-4, atol=1e-6)
