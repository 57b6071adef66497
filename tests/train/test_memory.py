"""The memory of a step, by hand for a small network, and what grows with what."""

import keras
import pytest

from train import memory
from zoo import losses, priors
from zoo.games import GAN

WIDTH, BATCH = 1000, 500


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
    update = memory.UPDATE * 4 * WIDTH * WIDTH
    assert max(kept, update) < taken < 2 * kept + update


def test_half_the_micro_batch_takes_about_half_the_activations():
    whole, parts = (memory.step(made(accumulate=k), {"x": (2,)}, 8 * BATCH) for k in (1, 4))
    assert parts < 0.5 * whole


@pytest.mark.parametrize("size", [1, 64])
def test_more_examples_take_more(size):
    game = made()
    assert memory.step(game, {"x": (2,)}, size) < memory.step(game, {"x": (2,)}, 32 * size)
