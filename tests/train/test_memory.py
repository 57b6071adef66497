"""The memory of a step, by hand for a small network, and what grows with what."""

import keras
import numpy as np
import pytest

from train import memory
from zoo import losses, priors
from zoo.games import GAN

WIDTH, BATCH = 1000, 500
KERNEL = 4 * WIDTH * WIDTH  # bytes of the largest kernel


def made(optimizer="sgd", **options):
    layers = keras.layers
    generator = keras.Sequential([keras.Input((1,)), layers.Dense(2)])
    critic = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(WIDTH, "tanh"),
            layers.Dense(WIDTH, "tanh"),
            layers.Dense(1),
        ]
    )
    parts = {"generator": generator, "critic": critic, "prior": priors.normal(1)}
    game = GAN(**parts, loss=losses.wasserstein(), value_range=None)
    game.compile(optimizer, **options)
    return game


def test_the_two_slots_of_adam_are_counted():
    weights = 3 * WIDTH + (WIDTH + 1) * WIDTH + WIDTH + 1 + 4
    adam, plain = (made(each) for each in (keras.optimizers.Adam(0.1), keras.optimizers.SGD(0.1)))
    assert memory.state(plain) >= 4 * weights
    assert memory.state(adam) - memory.state(plain) == 2 * 4 * weights


def test_a_step_keeps_the_hidden_layers_of_both_passes_of_the_critic():
    taken = memory.step(made(), {"x": (2,)}, BATCH)
    kept = 4 * (2 * 2 * BATCH * WIDTH)  # two passes, two layers
    assert kept < taken < 2 * kept + KERNEL


@pytest.mark.parametrize(
    "optimizer, terms",
    [
        (keras.optimizers.SGD(0.1), 2),  # the gradients by real and by generated examples
        (keras.optimizers.SGD(0.1, momentum=0.9), 3),  # and before them the decayed velocity
        (keras.optimizers.Adam(0.1), 2),  # no more: one gradient, or its place, and a moment
        (keras.optimizers.RMSprop(0.1), 3),  # as with momentum
    ],
    ids=["sgd", "momentum", "adam", "rmsprop"],
)
def test_an_update_holds_the_terms_of_the_optimizer(optimizer, terms):
    taken = memory.step(made(optimizer), {"x": (2,)}, 1)
    np.testing.assert_allclose(taken, terms * KERNEL, rtol=0.05)


def test_each_move_of_the_critic_has_its_examples_before_the_first():
    size, batch, layers, taken = 1000, 50, keras.layers, []
    for updates in (6, 16):
        generator = keras.Sequential([keras.Input((1,)), layers.Dense(size)])
        hidden = layers.Dense(4, "tanh")  # a linear critic needs no weight for its gradient
        critic = keras.Sequential([keras.Input((size,)), hidden, layers.Dense(1)])
        parts = {"generator": generator, "critic": critic, "prior": priors.normal(1)}
        loss = losses.wasserstein()
        game = GAN(**parts, loss=loss, value_range=None, critic_updates=updates)
        game.compile("sgd")
        taken.append(memory.step(game, {"x": (size,)}, batch))
    given = generated = 10 * 4 * batch * size  # of ten more moves
    np.testing.assert_allclose(taken[1] - taken[0], given + generated, rtol=0.01)


def test_the_gradient_of_a_convolution_holds_a_copy_of_the_filters():
    layers = keras.layers
    generator = keras.Sequential([keras.Input((1,)), layers.Dense(9), layers.Reshape((3, 3, 1))])
    critic = keras.Sequential(
        [
            keras.Input((3, 3, 1)),
            layers.Conv2D(64, 1),
            layers.Conv2D(512, 3),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    parts = {"generator": generator, "critic": critic, "prior": priors.normal(1)}
    game = GAN(**parts, loss=losses.wasserstein(), value_range=None)
    game.compile("sgd")
    filters = 4 * 3 * 3 * 64 * 512
    taken = memory.step(game, {"x": (3, 3, 1)}, 1)
    # the gradients by real and by generated examples, and the copy
    np.testing.assert_allclose(taken, 3 * filters, rtol=0.05)


def test_half_the_micro_batch_takes_about_half_the_activations():
    whole, parts = (memory.step(made(accumulate=k), {"x": (2,)}, 8 * BATCH) for k in (1, 4))
    assert parts < 0.5 * whole


@pytest.mark.parametrize("size", [1, 64])
def test_more_examples_take_more(size):
    game = made()
    assert memory.step(game, {"x": (2,)}, size) < memory.step(game, {"x": (2,)}, 32 * size)
