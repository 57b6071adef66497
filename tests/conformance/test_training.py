"""Laws of training, for every config.

Several replicas give the weights of one, a killed run continues bit for bit, and no step is a race,
of writes or of the parts of a sum.
"""

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
from zoo.divergences import DIVERGENCES

# every game and every loss family once, the longest first: a lens over WGAN-GP's loss on points,
# least squares between two domains, labels under the hinge loss
FEW = [
    "tan_ring",
    "cycle_gan_digits",
    "age_digits",
    "bigan_digits",
    "dcgan_digits",
    "projection_hinge_mnist",
    "features_mnist",
    "avb_digits",
    "f_gan_univariate",
    "vae_digits",
]
# f-GAN is one config; its divergences are settings of it
SETTINGS = {"alpha": " game.loss.divergence.alpha=0.5"}
SETTINGS |= {"jensen_shannon_weighted": " game.loss.divergence.pi=0.1"}
SWEEP = [
    f"f_gan_mnist game.loss.divergence={name}{SETTINGS.get(name, '')}"
    for name in sorted(set(DIVERGENCES) - {"kl"})
]
REST = [*sorted(set(configs.available()) - set(FEW)), *SWEEP]
# config -> counts of replicas that are compared with one, counts under which a run is killed and
# continued. The README's test command makes the first pass, .ci/run the second one after it.
FIRST = {config: ((2,), (1,)) for config in FEW}
SECOND = {config: ((4,), (2,)) for config in FEW} | {config: ((2, 4), (1, 2)) for config in REST}
PASS = SECOND if os.environ.get("ZOO_PASS") == "second" else FIRST
CONFIGS = list(PASS)
# what two workers train, by how many of the three steps a call of the graph makes: one config, then
# all of them
PAIRED = {3: ["dcgan_digits"]} if PASS is FIRST else {1: CONFIGS, 3: FEW}
PAIRS = [(config, execution) for execution, paired in PAIRED.items() for config in paired]
PROGRAM = pathlib.Path(__file__).parent / "program.py"


def run(program, *words):
    command = [sys.executable, str(program), *words]
    return subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": str(PROGRAM.parents[2])},
        capture_output=True,
        text=True,
        timeout=1800,
    )


def trained(once, config):
    """Returns the folder of all that a config was trained for."""
    return once(f"weights_{config.replace(' ', '_')}", lambda folder: _train(config, folder))


def _train_pair(folder, execution):
    done = run(PROGRAM.with_name("pair.py"), str(folder), str(execution), *PAIRED[execution])
    assert done.returncode == 0, done.stderr[-3000:]


def _train(config, folder):
    compared, killed = PASS[config]

    def continued(replicas, kill_at=0):
        return f"killed{replicas}:{replicas}:4:killed{replicas}:{kill_at}"

    def dies(replicas):  # at any of the steps but the last, the same in every run of this test
        return continued(replicas, 1 + zlib.crc32(f"{config} {replicas}".encode()) % 3)

    # TensorFlow allows one process one number of replicas above 1, and a kill ends a process
    processes = [[f"same{count}:{count}:3"] for count in compared if count > 2]
    processes += [["same1:1:3", *(["same2:2:3"] if 2 in compared else [])]]
    processes[-1] += [f"whole{count}:{count}:4:whole{count}:0" for count in killed]
    codes = ["0"] * len(processes)
    for count in killed:
        index = 0 if count == 1 else -1
        processes[index].append(dies(count))
        codes[index] = str(-signal.SIGKILL)
    processes.append([continued(count) for count in killed])
    done = run(
        PROGRAM, config, str(folder), *" / ".join(" ".join(tasks) for tasks in processes).split()
    )
    assert done.returncode == 0 and done.stdout.split() == [*codes, "0"], done.stderr[-3000:]


@pytest.fixture(scope="module", params=CONFIGS)
def config(request):
    return request.param


@pytest.fixture(scope="module")
def weights(config, once):
    """Takes a task's name, gives the weights that it ended with.

    What was killed goes on in another process than it began in.
    """
    folder = trained(once, config)
    return lambda name: read(folder / f"{name}.npz")


def read(path):
    with np.load(path) as file:
        values = [file[key] for key in file.files]
    assert all(np.isfinite(value).all() for value in values)  # NaN would equal NaN
    return values


def test_replicas_give_the_weights_of_one(config, weights):
    for replicas in PASS[config][0]:
        for one, several in zip(weights("same1"), weights(f"same{replicas}"), strict=True):
            np.testing.assert_allclose(one, several, rtol=0, atol=1e-6, err_msg=f"{replicas}")


@pytest.mark.parametrize("config, execution", PAIRS, indirect=["config"])
def test_two_workers_with_two_replicas_give_the_weights_of_one(config, execution, weights, once):
    folder = once(f"weights_of_workers_{execution}", lambda folder: _train_pair(folder, execution))
    one, chief, other = (
        weights("same1"),
        *(read(folder / f"{PAIRED[execution].index(config)}_{worker}.npz") for worker in range(2)),
    )
    for expected, first, second in zip(one, chief, other, strict=True):
        np.testing.assert_array_equal(first, second)
        np.testing.assert_allclose(expected, first, rtol=0, atol=1e-6)


def test_a_killed_run_continues_bit_for_bit(config, weights):
    for replicas in PASS[config][1]:
        for whole, killed in zip(
            weights(f"whole{replicas}"), weights(f"killed{replicas}"), strict=True
        ):
            np.testing.assert_array_equal(whole, killed, err_msg=f"{replicas}")


def test_no_weight_is_written_while_it_may_be_read(config, once):
    folder = trained(once, config)
    graphs = sorted(folder.glob("*.json"))
    assert len(graphs) == 1 + len(PASS[config][0]) + 2 * len(PASS[config][1])
    for path in graphs:
        graph = json.loads(path.read_text())
        assert graph["writes"] > 0 and graph["unordered"] == [], path.stem


def test_no_sum_is_added_in_the_order_in_which_its_parts_are_ready(config, once):
    folder = trained(once, config)
    for path in sorted(folder.glob("*.json")):
        assert json.loads(path.read_text())["sums_as_ready"] == [], path.stem
