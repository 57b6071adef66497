"""Penalties against closed forms: linear and quadratic critics have known slopes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, penalties

SLOPE = np.array([[1.5], [2.0], [0.0]], np.float32)  # of length 2.5
RNG = np.random.default_rng(0)
X_REAL, X_FAKE = (tf.constant(RNG.normal(size=(4, 3)).astype("float32")) for _ in range(2))
# the value of each row with its defaults on a linear critic, as a function of the slope's length
LINEAR = {
    "dragan": lambda length: 10.0 * (length - 1.0) ** 2,
    "gradient_penalty": lambda length: 10.0 * (length - 1.0) ** 2,
    "r1": lambda length: 5.0 * length**2,
}
NAMES = sorted(penalties.PENALTIES)


class Draws:
    """A source that hands out known numbers and remembers what was asked for."""

    def __init__(self, *values):
        self.values, self.shapes = list(values), []

    def uniform(self, shape):
        self.shapes.append(shape)
        return tf.constant(
            self.values.pop(0) if self.values else RNG.uniform(size=(4, *shape)), tf.float32
        )


def linear(x):
    return x @ SLOPE


def quadratic(x):
    return 0.5 * tf.reduce_sum(tf.square(x), axis=1, keepdims=True)  # its slope at x is x


def test_every_penalty_has_a_known_value():
    assert set(LINEAR) == set(penalties.PENALTIES)


@pytest.mark.parametrize("scale", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("name", NAMES)
def test_penalty_of_a_linear_critic_is_exact(name, scale):
    value = penalties.PENALTIES[name]()(lambda x: scale * linear(x), X_REAL, X_FAKE, Draws())
    assert value.shape == ()
    np.testing.assert_allclose(float(value), LINEAR[name](2.5 * scale), rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_weight_multiplies_the_penalty(name):
    one, three = (
        float(penalties.PENALTIES[name](weight=w)(linear, X_REAL, X_FAKE, Draws()))
        for w in (1.0, 3.0)
    )
    np.testing.assert_allclose(three, 3.0 * one, rtol=1e-6)


@pytest.mark.parametrize("name", ["dragan", "gradient_penalty"])
def test_unit_slope_costs_nothing(name):
    value = penalties.PENALTIES[name]()(lambda x: linear(x) / 2.5, X_REAL, X_FAKE, Draws())
    np.testing.assert_allclose(float(value), 0.0, atol=1e-10)


@pytest.mark.parametrize(("scale", "expected"), [(0.2, 0.0), (2.0, 10.0 * 4.0**2)])
def test_one_sided_penalty_leaves_small_slopes_alone(scale, expected):
    value = penalties.gradient_penalty(one_sided=True)(
        lambda x: scale * linear(x), X_REAL, X_FAKE, Draws()
    )
    np.testing.assert_allclose(float(value), expected, rtol=1e-5, atol=1e-10)


def test_target_is_the_slope_that_costs_nothing():
    value = penalties.gradient_penalty(target=2.5)(linear, X_REAL, X_FAKE, Draws())
    np.testing.assert_allclose(float(value), 0.0, atol=1e-10)


def test_gradient_penalty_is_taken_between_the_pairs_one_weight_an_image():
    eps = np.array([[0.0], [0.25], [0.75], [1.0]])
    draws = Draws(eps)
    value = penalties.gradient_penalty(weight=1.0)(quadratic, X_REAL, X_FAKE, draws)
    between = eps * X_REAL.numpy() + (1.0 - eps) * X_FAKE.numpy()
    np.testing.assert_allclose(
        float(value), np.mean((np.linalg.norm(between, axis=1) - 1.0) ** 2), rtol=1e-5
    )


@pytest.mark.parametrize("shape", [(5,), (4, 6, 3)], ids=str)
def test_weights_of_the_mixture_are_shared_by_an_images_pixels(shape):
    draws, x = Draws(), tf.ones((4, *shape))
    penalties.gradient_penalty()(
        lambda x: tf.reshape(tf.reduce_sum(x, axis=list(range(1, len(shape) + 1))), [-1, 1]),
        x,
        -x,
        draws,
    )
    assert draws.shapes == [(1,) * len(shape)]


def test_slope_is_over_all_pixels_of_an_image():
    x = tf.ones([4, 2, 3, 1])
    value = penalties.gradient_penalty(weight=1.0)(
        lambda x: tf.reshape(2.0 * tf.reduce_sum(x, axis=[1, 2, 3]), [-1, 1]), x, x, Draws()
    )
    np.testing.assert_allclose(float(value), (2.0 * np.sqrt(6.0) - 1.0) ** 2, rtol=1e-5)


def test_r1_is_taken_at_real_data():
    value = penalties.r1(weight=1.0)(quadratic, X_REAL, None, None)
    np.testing.assert_allclose(
        float(value), 0.5 * np.mean(np.sum(X_REAL.numpy() ** 2, axis=1)), rtol=1e-5
    )


def test_dragan_is_taken_near_real_data():
    alpha, u = RNG.uniform(size=(4, 1)), RNG.uniform(size=(4, 3))
    value = penalties.dragan(weight=1.0, scale=0.5)(quadratic, X_REAL, None, Draws(alpha, u))
    near = X_REAL.numpy() + alpha * 0.5 * X_REAL.numpy().std() * u
    np.testing.assert_allclose(
        float(value), np.mean((np.linalg.norm(near, axis=1) - 1.0) ** 2), rtol=1e-5
    )


def test_pairs_of_different_shape_are_refused():
    with pytest.raises(ValueError, match="same shape.*x_real.*x_fake"):
        penalties.gradient_penalty()(linear, X_REAL, tf.zeros([1, 3]), Draws())


@pytest.mark.parametrize("name", NAMES)
def test_the_penaltys_gradient_is_the_derivative_by_the_weights(name):
    weights = tf.constant(SLOPE)
    with tf.GradientTape() as tape:
        tape.watch(weights)
        value = penalties.PENALTIES[name]()(lambda x: x @ weights, X_REAL, X_FAKE, Draws())
    direction = SLOPE / 2.5
    derivative = 10.0 * 2.5 if name == "r1" else 20.0 * (2.5 - 1.0)  # of LINEAR, by the length
    np.testing.assert_allclose(
        tape.gradient(value, weights).numpy(), derivative * direction, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_stays_finite_where_a_critic_is_flat(name):
    network = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(
                4, activation="relu", bias_initializer=keras.initializers.Constant(-100.0)
            ),
        ]
    )
    with tf.GradientTape() as tape:
        value = penalties.PENALTIES[name]()(
            lambda x: tf.reduce_sum(network(x), axis=1, keepdims=True), X_REAL, X_FAKE, Draws()
        )
    computed = tape.gradient(
        value,
        [v.value for v in network.trainable_variables],
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    assert all(np.isfinite(g).all() for g in computed)


@pytest.mark.parametrize(("weight", "expected"), [(10.0, 1.075), (0.1, 8.5)])
def test_the_best_linear_critic_of_wgan_gp_is_steeper_than_one(weight, expected):
    # minimising -d s + weight (s - 1)**2 over the slope s gives s = 1 + d / (2 weight),
    # at -d - d**2 / (4 weight)
    distance, loss, slope = 1.5, losses.wasserstein(), tf.constant([[expected]])
    x_fake = tf.constant(RNG.normal(size=(8, 1)).astype("float32"))
    x_real = x_fake + distance
    with tf.GradientTape() as tape:
        tape.watch(slope)
        value = tf.reduce_mean(loss.critic_real(x_real @ slope)) + tf.reduce_mean(
            loss.critic_fake(x_fake @ slope)
        )
        value += penalties.gradient_penalty(weight=weight)(
            lambda x: x @ slope, x_real, x_fake, Draws(RNG.uniform(size=(8, 1)))
        )
    np.testing.assert_allclose(tape.gradient(value, slope).numpy(), 0.0, atol=1e-5)
    np.testing.assert_allclose(float(value), -distance - distance**2 / (4.0 * weight), rtol=1e-5)
