"""Copies of a game: in memory, in a pickle, in a `.keras` file; each trains on exactly."""

import copy
import pickle

import keras
import numpy as np
import pytest

from zoo import losses
from zoo.games import GAN, VAE

X = np.random.default_rng(0).random(size=(24, 2)).astype("float32")


def mlp(inputs, outputs):
    layers = [keras.layers.Dense(4), keras.layers.BatchNormalization(synchronized=True)]
    return keras.Sequential([keras.Input((inputs,)), *layers, keras.layers.Dense(outputs)])


def gan(compiled=True, **options):
    keras.utils.set_random_seed(0)
    options = {"loss": "hinge", "constraint": "weight_clip", "critic_updates": 2} | options
    game = GAN(generator=mlp(3, 2), critic=mlp(2, 1), prior=3, value_range=None, seed=5, **options)
    if compiled:
        averaged = keras.optimizers.Adam(0.02, use_ema=True, ema_momentum=0.5)
        game.compile({"critic": keras.optimizers.Adam(0.01), "generator": averaged})
    return game


def vae():
    game = VAE(encoder=mlp(2, 6), decoder=mlp(3, 2), prior=3, likelihood="bernoulli")
    game.compile("adam", steps_per_execution="auto")
    return game


def fit(game):
    game.fit(X, batch_size=4, epochs=2, verbose=0)
    return game


def saved(game, folder):
    game.save(folder / "game.keras")
    return keras.saving.load_model(folder / "game.keras")


WAYS = {
    "copy": lambda game, _: copy.copy(game),
    "deepcopy": lambda game, _: copy.deepcopy(game),
    "pickle": lambda game, _: pickle.loads(pickle.dumps(game)),
    "file": saved,
}


def assert_same(one, other):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(one.optimizers.values(), other.optimizers.values(), strict=True):
        for v, w in zip(a.variables, b.variables, strict=True):
            np.testing.assert_array_equal(v.numpy(), w.numpy())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [gan, vae])
def test_a_copy_trains_on_as_the_game_does(make, way, tmp_path):
    game = fit(make())
    other = WAYS[way](game, tmp_path)
    assert type(other) is type(game) and other.automatic_steps == game.automatic_steps
    assert_same(other, game)
    before = game.get_weights()
    fit(other)
    for one, two in zip(before, game.get_weights(), strict=True):  # the copy has its own
        np.testing.assert_array_equal(one, two)
    assert_same(other, fit(game))
    np.testing.assert_array_equal(other.sample(4), game.sample(4))


@pytest.mark.parametrize("way", WAYS)
def test_a_game_that_is_not_compiled_is_copied_as_such(way, tmp_path):
    game = gan(compiled=False)
    other = WAYS[way](game, tmp_path)
    assert not other.compiled
    np.testing.assert_array_equal(other.sample(4), game.sample(4))


def test_a_copy_in_memory_has_the_same_parts():
    loss = losses.least_squares(real=0.9)
    assert copy.deepcopy(gan(loss=loss)).loss == loss  # the functions are the same objects


def test_a_checkpoint_of_the_whole_game_is_loaded_again(tmp_path):
    game, path = gan(), tmp_path / "game.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(str(path))
    game.fit(X, batch_size=4, epochs=2, callbacks=[checkpoint], verbose=0)
    assert_same(keras.saving.load_model(path), game)


class Longer(GAN):
    """A game of the user's own, which passes options on."""

    def __init__(self, length, **options):
        super().__init__(**options)
        self.length = length


def test_a_game_of_an_own_class_with_other_options_is_copied():
    parts = {"generator": mlp(3, 2), "critic": mlp(2, 1), "prior": 3, "loss": "hinge"}
    game = Longer(7, **parts, value_range=None)
    for other in (copy.copy(game), pickle.loads(pickle.dumps(game))):
        assert (type(other), other.length) == (Longer, 7)
        np.testing.assert_array_equal(other.sample(2), game.sample(2))


def test_a_pickle_of_a_part_that_has_no_name_is_refused():
    with pytest.raises(pickle.PicklingError, match="such as names: loss='hinge'.*Received: `loss`"):
        pickle.dumps(gan(loss=losses.hinge()))


def test_a_file_of_a_part_that_has_no_name_is_refused(tmp_path):
    with pytest.raises(NotImplementedError, match="parts are names, and `loss` is none"):
        gan(loss=losses.hinge()).save(tmp_path / "game.keras")
    assert list(tmp_path.iterdir()) == []
