"""How an optimizer takes gradients that are summed over the replicas already."""

import contextlib


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
