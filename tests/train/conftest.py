"""Runs that several tests of programs start from."""

import numpy as np
import pytest

from configs import schema
from train import checkpoints, experiments, runs
from zoo.build import Spec


@pytest.fixture(scope="session")
def untrained():
    """A function that saves a run at its initial weights, as if it had been trained.

    (directory, experiment, *, shape, value_range, classes) -> Run
    """

    def start(directory, experiment, *, shape, value_range=None, classes=None):
        run, described = (
            runs.Run(directory),
            {"shape": list(shape), "count": 1, "value_range": value_range},
        )
        described |= {} if classes is None else {"classes": classes}
        run.start(experiment, described)
        checkpoints.Checkpoints(run.checkpoints, experiments.compiled(experiment, described)).save()
        return run

    return start


SIDE, TRAIN, TEST = 4, 600, 30


def write_idx(path, array):
    path.write_bytes(
        bytes([0, 0, 8, array.ndim])
        + b"".join(n.to_bytes(4, "big") for n in array.shape)
        + array.tobytes()
    )


@pytest.fixture
def start(untrained):
    """A function that saves a run of tiny networks on some data.

    (directory, data, *, shape, value_range, ema, seed) -> Run
    """

    def tiny(directory, data, *, shape, value_range, ema=False, seed=0):
        experiment = schema.Experiment(
            name="tiny",
            paper="none",
            data=data,
            game=Spec(
                "gan",
                loss=Spec("minimax"),
                prior=Spec("normal", size=2),
                generator=Spec("mlp_generator", units=(8,)),
                critic=Spec("mlp_critic", units=(8,)),
            ),
            optimizers={
                player: Spec("sgd", learning_rate=0.1) for player in ("critic", "generator")
            },
            train=schema.Train(epochs=1),
            seed=seed,
        )
        if ema:
            experiment = experiment.override(["optimizers.generator.use_ema=true"])
        return untrained(directory, experiment, shape=shape, value_range=value_range)

    return tiny


@pytest.fixture
def pictures(tmp_path):
    """A folder of MNIST's files with tiny images."""
    random = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    folder.mkdir()
    arrays = {
        "train": random.integers(0, 256, (TRAIN, SIDE, SIDE)),
        "test": random.integers(0, 256, (TEST, SIDE, SIDE)),
    }
    for name, part in [("train-images-idx3-ubyte", "train"), ("t10k-images-idx3-ubyte", "test")]:
        write_idx(folder / name, arrays[part].astype(np.uint8))
    return folder, {part: x.reshape(len(x), -1) / 255.0 for part, x in arrays.items()}
