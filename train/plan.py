"""The plan of a training: what `zoo train --dry_run` prints."""

import math

import tensorflow as tf

from configs import schema
from train import experiments
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
    game = experiments.compiled(experiment, data)
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
    state, activations = _state(game), _activations(game) * chosen.batch_size
    lines += [
        f"batch      {chosen.batch_size} a move, {batch} a step",
        f"memory     {state / 2**20:.1f} MiB of weights and optimizers, "
        f"about {2 * activations / 2**20:.1f} MiB of activations and gradients",
        f"steps      {steps or 'unknown'} an epoch, {settings.epochs} epochs"
        + (f", {total:,} in all" if total else ""),
    ]
    lines += [f"unreached  {line}" for line in unreached(game, total)] if total else []
    return "\n".join(lines + missing)


def unreached(game: games.Game, steps: int) -> list[str]:
    """Returns a sentence for each phase of the game that begins after a number of steps."""
    text = f"The run ends after {steps:,} steps, before what the game changes at step"
    return [f"{text} {first:,}" for first in sorted(game.phases()) if first and first >= steps]


def _state(game: games.Game) -> int:
    """Returns the bytes of a game's weights and optimizers."""
    return sum(math.prod(v.shape) * tf.as_dtype(v.dtype).size for v in game.state())


def _activations(game: games.Game) -> int:
    """Returns the bytes of what the layers of a game give for one example, as float32."""
    layers = [
        layer
        for player in game.players().values()
        for network in player.networks
        for layer in network.layers
    ]
    outputs = [tensor for layer in layers for tensor in tf.nest.flatten(_output(layer))]
    return 4 * sum(math.prod(size or 1 for size in tensor.shape) for tensor in outputs)


def _output(layer) -> list:
    """Returns the output tensors of a layer of a functional network; none of other layers."""
    output = getattr(layer, "output", None)
    return [] if output is None else output
