"""Networks that give logits end in a linear layer, in whatever way their end is written."""

import keras
import numpy as np
import pytest

from zoo import constraints, contrasts, likelihoods, losses, priors
from zoo.games import AVB, GAN, TAN, VAE, BiGAN, CycleGAN, Supervised, endings

layers, ops = keras.layers, keras.ops


def ending(*last, inputs=4, units=1):
    return keras.Sequential([keras.Input((inputs,)), layers.Dense(units), *last])


def of(function):
    x = keras.Input((4,))
    return keras.Model(x, function(layers.Dense(1)(x)))


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.one, self.first = layers.Dense(1), layers.ReLU()

    def call(self, x):
        return self.one(self.first(x))


ACTIVATED = {
    "activation of the layer": lambda: ending(layers.Dense(1, activation="sigmoid")),
    "layer Activation": lambda: ending(layers.Activation("tanh")),
    "layer of its own": lambda: ending(layers.LeakyReLU()),
    "softmax": lambda: ending(layers.Softmax()),
    "operation": lambda: of(ops.sigmoid),
    "behind a shape": lambda: ending(layers.Activation("sigmoid"), layers.Reshape((1,))),
    "behind a type": lambda: of(lambda x: ops.cast(ops.sigmoid(x), "float32")),
    "behind a linear one": lambda: ending(layers.ReLU(), layers.Activation("linear")),
    "nested": lambda: ending(ending(layers.Activation("sigmoid"), inputs=1)),
    "nested in a model": lambda: of(ending(layers.ReLU(), inputs=1)),
    "a function": lambda: ending(layers.Dense(1, activation=lambda x: x**2)),
    "constrained": lambda: constraints.spectral_normalization()(ending(layers.ReLU())),
}
LINEAR = {
    "dense": ending,
    "linear": lambda: ending(layers.Activation("linear")),
    "flat": lambda: ending(layers.ReLU(), layers.Dense(3), layers.Flatten()),
    "activation inside": lambda: ending(layers.ReLU(), layers.Dense(1)),
    "sum": lambda: of(lambda x: layers.Add()([x, layers.Dense(1, activation="relu")(x)])),
    "type": lambda: of(lambda x: ops.cast(x, "float32")),
    "subclass": Subclass,
    "constrained": lambda: constraints.spectral_normalization()(ending()),
}


@pytest.mark.parametrize("make", ACTIVATED.values(), ids=ACTIVATED)
def test_a_network_that_ends_in_an_activation_is_refused(make):
    message = "`critic` must end in a linear layer, since losses take logits. Received: "
    with pytest.raises(ValueError, match=message):
        endings.check_linear("critic", make(), "since losses take logits")


@pytest.mark.parametrize("make", LINEAR.values(), ids=LINEAR)
def test_a_network_that_ends_in_a_linear_layer_passes(make):
    endings.check_linear("critic", make(), "since losses take logits")


def squashed(*sizes, units=1):
    inputs = [keras.Input((size,)) for size in sizes]
    x = layers.Concatenate()(inputs) if len(sizes) > 1 else inputs[0]
    features = layers.Dense(3, name="features")(x)
    return keras.Model(inputs, layers.Dense(units, activation="sigmoid")(features))


def linear(*sizes, units):
    inputs = [keras.Input((size,)) for size in sizes]
    x = layers.Concatenate()(inputs) if len(sizes) > 1 else inputs[0]
    return keras.Model(inputs, layers.Dense(units)(x))


PRIOR = {"prior": priors.normal(2)}
LOSS = {"loss": losses.non_saturating()}
PIXELS = {"likelihood": likelihoods.bernoulli()}
GAMES = {
    "GAN": lambda: GAN(generator=linear(2, units=4), critic=squashed(4), **PRIOR, **LOSS),
    "TAN": lambda: TAN(
        generator=linear(2, units=4),
        critic=squashed(4),
        lens=linear(4, units=4),
        horizon=3,
        **PRIOR,
        **LOSS,
    ),
    "BiGAN": lambda: BiGAN(
        generator=linear(2, units=4),
        encoder=linear(4, units=2),
        critic=squashed(4, 2),
        **PRIOR,
        **LOSS,
    ),
    "CycleGAN a": lambda: CycleGAN(
        a_to_b=linear(4, units=4),
        b_to_a=linear(4, units=4),
        critic_a=squashed(4),
        critic_b=linear(4, units=1),
        **LOSS,
    ),
    "CycleGAN b": lambda: CycleGAN(
        a_to_b=linear(4, units=4),
        b_to_a=linear(4, units=4),
        critic_a=linear(4, units=1),
        critic_b=squashed(4),
        **LOSS,
    ),
    "AVB": lambda: AVB(
        encoder=linear(4, 3, units=2),
        decoder=linear(2, units=4),
        adversary=squashed(4, 2),
        contrast=contrasts.standard(),
        **PRIOR,
        **PIXELS,
    ),
    "VAE": lambda: VAE(encoder=linear(4, units=4), decoder=squashed(2, units=4), **PRIOR, **PIXELS),
    "Supervised": lambda: Supervised(classifier=squashed(4, units=3), value_range=None),
}


@pytest.mark.parametrize("make", GAMES.values(), ids=GAMES)
def test_a_game_refuses_probabilities_where_logits_are_meant(make):
    with pytest.raises(ValueError, match="must end in a linear layer.*Received: sigmoid"):
        make()


def test_the_check_changes_no_weight():
    network = ending()
    before = network.get_weights()
    endings.check_linear("critic", network, "since losses take logits")
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)
