"""What a run does before it goes on from a checkpoint."""

from train import checkpoints, runs
from train.evaluation import records


def sweep(run: runs.Run, saved: checkpoints.Checkpoints) -> None:
    """Removes what a killed process left half-written. Nobody else may train in the run.

    Args:
        run: The run.
        saved: Its checkpoints.
    """
    saved.sweep()
    for folder in (run.directory, run.samples, run.config):
        for path in folder.glob("*.partial"):
            path.unlink()
    records.mend(run.metrics)
