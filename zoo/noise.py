"""Stateless draws for one turn of one player."""

import contextlib
import threading

import tensorflow as tf

from zoo import replicas

ALGORITHM = "philox"  # of every draw; left open, it would depend on the device and the compiler
SECTIONS, DRAWS = 16, 2**12  # of a move, and of a section

_thread = threading.local()  # each replica traces in a thread of its own


class Noise:
    """The random numbers of one move: functions of (seed, step, player, move, index).

    `index` counts the draws of this object, which lives for one move; nothing survives a step. It
    is the number of the draw's section and the draw's place in it; see `section`. Every draw is
    made for the global batch and the replica takes its rows, or those of a part of its batch, so R
    replicas with any number of parts see the numbers that one would.

    The algorithm is Philox on every device. A draw is made in the graph in which this object was:
    where XLA compiles a function inside of that graph, the draw is an input of the function. XLA's
    own draws of the same algorithm are other numbers, since it makes them of the same bits in
    another way.

    Args:
        seed: Seed of the run, in [0, 2**31).
        step: Step that is being made, an int64 scalar.
        player: Position of the player in the table, in [0, 128).
        move: Position of the move among the player's moves in this step, in [0, 256).
        batch: Number of examples in this part of this replica's batch, an integer or an int32
            scalar.
        part: Which part of this replica's batch, in [0, parts), takes the draws.
        parts: Number of parts into which this replica's batch is divided.
    """

    def __init__(
        self,
        *,
        seed: int,
        step: tf.Tensor,
        player: int,
        move: int,
        batch: int | tf.Tensor,
        part: int = 0,
        parts: int = 1,
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
        self._batch, self._part, self._parts = batch, part, parts
        self._graph = tf.compat.v1.get_default_graph() if tf.inside_function() else None
        self._section, self._counts = 0, [0] * SECTIONS

    def normal(self, shape: tuple[int, ...] = ()) -> tf.Tensor:
        """Returns [B, *shape] draws of N(0, 1)."""
        return self._draw(
            lambda size, seed: tf.random.stateless_normal(size, seed, alg=ALGORITHM), shape
        )

    def uniform(
        self, shape: tuple[int, ...] = (), low: float = 0.0, high: float = 1.0
    ) -> tf.Tensor:
        """Returns [B, *shape] draws of U[low, high)."""
        return self._draw(
            lambda size, seed: tf.random.stateless_uniform(size, seed, low, high, alg=ALGORITHM),
            shape,
        )

    def _draw(self, distribution, shape: tuple[int, ...]) -> tf.Tensor:
        count = self._counts[self._section]
        if count >= DRAWS:
            raise ValueError(
                f"A section of a move may draw at most {DRAWS} times. Received: draw {count + 1}"
            )
        index = self._section * DRAWS + count
        self._counts[self._section] += 1
        with contextlib.nullcontext() if self._graph is None else self._graph.as_default():
            seed = tf.stack([tf.constant(self._key | index, tf.int64), self._step])
            slices = self._parts * replicas.count()
            draws = distribution([self._batch * slices, *shape], seed)
            if slices == 1:
                return draws
            first = (replicas.index() * self._parts + self._part) * self._batch
            return tf.slice(draws, [first] + [0] * len(shape), [self._batch, *shape])

    @contextlib.contextmanager
    def section(self, number: int):
        """Takes the draws inside from the section of that number; draws elsewhere do not shift.

        Players with the same key who make the same pass see the same numbers in it, whatever else
        each of them draws before: they need only give the pass the same section.

        Args:
            number: In [1, 16); draws outside of any section are those of section 0. A section that
                is entered again goes on where it was left.

        Raises:
            ValueError: If the number is outside.
        """
        if not 1 <= number < SECTIONS:
            raise ValueError(f"`number` must be in [1, {SECTIONS}). Received: {number}")
        before, self._section = self._section, number
        try:
            yield
        finally:
            self._section = before

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
