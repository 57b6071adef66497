"""Statistics of batch normalization over many batches, in the place of their moving averages."""

from collections.abc import Iterable, Iterator

import keras
import numpy as np
import tensorflow as tf

from zoo import noise
from zoo.games import feeding, game


def variables(trained: game.Game) -> list[keras.Variable]:
    """Returns the moving means and variances of a game, in the order of its players."""
    return [v for layer in _layers(trained) for v in (layer.moving_mean, layer.moving_variance)]


def gathered(trained: game.Game, batches: Iterable) -> list[np.ndarray]:
    """Returns the means over batches of what `variables` are moving averages of.

    The weights are those that the game has. Each player's loss passes its networks as in training,
    with draws of its own for each batch. Where a loss passes a network several times, the last pass
    counts. Nothing of the game changes.

    Args:
        trained: A game.
        batches: Batches of one move, as `Game.inputs` says; at least one.

    Returns:
        The mean of the batches' means, or of their variances, for each of the variables.

    Raises:
        ValueError: If there is no batch.

    Reference: Donahue et al., 2017, the released code (`deploy` in train_gan.py), which divides
        the sum of squares by the count minus 1. arXiv:1605.09782
    """
    layers, wanted = _layers(trained), variables(trained)
    momenta = [layer.momentum for layer in layers]

    @tf.function(autograph=False, reduce_retracing=True)
    def of_batch(data, number):
        batch = feeding.batch(data, trained.inputs, 1, fixed=False)
        size = tf.shape(next(iter(batch.values())))[0]
        values = {}
        for position, player in enumerate(trained.players().values()):
            draws = noise.Noise(seed=trained.seed, step=number, player=position, move=0, batch=size)
            with keras.StatelessScope() as scope, draws.current():
                player.loss(batch, draws)
            owned = {id(v) for network in player.networks for v in network.variables}
            values |= {id(v): scope.get_current_value(v) for v in wanted if id(v) in owned}
        # a layer that no loss passes in training keeps its values
        return [v.value if values.get(id(v)) is None else values[id(v)] for v in wanted]

    totals, count = [np.zeros(v.shape) for v in wanted], 0
    try:
        for layer in layers:
            layer.momentum = 0.0  # so that an update is the batch's own statistic
        start = int(trained.step.numpy())
        for count, data in enumerate(batches, 1):
            values = of_batch(data, tf.constant(start + count, tf.int64))
            totals = [total + value.numpy() for total, value in zip(totals, values)]
    finally:
        for layer, momentum in zip(layers, momenta):
            layer.momentum = momentum
    if not count:
        raise ValueError("Statistics are gathered from at least one batch. Received: none")
    return [total / count for total in totals]


def _layers(trained: game.Game) -> list[keras.layers.BatchNormalization]:
    layers = {
        id(layer): layer
        for player in trained.players().values()
        for network in player.networks
        for layer in _within(network)
        if isinstance(layer, keras.layers.BatchNormalization)
    }
    return list(layers.values())


def _within(layer: keras.layers.Layer) -> Iterator[keras.layers.Layer]:
    """Yields a layer, and those inside it if it is a model."""
    yield layer
    for inner in getattr(layer, "layers", ()):
        yield from _within(inner)
