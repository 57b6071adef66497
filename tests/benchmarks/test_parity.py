"""The hand-written steps, next to which `fit` is timed, compute what the games do."""

import dataclasses
import pathlib

import numpy as np
import pytest
import tensorflow as tf

import configs
from train import experiments
from zoo.build import Spec

BENCHMARKS = pathlib.Path(__file__).parents[2] / "benchmarks"
BATCH, CLASSES = 4, 3
ADAM = Spec("adam", learning_rate=1e-3)
MLP = {"generator": Spec("mlp_generator", units=(5,)), "critic": Spec("mlp_critic", units=(5,))}
NORMAL, PIXELS = Spec("normal", size=2), Spec("bernoulli")
PAIRED = Spec("joint_critic", units=(5,))
DECODER = Spec("mlp_generator", units=(5,), value_range=None, output_bias="zeros")


def gan(loss, **options):
    name = options.pop("name", "gan")
    options = {"prior": Spec("uniform", size=2)} | MLP | options
    return Spec(name, loss=Spec(loss) if isinstance(loss, str) else loss, **options)


# each row holds several of the parts that a step by hand can have
GAMES = {
    "gan_with_labels_and_penalty": gan(
        "least_squares",
        conditional=True,
        penalty=Spec("gradient_penalty", weight=10.0),
        critic_updates=2,
    ),
    "gan_normalised": gan("hinge", constraint=Spec("spectral_normalization")),
    "f_gan_on_one_pass_with_dropout": gan(
        Spec("f_gan", divergence=Spec("kl")),
        schedule="simultaneous",
        critic=Spec("maxout_critic", units=(4,), pieces=2),
    ),
    "tan_clipped": gan(
        "wasserstein",
        name="tan",
        lens=Spec("mlp_lens"),
        horizon=100,
        constraint=Spec("weight_clip", limit=0.02),
        critic_updates=2,
    ),
    "vae": Spec(
        "vae",
        likelihood=PIXELS,
        prior=NORMAL,
        binarize=True,
        encoder=Spec("mlp_encoder", units=(5,)),
        decoder=DECODER,
    ),
    "bigan": Spec(
        "bigan",
        loss=Spec("non_saturating"),
        prior=NORMAL,
        generator=MLP["generator"],
        encoder=Spec("mlp_encoder", units=(5,), statistics=2),
        critic=PAIRED,
    ),
    # initial weights that are not small: codes of one length that are all alike divide by zero
    "age": Spec(
        "age",
        prior=Spec("sphere", size=4),
        generator=Spec("mlp_generator", units=(5,), initializer="glorot_uniform"),
        encoder=Spec("mlp_encoder", units=(5,), statistics=1, initializer="glorot_uniform"),
        generator_updates=2,
    ),
    "avb_adaptive_on_one_pass": Spec(
        "avb",
        contrast=Spec("adaptive"),
        likelihood=PIXELS,
        prior=NORMAL,
        encoder=Spec("basis_encoder", units=(5,), count=2, noise=3, basis_units=(4,)),
        decoder=DECODER,
        adversary=PAIRED,
    ),
    "avb_standard_in_turns": Spec(
        "avb",
        contrast=Spec("standard"),
        likelihood=PIXELS,
        prior=NORMAL,
        schedule="alternating",
        adversary_updates=2,
        encoder=Spec("implicit_encoder", noise=3, units=(5,)),
        decoder=DECODER,
        adversary=PAIRED,
    ),
}

PLAYERS = {
    "gan": ("critic", "generator"),
    "tan": ("critic", "generator", "lens"),
    "vae": ("autoencoder",),
    "bigan": ("critic", "generator"),
    "age": ("encoder", "generator"),
    "avb": ("adversary", "autoencoder"),
}


@pytest.fixture
def parity(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import parity

    return parity


@pytest.fixture
def eager():
    tf.config.run_functions_eagerly(True)  # three steps take less time than a graph
    yield
    tf.config.run_functions_eagerly(False)


def made(spec):
    """Returns the experiment of a game, the game, and its batches."""
    plain = configs.load("vae_digits" if "likelihood" in spec.options else "dcgan_digits")
    shape, names = (3, 2, 1), ["x"] + ["label"] * ("conditional" in spec.options)
    data = {"shape": shape, "value_range": plain.data.value_range, "classes": CLASSES}
    experiment = dataclasses.replace(
        plain,
        game=spec,
        data=dataclasses.replace(plain.data, batch_size=BATCH),
        optimizers=dict.fromkeys(PLAYERS[spec.name], ADAM),
    )
    game = experiments.compiled(experiment, data)
    draws, rows = np.random.default_rng(0), (3, BATCH * game.turns)
    values = {
        "x": draws.uniform(*plain.data.value_range, (*rows, *shape)).astype("float32"),
        "label": draws.integers(0, CLASSES, rows),
    }
    batches = {name: values[name] for name in names}
    return experiment, game, tf.data.Dataset.from_tensor_slices(batches).repeat()


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("spec", GAMES.values(), ids=GAMES)
def test_hand_written_step_computes_what_the_game_does(parity, eager, spec):
    result = parity.check(*made(spec))
    assert result["largest_relative_difference_of_logs"] < 1e-4
    assert result["fraction_of_weights_that_differ"] == 0.0


def test_a_step_that_computes_something_else_is_refused(parity, eager):
    experiment, game, batches = made(gan("least_squares"))
    other = dataclasses.replace(experiment, game=gan("hinge"))
    with pytest.raises(ValueError, match="must compute what the game does"):
        parity.check(other, game, batches)
