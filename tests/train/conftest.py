"""Runs that several tests of programs start from."""

import pytest

from train import checkpoints, runs


@pytest.fixture(scope="session")
def untrained():
    """A function that saves a run at its initial weights, as if it had been trained: (directory, experiment, *, shape, value_range) -> Run."""

    def start(directory, experiment, *, shape, value_range=None):
        run, described = runs.Run(directory), {"shape": list(shape), "count": 1, "value_range": value_range}
        run.start(experiment, described)
        checkpoints.Checkpoints(run.checkpoints, runs.compiled(experiment, described)).save()
        return run

    return start
