"""Samples of a run's game: row i of a seed is the same whatever else is drawn."""

import os
from collections.abc import Callable

import numpy as np

from train.inference import calls, grids
from zoo import games


def drawer(game: games.Game, seed: int) -> Callable[[int], np.ndarray]:
    """Returns a function from a count to that many samples [N, ...], drawn with averaged weights where there are some.

    Raises:
        ValueError: If the game does not sample; says what it does.
    """
    draw = calls.caller(game, "sample")
    return lambda count: next(iter(draw(seed=calls.row_seeds(seed, count)).values()))


def write(game: games.Game, path: str, *, count: int, seed: int) -> None:
    """Writes samples as a picture (.png) or as arrays (.npz: `images` uint8, or `points` float32; and `seeds`).

    Raises:
        ValueError: If the path ends otherwise.
    """
    kind = os.path.splitext(path)[1].lower()
    if kind not in (".png", ".npz"):
        raise ValueError(f"`out` must end in .png or .npz. Received: {path!r}")
    value_range = (
        next(iter(game.endpoints()["sample"].ranges.values()))
        if "sample" in game.endpoints()
        else None
    )
    x = drawer(game, seed)(count)
    if kind == ".png":
        grids.write(path, x, value_range)
        return
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    arrays = {"points": x} if value_range is None else {"images": grids.pixels(x, value_range)}
    np.savez_compressed(path, **arrays, seeds=calls.row_seeds(seed, count))
