"""Laws of training, over every config: replicas give one replica's weights; a killed run continues bit for bit; no step is a race."""

import fcntl
import json
import os
import pathlib
import signal
import subprocess
import sys
import zlib

import numpy as np
import pytest

import configs

# one config per game and loss family, the longest first; with ZOO_CONFIGS=rest, as in the second pass of .ci/run, all the others
FEW = [
    "tan_ring",
    "age_digits",
    "wgan_gp_digits",
    "bigan_digits",
    "dcgan_digits",
    "features_mnist",
    "avb_digits",
    "hinge_mnist",
    "lsgan_digits",
    "f_gan_univariate",
    "vae_digits",
]
CONFIGS = (
    sorted(set(configs.available()) - set(FEW)) if os.environ.get("ZOO_CONFIGS") == "rest" else FEW
)
PROGRAM = pathlib.Path(__file__).parent / "program.py"


def run(config, folder, *tasks):
    command = [sys.executable, str(PROGRAM), config, str(folder), *tasks]
    return subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": str(PROGRAM.parents[2])},
        capture_output=True,
        text=True,
        timeout=1800,
    )


def trained(tmp_path_factory, config):
    """Returns the folder of all that a config was trained for: once for all of pytest's processes, the first of which makes it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"weights_{config}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _train(config, folder)
            (folder / "done").touch()
    return folder


def _train(config, folder):
    def task(name, replicas, steps=4, kill_at=0):
        return f"{name}{replicas}:{replicas}:{steps}" + (
            f":{name}{replicas}:{kill_at}" if steps == 4 else ""
        )

    def killed(replicas):  # at any of the steps but the last, the same in every run of this test
        return task("killed", replicas, kill_at=1 + zlib.crc32(f"{config} {replicas}".encode()) % 3)

    # TensorFlow allows one process one number of replicas above 1
    whole = [task("same", 1, steps=3), task("same", 2, steps=3), task("whole", 1), task("whole", 2)]
    tasks = [
        task("same", 4, steps=3),
        killed(1),
        "/",
        *whole,
        killed(2),
        "/",
        task("killed", 1),
        task("killed", 2),
    ]
    done = run(config, folder, *tasks)
    assert done.returncode == 0 and done.stdout.split() == [
        str(-signal.SIGKILL),
        str(-signal.SIGKILL),
        "0",
    ], done.stderr[-3000:]


@pytest.fixture(scope="module", params=CONFIGS)
def weights(request, tmp_path_factory):
    """Takes a task's name, gives the weights that it ended with, or what its graphs hold. What was killed goes on in another process than it began in."""
    folder = trained(tmp_path_factory, request.param)

    def read(name, graphs=False):
        if graphs:
            return json.loads((folder / f"{name}.json").read_text())
        with np.load(folder / f"{name}.npz") as file:
            found = [file[key] for key in file.files]
        assert all(np.isfinite(value).all() for value in found)  # NaN would equal NaN
        return found

    return read


@pytest.mark.parametrize("replicas", [2, 4])
def test_replicas_give_the_weights_of_one(weights, replicas):
    for a, b in zip(weights("same1"), weights(f"same{replicas}"), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_killed_run_continues_bit_for_bit(weights, replicas):
    for a, b in zip(weights(f"whole{replicas}"), weights(f"killed{replicas}"), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["same1", "same2", "same4", "whole1", "whole2"])
def test_no_weight_is_written_while_it_may_be_read(weights, name):
    found = weights(name, graphs=True)
    assert found["writes"] > 0
    assert not found["unordered"]
