"""Statistics of batch normalization that are gathered anew when a training is done."""

from configs import schema
from train import checkpoints, experiments, gathered, runs
from train.data import opened, sources
from zoo.games import statistics


def gather(run: runs.Run, experiment: schema.Experiment, source: opened.Source) -> None:
    """Writes the statistics of the newest checkpoint over `train.gather_statistics` batches.

    `checkpoints.load_game` reads them. The checkpoint itself stays as it is, so that a run that is
    continued from it is the uninterrupted run.

    Args:
        run: A run with a checkpoint.
        experiment: What was trained.
        source: Its examples.
    """
    game = experiments.compiled(experiment, run.record()["data"])
    step = checkpoints.Checkpoints(run.checkpoints, game).restore()
    batches = sources.batches(
        source,
        inputs=game.inputs,
        batch_size=experiment.data.batch_size,
        seed=experiment.seed,
        start=step * game.turns,
        flip=experiment.data.flip,
    )
    count = experiment.train.gather_statistics
    with game.averaged_weights():
        values = statistics.gathered(game, batches.take(count))
    gathered.write(run, step, count, values)
