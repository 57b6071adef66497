"""The graphs that Keras's training loop calls: some steps, then the means of what they report."""

from collections.abc import Callable

import tensorflow as tf


def graph(
    play: Callable, means: Callable, steps: int, strategy, *, jit_compile: bool, run_eagerly: bool
) -> Callable:
    """Returns the function of an iterator that makes steps on every replica and gives their reports.

    Args:
        play: Takes a replica's batch, makes one step.
        means: Returns a replica's reports, scalars by name.
        steps: How many in a call.
        strategy: Of the replicas.
        jit_compile: Compile a step with XLA.
        run_eagerly: Run Python in every step.
    """
    step = tf.function(play, jit_compile=True, reduce_retracing=True) if jit_compile else play

    @tf.autograph.experimental.do_not_convert
    def one(batch):
        strategy.run(step, args=(batch,))

    @tf.autograph.experimental.do_not_convert
    def reduced():
        return {
            name: strategy.reduce("MEAN", value, axis=None)
            for name, value in strategy.run(means).items()
        }

    def several(iterator):
        if steps == 1:
            one(next(iterator))
        else:
            for _ in tf.range(steps):
                one(next(iterator))
        return reduced()

    return several if run_eagerly else tf.function(several, reduce_retracing=True)
