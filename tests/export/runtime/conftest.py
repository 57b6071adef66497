"""One small good bundle, made once, and a way to refuse a copy that a stranger has changed."""

import json
import shutil
import sys

import keras
import pytest

import zoo
from export.runtime import checks, manifests


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
def refused(good, tmp_path, monkeypatch):
    """Takes a change to a copy, whose hashes are then made to fit; returns the one failure.

    The gate has no TensorFlow: an import of it fails.
    """

    def examine(change, *, sealed=True, **options):
        copy = tmp_path / "copy"
        shutil.copytree(good, copy)
        manifest = json.loads((copy / "manifest.json").read_text())
        change(copy, manifest)
        if sealed:
            manifests.seal(copy, manifest)
        monkeypatch.setitem(sys.modules, "tensorflow", None)
        failures = checks.check(copy, echo=lambda line: None, **options)
        assert failures and all("Received: " in failure for failure in failures), failures
        assert "Traceback" not in str(failures) and max(map(len, failures)) < 1000
        return " ".join(failures)

    return examine
