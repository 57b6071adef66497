"""Sums: an optimizer's own over replicas is left out, and those of a step keep their order."""

import contextlib

import keras
import ordering
import pytest
import tensorflow as tf

from zoo.games import execution, summing


def sums(context=contextlib.nullcontext):
    """Returns how many operations a new optimizer makes of the sum of one gradient."""
    variable, optimizer = keras.Variable(1.0), keras.optimizers.SGD()
    optimizer.build([variable])

    @tf.function
    def apply(gradient):
        with context(optimizer):
            optimizer.apply([gradient], [variable])

    graph = apply.get_concrete_function(tf.TensorSpec([])).graph
    return sum(operation.type == "IdentityN" for operation in graph.get_operations())


def test_the_sum_is_left_out():
    assert sums() == 1
    assert sums(summing.already) == 0


def test_the_sum_is_back_afterwards_also_where_two_replicas_ended():
    optimizer = keras.optimizers.SGD()
    with summing.already(optimizer), summing.already(optimizer):
        pass
    assert not vars(optimizer).keys() & {"_all_reduce_sum_gradients"}


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_optimizer_within_one_that_scales_the_loss_is_meant(wrapped):
    inner = keras.optimizers.SGD()
    optimizer = keras.optimizers.LossScaleOptimizer(inner) if wrapped else inner
    with summing.already(optimizer):
        assert "_all_reduce_sum_gradients" in vars(inner)
    assert "_all_reduce_sum_gradients" not in vars(inner)


def large(x):
    """Adds three tensors that together fill what TensorFlow takes for the memory of a CPU."""
    return tf.reduce_sum(tf.add_n([tf.exp(x), tf.sin(x), tf.cos(x)]))


def as_ready(call):
    """Returns how many sums of a call are added in the order in which their parts are ready."""
    with ordering.optimized_graphs() as graphs:
        call(tf.zeros([16 << 20]))
    return sum(len(ordering.sums_as_ready(graph)) for graph in graphs)


def test_a_sum_that_fills_the_memory_keeps_its_order():
    assert as_ready(tf.function(large)) == 1
    assert as_ready(summing.in_order(tf.function(large))) == 0
    assert as_ready(tf.function(large)) == 1  # as before


def test_the_sums_of_a_step_keep_their_order():
    step = execution.function(
        lambda x: {"total": large(x)},
        lambda rows: rows,
        lambda first: contextlib.nullcontext(),
        [0],
        lambda: 0,
        1,
        tf.distribute.get_strategy(),
        run_eagerly=False,
    )
    assert as_ready(lambda x: step(iter(tf.data.Dataset.from_tensors(x)))) == 0
