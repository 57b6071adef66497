"""The simultaneous schedule: what players compute in common is one pass, with one set of draws."""

import keras
import numpy as np
import ordering
import pytest
import tensorflow as tf

from zoo import contrasts, likelihoods, losses, priors
from zoo.games import AGE, AVB, GAN, TAN, BiGAN, CycleGAN
from zoo.networks import dropout

X = tf.constant(np.random.default_rng(0).normal(size=(6, 4)), tf.float32)
SIMULTANEOUS = {"schedule": "simultaneous"}
ADVERSARIAL = {"loss": losses.non_saturating(), "value_range": None} | SIMULTANEOUS


class Seen(keras.layers.Layer):
    """Passes its input on and keeps a copy."""

    def __init__(self):
        super().__init__()
        self.passes = []

    def call(self, x):
        if tf.executing_eagerly() and not isinstance(x, keras.KerasTensor):
            self.passes.append(x.numpy())
        return x


def network(*sizes, outputs):
    """A network of one layer with dropout on its inputs."""
    inputs = [keras.Input((size,)) for size in sizes]
    x = keras.layers.Concatenate()(inputs) if len(sizes) > 1 else inputs[0]
    x = Seen()(dropout.Dropout(0.5)(x))
    return keras.Model(inputs, keras.layers.Dense(outputs)(x))


def gan():
    networks = {"generator": network(8, outputs=4), "critic": network(4, outputs=1)}
    return GAN(**networks, prior=priors.normal(8), **ADVERSARIAL)


def tan():
    networks = {"generator": network(8, outputs=4), "critic": network(4, outputs=1)}
    return TAN(
        **networks,
        lens=network(4, outputs=4),
        prior=priors.normal(8),
        horizon=9,
        **ADVERSARIAL,
    )


def bigan():
    return BiGAN(
        generator=network(8, outputs=4),
        encoder=network(4, outputs=16),
        critic=network(4, 8, outputs=1),
        prior=priors.normal(8),
        **ADVERSARIAL,
    )


def cycle_gan():
    return CycleGAN(
        a_to_b=network(4, outputs=4),
        b_to_a=network(4, outputs=4),
        critic_a=network(4, outputs=1),
        critic_b=network(4, outputs=1),
        identity_weight=1.0,
        **ADVERSARIAL,
    )


def age():
    networks = {"encoder": network(4, outputs=8), "generator": network(8, outputs=4)}
    return AGE(**networks, prior=priors.sphere(8), value_range=None, **SIMULTANEOUS)


def avb():
    return AVB(
        encoder=network(4, 3, outputs=8),
        decoder=keras.Sequential([network(8, outputs=8), network(8, outputs=4)]),
        adversary=network(4, 8, outputs=1),
        prior=priors.normal(8),
        likelihood=likelihoods.bernoulli(),
        contrast=contrasts.standard(),
        **SIMULTANEOUS,
    )


# What two players compute in common: network, then each player with the position of the pass among
# the passes of that network in the player's move.
COMMON = {
    gan: [
        ("generator", ("critic", 0), ("generator", 0)),
        ("critic", ("critic", 1), ("generator", 0)),
    ],
    tan: [
        ("generator", ("critic", 0), ("generator", 0)),
        ("critic", ("critic", 1), ("generator", 0)),
        ("generator", ("critic", 0), ("lens", 0)),
        ("lens", ("critic", 0), ("lens", 0)),
        ("critic", ("critic", 0), ("lens", 0)),
    ],
    bigan: [
        ("encoder", ("critic", 0), ("generator", 0)),
        ("generator", ("critic", 0), ("generator", 0)),
        ("critic", ("critic", 0), ("generator", 0)),
        ("critic", ("critic", 1), ("generator", 1)),
    ],
    cycle_gan: [
        ("b_to_a", ("critic_a", 0), ("translators", 0)),
        ("a_to_b", ("critic_b", 0), ("translators", 0)),
        ("critic_a", ("critic_a", 1), ("translators", 0)),
        ("critic_b", ("critic_b", 1), ("translators", 0)),
    ],
    age: [
        ("generator", ("encoder", 0), ("generator", 0)),
        ("encoder", ("encoder", 1), ("generator", 0)),
    ],
    avb: [
        ("encoder", ("adversary", 0), ("autoencoder", 0)),
        ("adversary", ("adversary", 0), ("autoencoder", 0)),
    ],
}


def passes(game, player, name):
    """What the network of that name saw, after dropout, in each of its passes in a first move."""
    (seen,) = (layer for layer in getattr(game, name).layers if isinstance(layer, Seen))
    seen.passes.clear()
    game._gradients(player, 0, game.players(), dict.fromkeys(game.inputs, X))
    return list(seen.passes)


@pytest.mark.parametrize(
    ("make", "name", "one", "other"),
    [(make, *row) for make, rows in COMMON.items() for row in rows],
    ids=[f"{make.__name__}-{row[0]}-{row[2][0]}" for make, rows in COMMON.items() for row in rows],
)
def test_what_two_players_compute_in_common_is_one_pass(make, name, one, other):
    keras.utils.set_random_seed(0)
    game = make()
    seen = [passes(game, player, name)[position] for player, position in (one, other)]
    assert np.any(seen[0] == 0.0) and np.any(seen[0] != 0.0)
    np.testing.assert_array_equal(*seen)


@pytest.mark.parametrize("make", [gan, age, bigan])
def test_passes_over_real_and_generated_data_have_masks_of_their_own(make):
    game = make()
    player = name = "encoder" if make is age else "critic"
    real, fake = (np.equal(seen, 0.0) for seen in passes(game, player, name)[:2])
    assert not np.array_equal(real, fake)


def test_alternating_players_draw_each_their_own():
    game = gan()
    game.schedule = "alternating"
    critic, generator = (passes(game, player, "generator")[0] for player in ("critic", "generator"))
    assert not np.isin(critic[critic != 0.0], generator).any()


def products(game):
    """How many products of matrices are in the graph of a step, after TensorFlow's optimizer."""
    game.compile(keras.optimizers.SGD(0.1))
    batch = {name: tf.sigmoid(X) for name in game.inputs}  # in the range of AVB's examples
    data = tf.data.Dataset.from_tensors(batch).repeat()
    with ordering.optimized_graphs() as graphs:
        game.fit(data, steps_per_epoch=1, verbose=0)
    return max(sum("MatMul" in node.op for node in graph.node) for graph in graphs)


# three players, and a critic of pairs; all games have their passes from one engine
@pytest.mark.parametrize("make", [tan, bigan])
def test_a_pass_that_two_players_make_is_computed_once(make):
    together, in_turn = make(), make()
    in_turn.schedule = "alternating"
    assert products(together) == products(in_turn) - len(COMMON[make])
