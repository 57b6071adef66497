"""One small good bundle, made once, and a way to refuse a copy that a stranger has changed."""

import json
import shutil

import keras
import pytest

import zoo
from export.runtime import manifests


@pytest.fixture(scope="session")
def good(tmp_path_factory):
    """A bundle of a generator of 4 x 4 images, with the endpoints `generate` and `sample`."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    generator = keras.Sequential(
        [keras.Input([3]), layers.Dense(16, activation="tanh"), layers.Reshape([4, 4, 1])]
    )
    critic = keras.Sequential([keras.Input([4, 4, 1]), layers.Flatten(), layers.Dense(1)])
    game = zoo.games.GAN(
        generator=generator,
        critic=critic,
        prior=zoo.priors.normal(3),
        loss=zoo.losses.non_saturating(),
    )
    out = tmp_path_factory.mktemp("good") / "bundle"
    return zoo.export(game, out, description=zoo.Description(name="tiny"))


@pytest.fixture
def refused(good, light_checker, tmp_path):
    """Takes a change to a copy, whose hashes are then made to fit; returns the failures.

    `zoo check` refuses the copy without TensorFlow, in less than 1 GB of memory and 30 seconds.
    """

    def examine(change, *, sealed=True):
        copy = tmp_path / "copy"
        shutil.copytree(good, copy)
        manifest = json.loads((copy / "manifest.json").read_text())
        change(copy, manifest)
        if sealed:
            manifests.seal(copy, manifest)
        return " ".join(light_checker.check(copy).failures())

    return examine
