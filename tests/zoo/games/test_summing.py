"""An optimizer leaves out its own sum over replicas while it is asked to, and not longer."""

import contextlib

import keras
import pytest
import tensorflow as tf

from zoo.games import summing


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
