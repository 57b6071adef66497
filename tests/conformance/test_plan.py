"""Laws before training, for every config: a plan needs no data, and a large config makes a step."""

import os

import numpy as np
import pytest
import tensorflow as tf

import configs
from train import experiments, plan
from train.data import toys

# their data is too large to be everywhere, so that nothing else runs them at their own size
LARGE = ["age_cifar10", "ali_cifar10", "dcgan_celeba64", "wgan_gp_cifar10"]
# one small config and one large one; in the second pass, which .ci/run makes, all the others
FEW = ["dcgan_mnist", "wgan_gp_cifar10"]
REST = sorted(set(configs.available()) - set(FEW))
CONFIGS = REST if os.environ.get("ZOO_PASS") == "second" else FEW


@pytest.mark.parametrize("config", CONFIGS)
def test_a_dry_run_needs_no_prepared_data(config, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    experiment = configs.load(config)
    lines = plan.plan(experiment).splitlines()
    assert lines[0].startswith(f"{config}: ")
    assert any(
        line.startswith("steps") and f"{experiment.train.epochs} epochs" in line for line in lines
    )
    origins = [name.rpartition(":")[2] for name in experiment.data.name.split(",")]
    here = set(origins) <= {"digits", *toys.TOYS}
    missing = [line for line in lines if line.startswith("missing")]
    assert bool(missing) is not here
    cure = "must name a folder" if experiment.data.name.startswith("folder:") else "tfds build"
    assert all(cure in line for line in missing)


@pytest.mark.parametrize("config", sorted(set(LARGE) & set(CONFIGS)))
def test_a_large_config_steps_at_its_own_size(config):
    experiment = configs.load(config)
    shape = {"celeb_a": (64, 64, 3), "cifar10": (32, 32, 3)}[experiment.data.name]
    if "critic_updates" in experiment.game.options:
        experiment = experiment.override(["game.critic_updates=2"])  # traced as often as it moves
    game = experiments.compiled(
        experiment, {"shape": shape, "value_range": experiment.data.value_range}
    )
    # a bias of the last layer has no gradient under the Wasserstein loss
    kernels = [
        v
        for player in game.players().values()
        for network in player.networks
        for v in network.trainable_variables
        if v.ndim > 1
    ]
    before = [v.numpy() for v in kernels]
    x = np.random.default_rng(0).uniform(-1, 1, (2 * game.turns, *shape)).astype("float32")
    history = game.fit(tf.data.Dataset.from_tensors(x), verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert all((v.numpy() != value).any() for v, value in zip(kernels, before, strict=True))
