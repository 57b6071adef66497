import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import noise
from zoo.networks import dropout


def move(batch, step=0):
    return noise.Noise(
        seed=1, step=tf.constant(step, tf.int64), player=0, move=0, batch=batch
    ).current()


def test_kept_inputs_are_scaled_and_the_rest_is_zero():
    x = np.random.default_rng(0).normal(size=(64, 50)).astype(np.float32)
    with move(64):
        y = dropout.Dropout(0.2)(x, training=True).numpy()
    kept = y != 0
    np.testing.assert_allclose(y[kept], 1.25 * x[kept], rtol=1e-6)
    np.testing.assert_allclose(kept.mean(), 0.8, atol=5 * np.sqrt(0.2 * 0.8 / kept.size))


def test_mask_is_the_moves_uniform_draw():
    with move(8) as current:
        expected = current.uniform((3, 2)).numpy() >= 0.5
    with move(8):
        y = dropout.Dropout(0.5)(np.ones((8, 3, 2), np.float32), training=True)
    np.testing.assert_array_equal(y, np.where(expected, 2.0, 0.0))


def test_layers_and_steps_draw_independently():
    x = np.ones((200, 100), np.float32)
    with move(200):
        first, second = (dropout.Dropout(0.5)(x, training=True).numpy() for _ in range(2))
    with move(200, step=1):
        third = dropout.Dropout(0.5)(x, training=True).numpy()
    correlations = np.corrcoef([first.ravel(), second.ravel(), third.ravel()])
    np.testing.assert_allclose(correlations, np.eye(3), atol=5 / np.sqrt(x.size))


def test_the_same_move_repeats_bit_for_bit_in_a_graph():
    layer = dropout.Dropout(0.5)
    x = tf.ones((16, 5))

    @tf.function
    def draw(step):
        with noise.Noise(seed=1, step=step, player=0, move=0, batch=tf.shape(x)[0]).current():
            return layer(x, training=True)

    with move(16, step=7):
        eager = layer(x, training=True)
    np.testing.assert_array_equal(draw(tf.constant(7, tf.int64)), eager)
    assert np.any(draw(tf.constant(8, tf.int64)) != eager)


@pytest.mark.parametrize(("rate", "training"), [(0.5, False), (0.0, True)])
def test_nothing_is_drawn_without_need(rate, training):
    x = np.ones((4, 3), np.float32)
    with move(4) as current:
        np.testing.assert_array_equal(dropout.Dropout(rate)(x, training=training), x)
        after = current.uniform((3,))
    with move(4) as current:
        np.testing.assert_array_equal(after, current.uniform((3,)))


def test_outside_a_move_it_is_kerass():
    x = np.ones((8, 8), np.float32)
    np.testing.assert_array_equal(
        dropout.Dropout(0.5, seed=3)(x, training=True),
        keras.layers.Dropout(0.5, seed=3)(x, training=True),
    )


def test_another_batch_than_the_moves_is_refused():
    with move(1), pytest.raises(ValueError, match="same shape"):
        dropout.Dropout(0.5)(np.ones((4, 3), np.float32), training=True)


@pytest.mark.parametrize("rate", [1.0, -0.1])
def test_rate_outside_is_refused(rate):
    with pytest.raises(ValueError, match=r"`rate` must be in \[0, 1\). Received: rate="):
        dropout.Dropout(rate)


def test_noise_shape_is_refused():
    with pytest.raises(ValueError, match="`noise_shape` is not supported"):
        dropout.Dropout(0.5, noise_shape=(1, 3))
