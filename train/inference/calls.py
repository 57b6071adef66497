"""Calls of a trained game's endpoints on any number of rows."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from zoo import games
from zoo import trained as trained_module

_BATCH = 256


def row_seeds(seed: int, count: int, *, first: int = 0) -> np.ndarray:
    """Returns the seeds [count] of a command's rows, from row `first` on: `seed` in the upper 32 bits, the row in the lower.

    Raises:
        ValueError: If `seed` is outside [0, 2**31) or `count` outside [1, 2**32).
    """
    if not 0 <= seed < 2**31 or not 1 <= count < 2**32:
        raise ValueError(
            f"`seed` must be in [0, 2**31) and `num` in [1, 2**32). Received: seed={seed}, num={count}"
        )
    return (np.int64(seed) << 32) + np.arange(first, first + count, dtype=np.int64)


def caller(game: games.Game, name: str, *, seed: int = 0) -> Callable[..., dict[str, np.ndarray]]:
    """Returns a function of an endpoint's inputs, [N, ...] each, with averaged weights where there are some.

    Every call of the graph runs at one batch size, so that a row's last bit does not depend on how many rows there are.

    Args:
        game: A trained game.
        name: Of the endpoint.
        seed: Of the inputs that a call does not give, such as an encoder's noise; in [0, 2**31).

    Raises:
        ValueError: If the game has no such endpoint; says which it has.
    """
    endpoints = game.endpoints()
    if name not in endpoints:
        raise ValueError(
            f"This needs a game with the endpoint {name!r}. Received: {type(game).__name__} with {sorted(endpoints)}"
        )
    endpoint = endpoints[name]
    function = tf.function(
        endpoint.function, input_signature=list(endpoint.inputs.values()), autograph=False
    )

    def call(**inputs: np.ndarray) -> dict[str, np.ndarray]:
        count = len(next(iter(inputs.values())))
        if set(endpoint.inputs) - set(inputs):
            drawn = endpoint.example(tf.constant(row_seeds(seed, count)))
            inputs = {key: inputs.get(key, drawn[key].numpy()) for key in endpoint.inputs}
        filled = {
            key: np.resize(value, (-(-count // _BATCH) * _BATCH, *value.shape[1:]))
            for key, value in inputs.items()
        }
        found: dict[str, list[np.ndarray]] = {}
        with game.averaged_weights():
            for start in range(0, count, _BATCH):
                for key, value in function(
                    **{
                        key: tf.constant(value[start : start + _BATCH])
                        for key, value in filled.items()
                    }
                ).items():
                    found.setdefault(key, []).append(value.numpy())
        return {key: np.concatenate(values)[:count] for key, values in found.items()}

    return call


class _Answering(trained_module.Trained):
    """A game with the calls of a trained model, until a game has them itself."""

    def __init__(self, game: games.Game):
        self._game = game

    def offered(self):
        endpoints = self._game.endpoints()
        return {name: tuple(endpoint.inputs) for name, endpoint in endpoints.items()}

    def run(self, endpoint, inputs, *, seed=0):
        return caller(self._game, endpoint, seed=seed)(**inputs)

    def classes(self):
        return getattr(self._game, "number_of_classes", None)


def trained(game: games.Game) -> trained_module.Trained:
    """Returns a game with the calls of a trained model."""
    return _Answering(game)
