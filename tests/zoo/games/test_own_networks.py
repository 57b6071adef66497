"""Games over networks of the user's own classes, and over parts by their names."""

import keras
import numpy as np
import pytest

from zoo import losses, penalties, priors
from zoo.games import AGE, AVB, GAN, TAN, VAE, BiGAN, CycleGAN

X = np.random.default_rng(0).random(size=(24, 2)).astype("float32")


class Own(keras.Model):
    """A network whose inputs Keras does not know."""

    def __init__(self, units):
        super().__init__()
        self.hidden, self.out = keras.layers.Dense(4), keras.layers.Dense(units)

    def call(self, inputs, training=False):
        if isinstance(inputs, (list, tuple)):
            rows = [
                keras.ops.reshape(keras.ops.cast(x, "float32"), (-1, n))
                for x, n in zip(inputs, [x.shape[1] if len(x.shape) > 1 else 1 for x in inputs])
            ]
            inputs = keras.ops.concatenate(rows, axis=-1)
        return self.out(self.hidden(inputs))


def built(units, *shape):
    network = Own(units)
    network(np.zeros((1, *shape), np.float32))
    return network


def implicit():
    network = Own(3)
    network([np.zeros((1, 2), np.float32), np.zeros((1, 4), np.float32)])
    return network


GAMES = {
    "gan": lambda: GAN(
        generator=Own(2), critic=Own(1), prior=3, loss="non_saturating", value_range=None
    ),
    "gan_with_labels": lambda: GAN(
        generator=Own(2), critic=Own(1), prior=3, loss="non_saturating", value_range=None, classes=4
    ),
    "tan": lambda: TAN(
        generator=Own(2),
        critic=Own(1),
        lens=Own(2),
        prior=3,
        loss="non_saturating",
        horizon=5,
        value_range=None,
    ),
    "bigan": lambda: BiGAN(
        generator=Own(2), encoder=Own(3), critic=Own(1), prior=3, loss="minimax", value_range=None
    ),
    "age": lambda: AGE(generator=Own(2), encoder=Own(3), prior=3, value_range=None),
    "vae": lambda: VAE(encoder=Own(6), decoder=Own(2), prior=3, likelihood="bernoulli"),
    "avb": lambda: AVB(
        encoder=implicit(),
        decoder=Own(2),
        adversary=Own(1),
        prior=3,
        likelihood="bernoulli",
        contrast="standard",
    ),
    "cycle_gan": lambda: CycleGAN(
        a_to_b=built(2, 2),
        b_to_a=Own(2),
        critic_a=Own(1),
        critic_b=Own(1),
        loss="least_squares",
        value_range=None,
    ),
}


@pytest.mark.parametrize("name", GAMES)
def test_a_game_over_networks_of_own_classes_trains(name):
    keras.utils.set_random_seed(0)
    game = GAMES[name]()
    game.compile("sgd")
    networks = [network for player in game.players().values() for network in player.networks]
    before = [v.numpy() for network in networks for v in network.trainable_variables]
    data = {"x": X, "label": np.arange(24) % 4, "a": X, "b": X}
    game.fit({key: data[key] for key in game.inputs}, batch_size=4, verbose=0)
    after = [v.numpy() for network in networks for v in network.trainable_variables]
    assert len(before) == 4 * len(networks)
    assert all(np.abs(one - other).max() > 0.0 for one, other in zip(before, after, strict=True))
    assert np.isfinite(game.evaluate(data, verbose=0)).all()


def test_the_users_network_is_the_one_that_is_trained():
    generator = Own(2)
    game = GAN(generator=generator, critic=Own(1), prior=3, loss="non_saturating", value_range=None)
    np.testing.assert_array_equal(game.generator(np.ones((1, 3))), generator(np.ones((1, 3))))
    assert game.generator.trainable_variables == generator.trainable_variables


def test_a_sequential_network_without_an_input_is_built():
    generator = keras.Sequential([keras.layers.Dense(2)])
    game = GAN(generator=generator, critic=Own(1), prior=3, loss="non_saturating", value_range=None)
    assert game.generator is generator
    assert generator.input_shape == (None, 3)


def test_a_network_of_which_nothing_is_known_must_be_built():
    parts = {"b_to_a": Own(2), "critic_a": Own(1), "critic_b": Own(1), "loss": "hinge"}
    with pytest.raises(ValueError, match="`a_to_b` must be built.*call it once"):
        CycleGAN(a_to_b=Own(2), **parts)


def test_what_is_no_network_is_refused():
    with pytest.raises(TypeError, match="`generator` must be a Keras network. Received: 'mlp'"):
        GAN(generator="mlp", critic=Own(1), prior=3, loss="non_saturating")


def linear(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])


def weights(**parts):
    keras.utils.set_random_seed(0)
    options = {"generator": linear(3, 2), "critic": linear(2, 1), "value_range": None}
    game = GAN(**options, **parts)
    game.compile("sgd")
    game.fit(X, batch_size=4, verbose=0)
    return game.get_weights()


def test_a_name_stands_for_the_part():
    named = weights(loss="least_squares", prior=3, penalty="r1")
    made = weights(loss=losses.least_squares(), prior=priors.normal(3), penalty=penalties.r1())
    for one, other in zip(named, made, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_wrong_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="Unknown loss 'hing'.*Did you mean 'hinge'"):
        weights(loss="hing", prior=3)


def test_the_name_of_a_part_that_needs_options_is_refused_with_them():
    with pytest.raises(ValueError, match=r"'normal' needs size: call zoo.priors.normal"):
        weights(loss="hinge", prior="normal")
