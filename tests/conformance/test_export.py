"""A bundle of every config computes what the game computes, at batch 1, 3 and 64."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import configs
from export.runtime import backends, manifests
from train import bundles, checkpoints, experiments, runs
from zoo import priors

spec = importlib.util.spec_from_file_location("tiny", pathlib.Path(__file__).with_name("tiny.py"))
tiny = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tiny)

# one config per architecture and data; in the second pass, which .ci/run makes, all the others
FEW = [
    "age_digits",
    "avb_digits",
    "bigan_digits",
    "conditional_dcgan_digits",
    "cycle_gan_digits",
    "features_mnist",
    "gan_mnist",
    "tan_ring",
    "vae_digits",
]
REST = sorted(set(configs.available()) - set(FEW))
CONFIGS = REST if os.environ.get("ZOO_PASS") == "second" else FEW


def untrained(config, directory):
    """Returns a run with weights of the size of trained ones.

    At the initial weights some outputs are so small that no error shows.
    """
    experiment, run = configs.load(config), runs.Run(directory)
    data = tiny.described(experiment)
    run.start(experiment, data)
    game, draws = experiments.compiled(experiment, data), np.random.default_rng(0)
    for variable in game.state():
        if variable.dtype == "float32" and variable.ndim == 1:
            variable.assign(draws.uniform(0.5, 1.5, variable.shape))
        elif variable.dtype == "float32" and variable.ndim > 1:
            variable.assign(draws.normal(0.0, np.prod(variable.shape[:-1]) ** -0.5, variable.shape))
    checkpoints.Checkpoints(run.checkpoints, game).save()
    return run


def check_without_tensorflow(bundle):
    """Checks a bundle in a program that cannot import TensorFlow, Keras or the package onnx."""
    code = (
        "import sys\n"
        "sys.modules |= dict.fromkeys(('tensorflow', 'keras', 'onnx', 'tf2onnx'))\n"
        "from export.runtime import checks\n"
        "sys.exit('\\n'.join(checks.check(sys.argv[1], isolated=False)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(bundle)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "note  SavedModel: read, and not run" in done.stdout
    assert "ok  onnx: golden values" in done.stdout


def test_the_first_pass_has_every_prior_and_labels():
    games = [configs.load(config).game.options for config in FEW]
    drawn = {options["prior"].name for options in games if "prior" in options}
    assert drawn == set(priors.PRIORS)
    assert any(options.get("conditional") for options in games)


@pytest.mark.parametrize("config", CONFIGS)
def test_a_bundle_computes_what_the_game_computes(config, tmp_path):
    # every check of `zoo check` has passed when this returns
    made = bundles.write(untrained(config, tmp_path / "run"), tmp_path / "bundle")
    check_without_tensorflow(made)
    manifest = manifests.read(made)
    golden, offered = manifest["golden"], manifest["endpoints"].values()
    assert golden["batches"] == [1, 3, 64] and golden["tolerance"] == 1e-5
    assert set(golden["largest_difference"]) == set(backends.RUNTIMES)
    assert max(golden["largest_difference"].values()) <= 1e-5
    with np.load(tmp_path / "bundle" / "golden.npz") as file:
        outputs = {key: file[key] for key in file.files if "/outputs/" in key}
    # rows differ by a hundred tolerances, so that an error would show
    assert all(value.std(axis=0).mean() > 1e-3 for value in outputs.values())
    # noise can be left out by a caller
    noises = [about["inputs"]["noise"] for about in offered if "noise" in about["inputs"]]
    assert all("stream" in noise for noise in noises)
