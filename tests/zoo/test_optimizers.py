"""Optimizers and schedules against their update rules in numpy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import optimizers

GRADIENTS = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
START = np.array([1.0, -2.0, 3.0], np.float32)


def path(optimizer, gradients=GRADIENTS):
    """Returns where a variable is after each gradient."""
    variable = keras.Variable(START)
    optimizer.build([variable])
    computed = []
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient)], [variable])
        computed.append(variable.numpy())
    return np.array(computed)


def adam(gradients, rate, beta_1, beta_2, epsilon=1e-8):
    w, m, v = START.astype("float64"), 0.0, 0.0
    for t, g in enumerate(gradients.astype("float64"), 1):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
        w = w - rate * (m / (1 - beta_1**t)) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        yield w


def rmsprop(gradients, rate, rho, epsilon):
    w, v = START.astype("float64"), 0.0
    for g in gradients.astype("float64"):
        v = rho * v + (1 - rho) * g**2
        w = w - rate * g / np.sqrt(v + epsilon)
        yield w


def sgd(gradients, rate, momentum):
    w, v = START.astype("float64"), 0.0
    for t, g in enumerate(gradients.astype("float64")):
        v = momentum(t) * v - rate(t) * g
        w = w + v
        yield w


RULES = {  # options as in the configs, and the same update in float64
    "adam": (
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9},
        lambda g: adam(g, 0.1, 0.5, 0.9),
    ),
    "rmsprop": (
        {"learning_rate": 0.1, "rho": 0.9, "epsilon": 1e-8},
        lambda g: rmsprop(g, 0.1, 0.9, 1e-8),
    ),
    "sgd": (
        {"learning_rate": 0.1, "momentum": 0.5},
        lambda g: sgd(g, lambda t: 0.1, lambda t: 0.5),
    ),
}


def test_every_optimizer_has_its_rule():
    assert set(RULES) == set(optimizers.OPTIMIZERS)


def test_adam_adds_the_epsilon_of_the_papers_codes():
    # gradients as small as epsilon; the first step is rate * g / (|g| + epsilon / sqrt(1 - beta_2))
    gradients = np.array([[1e-7, 1e-6, -1e-7]], np.float32)
    g = gradients.astype("float64")
    moved = START - 0.1 * g / (np.abs(g) + 1e-8 / np.sqrt(1 - 0.9))
    adam = optimizers.Adam(0.1, beta_1=0.5, beta_2=0.9)
    np.testing.assert_allclose(path(adam, gradients), moved, rtol=1e-6)


@pytest.mark.parametrize("name", sorted(optimizers.OPTIMIZERS))
def test_updates_follow_the_rule(name):
    options, rule = RULES[name]
    np.testing.assert_allclose(
        path(optimizers.OPTIMIZERS[name](**options)), list(rule(GRADIENTS)), rtol=1e-5
    )


def test_the_penalty_of_adam_is_part_of_the_gradient():
    """The update is Adam's of gradient + l2 w, in float64.

    A decoupled decay, as Keras's weight_decay, would take another path.
    """
    w, m, v, expected = START.astype("float64"), 0.0, 0.0, []
    for t, gradient in enumerate(GRADIENTS.astype("float64"), 1):
        g = gradient + 0.3 * w
        m, v = 0.5 * m + 0.5 * g, 0.9 * v + 0.1 * g**2
        w = w - 0.1 * (m / (1 - 0.5**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-7)
        expected.append(w)
    computed = path(optimizers.Adam(0.1, beta_1=0.5, beta_2=0.9, l2=0.3))
    np.testing.assert_allclose(computed, expected, rtol=1e-5)
    assert not np.allclose(
        computed,
        path(keras.optimizers.Adam(0.1, beta_1=0.5, beta_2=0.9, weight_decay=0.3)),
        rtol=1e-2,
    )


def test_adam_without_a_penalty_is_keras_s():
    np.testing.assert_array_equal(
        path(optimizers.Adam(0.1, clipnorm=0.5)),
        path(keras.optimizers.Adam(0.1, epsilon=1e-8, clipnorm=0.5)),
    )


def test_a_penalty_below_zero_is_refused():
    with pytest.raises(ValueError, match="`l2` must be at least 0"):
        optimizers.Adam(l2=-1e-5)


def test_the_penalty_is_kept_in_the_settings():
    assert optimizers.Adam.from_config(optimizers.Adam(l2=2.5e-5).get_config()).l2 == 2.5e-5


def test_gradient_descent_without_momentum_is_plain():
    np.testing.assert_allclose(
        path(optimizers.SGD(0.1)), START - 0.1 * np.cumsum(GRADIENTS, axis=0), rtol=1e-5
    )


def test_momentum_and_rate_follow_their_schedules():
    rising = keras.optimizers.schedules.PolynomialDecay(0.5, 4, 0.7)
    falling = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    expected = sgd(GRADIENTS, lambda t: 0.1 * 0.5**t, lambda t: 0.5 + 0.2 * min(t, 4) / 4)
    np.testing.assert_allclose(
        path(optimizers.SGD(falling, momentum=rising)), list(expected), rtol=1e-5
    )


def test_momentum_that_starts_at_zero_keeps_its_velocity():
    rising = keras.optimizers.schedules.PolynomialDecay(0.0, 4, 0.8)
    expected = sgd(GRADIENTS, lambda t: 0.1, lambda t: 0.2 * min(t, 4))
    np.testing.assert_allclose(
        path(optimizers.SGD(0.1, momentum=rising)), list(expected), rtol=1e-5
    )


def test_scheduled_momentum_is_traced_into_the_graph():
    rising = keras.optimizers.schedules.PolynomialDecay(0.5, 4, 0.7)
    optimizer, variable = optimizers.SGD(0.1, momentum=rising), keras.Variable(START)
    optimizer.build([variable])
    step = tf.function(lambda gradient: optimizer.apply([gradient], [variable]))
    for gradient in GRADIENTS:
        step(tf.constant(gradient))
    np.testing.assert_allclose(
        variable.numpy(), path(optimizers.SGD(0.1, momentum=rising))[-1], rtol=1e-6
    )


def test_the_velocity_of_a_scheduled_momentum_is_state():
    """Checkpoints hold `optimizer.variables`; a velocity outside would be lost."""
    optimizer, variable = (
        optimizers.SGD(0.1, momentum=keras.optimizers.schedules.PolynomialDecay(0.5, 4, 0.7)),
        keras.Variable(START),
    )
    optimizer.build([variable])
    optimizer.apply([tf.constant(GRADIENTS[0])], [variable])
    assert any(
        v.shape == variable.shape and np.allclose(v.numpy(), -0.1 * GRADIENTS[0])
        for v in optimizer.variables
    )


SHAPES = {  # options, and the value as a function of the step
    "cosine_decay": (
        {"initial_learning_rate": 2.0, "decay_steps": 10},
        lambda t: 1.0 + np.cos(np.pi * t / 10),
    ),
    "delayed_exponential_decay": (
        {"initial_learning_rate": 2.0, "delay_steps": 4, "decay_steps": 5, "decay_rate": 0.5},
        lambda t: 2.0 * 0.5 ** (max(t - 4, 0) / 5),
    ),
    "exponential_decay": (
        {"initial_learning_rate": 2.0, "decay_steps": 10, "decay_rate": 0.5},
        lambda t: 2.0 * 0.5 ** (t / 10),
    ),
    "piecewise_constant": (
        {"boundaries": [4, 8], "values": [3.0, 2.0, 1.0]},
        lambda t: 3.0 if t <= 4 else 2.0 if t <= 8 else 1.0,
    ),
    "polynomial_decay": (
        {"initial_learning_rate": 2.0, "decay_steps": 10, "end_learning_rate": 1.0},
        lambda t: 2.0 - t / 10,
    ),
}


def test_every_schedule_has_its_shape():
    assert set(SHAPES) == set(optimizers.SCHEDULES)


@pytest.mark.parametrize("name", sorted(optimizers.SCHEDULES))
def test_schedules_follow_their_shape(name):
    options, shape = SHAPES[name]
    schedule = optimizers.SCHEDULES[name](**options)
    steps = [0, 1, 4, 5, 9, 10]
    np.testing.assert_allclose(
        [float(schedule(step)) for step in steps],
        [shape(step) for step in steps],
        rtol=1e-6,
        atol=1e-6,
    )
