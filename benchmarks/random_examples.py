"""Random examples of the shape that a config trains on, for what needs no real ones."""

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
