"""The graphs that Keras's training loop calls: some steps in one call, then their logs."""

from collections.abc import Callable, Iterable

import tensorflow as tf

from zoo.games import logs, summing


def divisor(number: int, limit: int) -> int:
    """Returns the largest divisor of a number that is not above a limit; a limit of 0 is 1.

    Example:
        >>> divisor(25, 10)
        5
    """
    return max(d for d in range(1, max(1, limit) + 1) if number % d == 0)


def function(
    step: Callable,
    settled: Callable,
    phase: Callable,
    firsts: Iterable[int],
    position: Callable[[], int],
    steps: int,
    strategy,
    *,
    run_eagerly: bool,
) -> Callable:
    """Returns the function of an iterator that makes `steps` steps and returns the last one's logs.

    Each phase has a graph of its own. A call in which a phase begins is made in two pieces.

    Args:
        step: The game's `train_step`: takes a replica's batch, returns scalars by name.
        settled: Takes a vector of each replica, returns their mean; see `logs.Logs.settled`.
        phase: Takes the first step of a phase, returns the context in which `step` is that phase's.
        firsts: First step of each phase.
        position: Returns the number of steps that have been made.
        steps: Number of steps in a call.
        strategy: Strategy of the replicas.
        run_eagerly: Whether to run Python in every step.
    """
    firsts, graphs = sorted(firsts), {}

    def graph(first: int, count: int) -> Callable:
        if (first, count) not in graphs:
            made = _several(step, settled, lambda: phase(first), count, strategy)
            if not run_eagerly:
                made = summing.in_order(tf.function(made, reduce_retracing=True))
            graphs[first, count] = made
        return graphs[first, count]

    def train(iterator):
        begin = position()
        end = begin + steps
        for until in [*(first for first in firsts if begin < first < end), end]:
            first = max(first for first in firsts if first <= begin)
            values, begin = graph(first, until - begin)(iterator), until
        return values

    return train if len(firsts) > 1 else graph(firsts[0], steps)


def _several(step: Callable, settled: Callable, phase: Callable, count: int, strategy) -> Callable:
    names: list[str] = []  # known once the step has been traced

    def row(batch):
        # a loop carries one vector of fixed size, since its names are known after it has begun
        values = step(batch)
        names[:] = values
        stacked = tf.stack([tf.cast(value, tf.float32) for value in values.values()] or [0.0])
        return tf.pad(stacked, [[0, logs.SLOTS - tf.shape(stacked)[0]]])

    @tf.autograph.experimental.do_not_convert
    def one(batch):
        with phase():
            return strategy.run(row, args=(batch,))

    @tf.autograph.experimental.do_not_convert
    def reduced(rows):
        means = strategy.experimental_local_results(strategy.run(settled, args=(rows,)))[0]
        return dict(zip(names, tf.unstack(tf.ensure_shape(means, [logs.SLOTS]))))

    def several(iterator):
        if count == 1:
            return reduced(one(next(iterator)))
        rows = strategy.run(tf.zeros, args=([logs.SLOTS],))
        for _ in tf.range(count):
            rows = one(next(iterator))
        return reduced(rows)

    return several
