"""The calls of `fit` that a run still needs, and what they go on from."""

from configs import schema
from train import callbacks
from train.data import opened, sources
from zoo import games


def fit(
    game: games.Game,
    source: opened.Source,
    experiment: schema.Experiment,
    batch: int,
    steps: int,
    stop: callbacks.Stop,
    used: list,
) -> None:
    """Makes the steps that the run still lacks, until `stop` ends it."""
    for count, until in segments(int(game.step.numpy()), steps, experiment.train.epochs):
        start = int(game.step.numpy())
        game.fit(
            sources.batches(
                source,
                inputs=game.inputs,
                batch_size=batch,
                seed=experiment.seed,
                start=start,
                flip=experiment.data.flip,
            ),
            steps_per_epoch=count,
            initial_epoch=start // steps,
            epochs=until,
            callbacks=[stop, *used],
            verbose=0,
        )
        if stop.failure or stop.signal is not None:
            return


def segments(done: int, steps: int, epochs: int) -> list[tuple[int, int]]:
    """Returns (steps per epoch, last epoch) of each call of `fit`.

    A run that stopped inside an epoch first makes the rest of it, then whole epochs.
    """
    whole, rest = divmod(done, steps)
    if whole >= epochs:
        return []
    if not rest:
        return [(steps, epochs)]
    first = (steps - rest, whole + 1)
    return [first, (steps, epochs)] if whole + 1 < epochs else [first]


def totals(game: games.Game, steps: int) -> list | None:
    """Returns the sums of the logs so far of an epoch that has begun."""
    begun = int(game.step.numpy()) % steps
    return [variable.numpy() for variable in game.metrics_variables] if begun else None
