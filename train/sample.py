"""Samples of a run's game: row i of a seed is the same whatever else is drawn."""

import os
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from train import grids
from zoo.games import game as game_module

_BATCH = 256


def row_seeds(seed: int, count: int) -> np.ndarray:
    """Returns the seeds [count] of a command's rows: `seed` in the upper 32 bits, the row in the lower.

    Raises:
        ValueError: If `seed` is outside [0, 2**31) or `count` outside [1, 2**32).
    """
    if not 0 <= seed < 2**31 or not 1 <= count < 2**32:
        raise ValueError(f"`seed` must be in [0, 2**31) and `num` in [1, 2**32). Received: seed={seed}, num={count}")
    return (np.int64(seed) << 32) + np.arange(count, dtype=np.int64)


def drawer(game: game_module.Game, seed: int) -> Callable[[int], np.ndarray]:
    """Returns a function from a count to that many samples [N, ...], drawn with averaged weights where there are some.

    Raises:
        ValueError: If the game does not sample; says what it does.
    """
    endpoints = game.endpoints()
    if "sample" not in endpoints:
        raise ValueError(f"Sampling needs a game with the endpoint 'sample'. Received: {type(game).__name__} with {sorted(endpoints)}")
    function = tf.function(endpoints["sample"].function, input_signature=list(endpoints["sample"].inputs.values()), autograph=False)

    def draw(count: int) -> np.ndarray:
        # every call runs at one batch size, so that a row's last bit does not depend on how many were asked for
        seeds = row_seeds(seed, -(-count // _BATCH) * _BATCH).reshape(-1, _BATCH)
        with game.averaged_weights():
            outputs = [next(iter(function(tf.constant(rows)).values())).numpy() for rows in seeds]
        return np.concatenate(outputs)[:count]

    return draw


def write(game: game_module.Game, path: str, *, count: int, seed: int) -> None:
    """Writes samples as a picture (.png) or as arrays (.npz: `images` uint8, or `points` float32; and `seeds`).

    Raises:
        ValueError: If the path ends otherwise.
    """
    kind = os.path.splitext(path)[1].lower()
    if kind not in (".png", ".npz"):
        raise ValueError(f"`out` must end in .png or .npz. Received: {path!r}")
    value_range = next(iter(game.endpoints()["sample"].ranges.values())) if "sample" in game.endpoints() else None
    x = drawer(game, seed)(count)
    if kind == ".png":
        grids.write(path, x, value_range)
        return
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    arrays = {"points": x} if value_range is None else {"images": grids.pixels(x, value_range)}
    np.savez_compressed(path, **arrays, seeds=row_seeds(seed, count))
