"""Gradient clipping: that of the global batch, however many replicas share it."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import contextlib, json, sys
import keras, numpy as np, tensorflow as tf
from zoo import losses, priors
from zoo.games import GAN

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
X = np.random.default_rng(0).normal(size=(4, 8, 2)).astype("float32") * np.arange(1, 9)[:, None]


def dense(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])


def weights(replicas, clip):
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]) if replicas == 2 else None
    keras.utils.set_random_seed(0)
    with strategy.scope() if strategy else contextlib.nullcontext():
        parts = {"generator": dense(3, 2), "critic": dense(2, 1), "prior": priors.normal(3)}
        game = GAN(**parts, loss=losses.wasserstein(), value_range=None)
        game.compile({player: keras.optimizers.SGD(0.1, **clip) for player in game.players()})
        game.fit(tf.data.Dataset.from_tensor_slices(X.astype("float32")), verbose=0)
    return np.concatenate([v.numpy().ravel() for v in game.trainable_variables])


free = weights(1, {})
differences = {}
for name in ("clipnorm", "global_clipnorm", "clipvalue"):
    one, two = (weights(replicas, {name: 0.3}) for replicas in (1, 2))
    changed, differs = np.abs(one - free).max(), np.abs(one - two).max()
    differences[name] = float(changed), float(differs)
print(json.dumps(differences))
"""


@pytest.fixture(scope="module")
def differences():
    """Returns by setting how much clipping changes the weights, and by how much replicas differ."""
    command = [sys.executable, "-c", PROGRAM]  # logical devices are made once in a process
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("setting", ["clipnorm", "global_clipnorm", "clipvalue"])
def test_clipping_with_two_replicas_is_that_of_one(differences, setting):
    changed, differs = differences[setting]
    assert changed > 0.01  # the gradients were long enough to be clipped
    assert differs < 1e-6
