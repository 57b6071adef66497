"""The plan of a training: what `zoo train --dry_run` prints."""

import math

from configs import schema
from train import experiments, memory
from train.data import descriptions, folders, table
from zoo import games


def plan(experiment: schema.Experiment) -> str:
    """Returns shapes, parameters, memory and steps of a training, without making a step.

    A TFDS data set need not be prepared on this machine, nor a folder be there; the number of
    examples is then unknown.

    Args:
        experiment: What would be trained.
    """
    chosen, settings = experiment.data, experiment.train
    missing = []
    try:
        source = experiments.load(experiment)
        data, held_out = descriptions.describe(source), source.held_out
    except (table.NotPreparedError, folders.MissingFolderError) as error:
        options = {"size": chosen.size, "crop": chosen.crop, "value_range": chosen.value_range}
        data, held_out = descriptions.expect(chosen.name, **options), 0
        missing = [f"missing    {error}"]
    game = experiments.trainable(experiment, data)
    batch, count = chosen.batch_size * game.turns, data["count"]
    steps = settings.steps_per_epoch or (None if count is None else max(1, count // batch))
    total = steps and steps * settings.epochs
    rest = f", and {held_out} held out" if held_out else ""
    lines = [
        f"{experiment.name}: {experiment.paper}",
        f"data       {chosen.name}: {count or 'unknown count of'} examples {tuple(data['shape'])}"
        + rest,
    ]
    for name, player in game.players().items():
        for network in player.networks:
            weights = sum(math.prod(v.shape) for v in network.trainable_variables)
            lines.append(
                f"{name:10} moves {player.updates}x  {network.name}: {weights:,} parameters"
            )
    shapes = {key: () if key == "label" else tuple(data["shape"]) for key in game.inputs}
    state, step = memory.state(game), memory.step(game, shapes, chosen.batch_size)
    lines += [
        f"batch      {chosen.batch_size} a move, {batch} a step" + _parts(experiment),
        f"memory     {state / 2**20:.1f} MiB of weights and optimizers, "
        f"about {step / 2**20:.1f} MiB more in a step",
        f"steps      {steps or 'unknown'} an epoch, {settings.epochs} epochs"
        + (f", {total:,} in all" if total else ""),
    ]
    lines += [f"unreached  {line}" for line in unreached(game, total)] if total else []
    return "\n".join(lines + missing)


def _parts(experiment: schema.Experiment) -> str:
    """Returns what the plan says of micro-batches; nothing if a move is made in one."""
    count = experiment.train.accumulate
    if count == 1:
        return ""
    rows = experiment.data.batch_size // count
    return f", in {count} micro-batches of {rows}; statistics of a batch are those of {rows}"


def unreached(game: games.Game, steps: int) -> list[str]:
    """Returns a sentence for each phase of the game that begins after a number of steps."""
    text = f"The run ends after {steps:,} steps, before what the game changes at step"
    return [f"{text} {first:,}" for first in sorted(game.phases()) if first and first >= steps]
