"""One tiny run with averaged weights and its bundle, made once; a way to break a copy of it."""

import importlib.util
import json
import os
import pathlib
import shutil

import pytest

import configs
from export.runtime import checks, folders, manifests
from train import bundles, loop, runs

spec = importlib.util.spec_from_file_location(
    "limited_checks", pathlib.Path(__file__).with_name("limited_checks.py")
)
limited_checks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(limited_checks)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    experiment = configs.load("dcgan_digits").override(
        [
            "train.epochs=1",
            "train.steps_per_epoch=2",
            "game.generator.width=8",
            "game.critic.width=8",
            # outputs of the size of a trained network's
            "game.generator.initializer=glorot_uniform",
            "optimizers.generator.use_ema=true",
            "optimizers.generator.learning_rate=0.01",
        ]
    )
    made = runs.Run(tmp_path_factory.mktemp("run") / "digits")
    assert loop.train(experiment, made, asked="cpu", verbose=False) == 0
    made.metrics.write_text(json.dumps({"metric": "a_number", "value": 0.125, "step": 2}) + "\n")
    return made


@pytest.fixture(scope="session")
def bundle(run, tmp_path_factory):
    return bundles.write(run, tmp_path_factory.mktemp("bundle") / "out", version=3)


@pytest.fixture(scope="session")
def light_checker():
    """`zoo check` in processes with limits, without TensorFlow."""
    with limited_checks.started("light") as checker:
        yield checker


@pytest.fixture
def broken(bundle, tmp_path):
    """Takes a change to a copy of the bundle, whose sums are then made to fit; returns failures.

    In the second pass `zoo check` runs in processes with limits, which load TensorFlow anew.
    """

    def examine(change, seal=True):
        copy = tmp_path / "copy"
        shutil.copytree(bundle, copy)
        change(copy)
        if seal:
            manifest = manifests.read(copy)
            manifest["sizes"]["saved_model"] = folders.size(copy / "saved_model")
            manifests.seal(copy, manifest)
        if os.environ.get("ZOO_PASS") == "second":
            with limited_checks.started("whole") as checker:
                return checker.check(copy).failures()
        return checks.check(copy, echo=lambda line: None, isolated=False)

    return examine
