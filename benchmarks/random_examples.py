"""Random examples of the shape that a config trains on, for what needs no real ones."""

from collections.abc import Callable

import numpy as np


def batch(game, shape: tuple[int, ...], rows: int) -> dict[str, np.ndarray]:
    """Returns a batch by input: examples in the game's range of values, and labels of ten classes.

    Args:
        game: The game that takes the batch.
        shape: Shape of an example.
        rows: Number of examples.
    """
    draws, values = np.random.default_rng(0), {}
    ranges = game.input_ranges()
    for name in game.inputs:
        low, high = ranges[name] or (-1.0, 1.0)
        values[name] = (
            draws.integers(0, 10, rows)
            if name == "label"
            else draws.uniform(low, high, (rows, *shape)).astype("float32")
        )
    return values


def opened(experiment, load: Callable | None = None) -> tuple:
    """Opens the data of an experiment, if they are on this machine.

    Args:
        experiment: The experiment.
        load: What opens them in the place of `train.experiments.load`.

    Returns:
        The source, or None where the data are missing and examples must be random; and what is
        known of them, as in the record of a run, with ten classes where it has none.
    """
    from train import experiments
    from train.data import descriptions, folders, table

    try:
        source = (load or experiments.load)(experiment)
    except (table.NotPreparedError, folders.MissingFolderError):
        chosen = experiment.data
        options = {"size": chosen.size, "crop": chosen.crop, "value_range": chosen.value_range}
        source, data = None, descriptions.expect(chosen.name, **options)
    else:
        data = descriptions.describe(source)
    return source, data | {"classes": data.get("classes") or 10}
