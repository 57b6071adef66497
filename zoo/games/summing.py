"""How the sums of a step are made: over the replicas once, and in an order of their own."""

import contextlib
import functools
from collections.abc import Callable

import tensorflow as tf
from tensorflow.python.eager import context  # no public door


def in_order(function: Callable) -> Callable:
    """Returns what calls a `tf.function` so that its graphs add the parts of a sum in one order.

    Where TensorFlow's optimizer of graphs expects a step to fill a device's memory (it takes that
    of every CPU for 256 MiB), it has the parts of a sum added in the order in which they are ready,
    if they are three or more. The last bits of the weights would differ from run to run.

    Args:
        function: A `tf.function`.
    """

    def called(*args):
        scope = context.context()
        before = scope.function_call_options
        scope.function_call_options = _kept(before.executor_type, before.config_proto_serialized)
        try:
            return function(*args)
        finally:
            scope.function_call_options = before

    return called


@functools.cache
def _kept(executor: str | None, config: bytes) -> context.FunctionCallOptions:
    """Returns options of a call without the optimizer's pass over what needs much memory."""
    settings = tf.compat.v1.ConfigProto.FromString(config)
    rewriting = settings.graph_options.rewrite_options
    rewriting.memory_optimization = rewriting.NO_MEM_OPT
    return context.FunctionCallOptions(executor_type=executor, config_proto=settings)


@contextlib.contextmanager
def already(optimizer):
    """Lets an optimizer take gradients as they are, and leave out its own sum over replicas.

    The sum would be a second one, of sums. Also, the optimizer then clips the gradient of the
    global batch and not each replica's part by itself. On one replica Keras's sum is an IdentityN,
    behind which TensorFlow's optimizer of graphs forgets which reads of a weight come before its
    write, and now and then a gradient is taken at half-new weights.

    Args:
        optimizer: A Keras optimizer, or one that scales the loss for an inner one.
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    # there is no public way; where Keras has no such method any more, this line says so
    name = type(inner)._all_reduce_sum_gradients.__name__
    vars(inner)[name] = list
    try:
        yield
    finally:
        vars(inner).pop(name, None)  # each replica traces in a thread of its own, which comes here
