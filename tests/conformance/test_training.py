"""Laws of training, over every config: replicas give one replica's weights; a killed run continues bit for bit."""

import os
import pathlib
import signal
import subprocess
import sys
import zlib

import numpy as np
import pytest

import configs

# one config per game and loss family; ZOO_EVERY_CONFIG=1, as in .ci/run, takes them all
FEW = ["dcgan_digits", "gan_mnist", "hinge_mnist", "lsgan_digits", "wgan_gp_digits", "wgan_mnist"]
CONFIGS = configs.available() if os.environ.get("ZOO_EVERY_CONFIG") else FEW
PROGRAM = pathlib.Path(__file__).parent / "program.py"


def run(config, out, *words):
    command = [sys.executable, str(PROGRAM), config, str(out), *map(str, words)]
    return subprocess.run(command, env=os.environ | {"PYTHONPATH": str(PROGRAM.parents[2])}, capture_output=True, text=True, timeout=300)


def weights(config, out, *words):
    done = run(config, out, *words)
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(out) as file:
        found = [file[name] for name in file.files]
    assert all(np.isfinite(value).all() for value in found)  # NaN would equal NaN
    return found


@pytest.mark.parametrize("config", CONFIGS)
def test_replicas_give_the_weights_of_one(config, tmp_path):
    one = weights(config, tmp_path / "one.npz", 1, 3)
    for replicas in (2, 4):
        several = weights(config, tmp_path / f"{replicas}.npz", replicas, 3)
        for a, b in zip(one, several, strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


@pytest.mark.parametrize("replicas", [1, 2])
@pytest.mark.parametrize("config", CONFIGS)
def test_a_killed_run_continues_bit_for_bit(config, replicas, tmp_path):
    whole = weights(config, tmp_path / "whole.npz", replicas, 4, tmp_path / "whole")
    step = 1 + zlib.crc32(f"{config} {replicas}".encode()) % 3  # any of the steps but the last, the same in every run of this test
    killed = run(config, tmp_path / "killed.npz", replicas, 4, tmp_path / "killed", step)
    assert killed.returncode == -signal.SIGKILL
    continued = weights(config, tmp_path / "killed.npz", replicas, 4, tmp_path / "killed")
    for a, b in zip(whole, continued, strict=True):
        np.testing.assert_array_equal(a, b)
