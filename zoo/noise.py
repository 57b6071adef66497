"""Stateless draws for one turn of one player."""

import contextlib
import threading

import tensorflow as tf

from zoo import replicas

_thread = threading.local()  # each replica traces in a thread of its own


class Noise:
    """The random numbers of one move: functions of (seed, step, player, move, index).

    `index` counts the draws of this object, which lives for one move; nothing survives a step.
    Every draw is made for the global batch and the replica takes its rows, so R replicas see the
    numbers that one would.

    Args:
        seed: Seed of the run, in [0, 2**31).
        step: Step that is being made, an int64 scalar.
        player: Position of the player in the table, in [0, 128).
        move: Position of the move among the player's moves in this step, in [0, 256).
        batch: Number of examples on this replica, an integer or an int32 scalar.
    """

    def __init__(
        self, *, seed: int, step: tf.Tensor, player: int, move: int, batch: int | tf.Tensor
    ):
        for name, value, limit in (
            ("seed", seed, 2**31),
            ("player", player, 128),
            ("move", move, 256),
        ):
            if not 0 <= value < limit:
                raise ValueError(f"`{name}` must be in [0, {limit}). Received: {value}")
        # injective, so that no two draws of a run have the same key
        self._key = (seed << 32) | (player << 24) | (move << 16)
        self._step = tf.cast(step, tf.int64)
        self._batch = batch
        self._index = 0

    def normal(self, shape: tuple[int, ...] = ()) -> tf.Tensor:
        """Returns [B, *shape] draws of N(0, 1)."""
        return self._draw(tf.random.stateless_normal, shape)

    def uniform(
        self, shape: tuple[int, ...] = (), low: float = 0.0, high: float = 1.0
    ) -> tf.Tensor:
        """Returns [B, *shape] draws of U[low, high)."""
        return self._draw(
            lambda size, seed: tf.random.stateless_uniform(size, seed, low, high), shape
        )

    def _draw(self, distribution, shape: tuple[int, ...]) -> tf.Tensor:
        if self._index >= 2**16:
            raise ValueError(
                f"A move may draw at most {2**16} times. Received: draw {self._index + 1}"
            )
        seed = tf.stack([tf.constant(self._key | self._index, tf.int64), self._step])
        self._index += 1
        draws = distribution([self._batch * replicas.count(), *shape], seed)
        if replicas.count() == 1:
            return draws
        first = replicas.index() * self._batch
        return tf.slice(draws, [first] + [0] * len(shape), [self._batch, *shape])

    @contextlib.contextmanager
    def current(self):
        """Makes this the noise that `current()` returns in this thread, for layers that draw."""
        before = current()
        _thread.noise = self
        try:
            yield self
        finally:
            _thread.noise = before


def current() -> Noise | None:
    """Returns the noise of the move that is being made in this thread, None outside a move."""
    return getattr(_thread, "noise", None)
