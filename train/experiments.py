"""What an experiment describes, as objects: its examples and its game."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from configs import schema
from train.data import loading, opened, sources, table
from zoo import build

if TYPE_CHECKING:
    from zoo import games  # which imports TensorFlow


def load(experiment: schema.Experiment) -> opened.Source:
    """Returns the examples that an experiment trains on.

    Raises:
        ValueError: If there is no such data set, or the experiment's settings do not fit it.
    """
    return _load(experiment.data, held_out=experiment.data.held_out)


def shown(experiment: schema.Experiment, source: opened.Source) -> opened.Source:
    """Returns the examples that previews show.

    They are those that training never sees, or, of data with a test split and of points, the first
    ones of training. If a run holds nothing out, they are those that the default would hold out.

    Args:
        experiment: What is trained.
        source: What `load` returned of it.
    """
    data = experiment.data
    if not table.holds_out(data.name):
        return source
    fraction = data.held_out or schema.HELD_OUT
    return loading.unseen(source, fraction) or _load(data, held_out=fraction, unseen=True)


def options(data: schema.Data) -> dict:
    """Returns the arguments of `sources.load` that every split of a data set has in common.

    Training and measuring take the same, so that they see the same examples.
    """
    return {
        "size": data.size and tuple(data.size),
        "crop": data.crop,
        "value_range": data.value_range and tuple(data.value_range),
        "skip_unreadable": data.skip_unreadable,
        "background": data.background,
        "bits": data.bits,
    }


def _load(data: schema.Data, **part) -> opened.Source:
    limit = {"memory_limit": data.memory_limit}
    return sources.load(data.name, split=data.split, **limit, **options(data), **part)


def settled(experiment: schema.Experiment, source: opened.Source) -> schema.Experiment:
    """Returns the experiment with `data.bits` as the examples decided it, if nobody chose it.

    So whatever reads pictures for the run later, from whichever folder, reads them alike.

    Args:
        experiment: What is trained.
        source: What `load` returned of it.

    Raises:
        ValueError: If the 16-bit pictures of two domains use different numbers of bits.
    """
    domains = source.domains or (source,)
    bits = {domain.reader.bits for domain in domains} - {None}
    if len(bits) > 1:
        raise ValueError(
            "The 16-bit pictures of two domains must use the same number of bits; data.bits sets "
            f"it. Received: {' and '.join(map(str, sorted(bits)))} bits"
        )
    if not bits:
        return experiment
    return dataclasses.replace(
        experiment, data=dataclasses.replace(experiment.data, bits=bits.pop())
    )


def compiled(
    experiment: schema.Experiment,
    data: Mapping,
    *,
    mean_image: Callable[[], np.ndarray] | None = None,
    steps_per_execution: int = 1,
) -> "games.Game":
    """Returns the game of an experiment with its optimizers, at its initial weights.

    Its networks compute in float32, whatever the precision of the training is.

    Args:
        experiment: What to build.
        data: What is known of the examples, as in the record of a run: `shape`, `value_range`
            and, of data with labels, `classes`.
        mean_image: Function that returns the mean of the training examples, [*shape] in [0, 1]. It
            is called if a network starts from it.
        steps_per_execution: Steps in one call of the graph.
    """
    game = _built(experiment, data, mean_image)
    game.compile(_optimizers(experiment), steps_per_execution=steps_per_execution)
    return game


def trainable(
    experiment: schema.Experiment,
    data: Mapping,
    *,
    mean_image: Callable[[], np.ndarray] | None = None,
    jit: bool = False,
) -> "games.Game":
    """Returns what `compiled` does, with a step that is computed as `experiment.train` says.

    Args:
        experiment: What to build.
        data: As in `compiled`.
        mean_image: As in `compiled`.
        jit: Whether XLA compiles the gradients.
    """
    import keras

    precision, before = experiment.train.precision, keras.config.dtype_policy()
    try:
        if precision != "float32":
            keras.config.set_dtype_policy(f"mixed_{precision}")
        game = _built(experiment, data, mean_image)
    finally:
        keras.config.set_dtype_policy(before)
    accumulate = experiment.train.accumulate
    game.compile(_optimizers(experiment), jit_compile=jit, accumulate=accumulate)
    return game


def _built(
    experiment: schema.Experiment, data: Mapping, mean_image: Callable[[], np.ndarray] | None
) -> "games.Game":
    import keras

    keras.utils.set_random_seed(experiment.seed)  # of the initial weights
    return build.build(
        experiment.game,
        shape=tuple(data["shape"]),
        value_range=data["value_range"] and tuple(data["value_range"]),
        seed=experiment.seed,
        mean_image=mean_image,
        classes=data.get("classes"),
    )


def _optimizers(experiment: schema.Experiment) -> dict:
    """Returns the optimizer of each player; that of float16 scales the loss, as its state says."""
    from zoo.games import scaling

    optimizers = {
        player: build.build(spec, role="optimizer")
        for player, spec in experiment.optimizers.items()
    }
    if experiment.train.precision != "float16":
        return optimizers
    return {player: scaling.scaled(one) for player, one in optimizers.items()}
