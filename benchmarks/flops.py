"""Counts the floating-point operations of a graph that are matrix products and convolutions.

A multiplication with its addition counts as two. A convolution counts all products of its kernel,
those with the padding of the image too, and so do its two gradients, which have as many. All other
operations (activations, normalization, losses, updates) count as none: they read and write more
than they compute.
"""

import math

import tensorflow as tf

MATRIX, CONVOLUTION = "matrix", "convolution"
# operations that call other graphs, whose number of turns may be unknown
CALLS = ("PartitionedCall", "StatefulPartitionedCall", "While", "StatelessWhile")
CALLS += ("If", "StatelessIf", "Case")


def _matmul(operation) -> int:
    inner = operation.inputs[0].shape[0 if operation.get_attr("transpose_a") else 1]
    return 2 * math.prod(operation.outputs[0].shape) * inner


def _batch_matmul(operation) -> int:
    inner = operation.inputs[0].shape[-2 if operation.get_attr("adj_x") else -1]
    return 2 * math.prod(operation.outputs[0].shape) * inner


def _einsum(operation) -> int:
    letters = operation.get_attr("equation").decode().split("->")[0].split(",")
    sizes = {
        letter: size
        for term, tensor in zip(letters, operation.inputs)
        for letter, size in zip(term, tensor.shape)
    }
    return (2 if len(letters) > 1 else 0) * math.prod(sizes.values())


def _convolution(images, kernel) -> int:
    """Returns the operations of a convolution whose result, [B, H, W, C], is `images`."""
    return 2 * math.prod(images) * math.prod(list(kernel)[:-1])


def _forward(operation) -> int:
    return _convolution(operation.outputs[0].shape, operation.inputs[1].shape)


def _to_input(operation) -> int:
    return _convolution(operation.inputs[2].shape, operation.inputs[1].shape)


def _to_kernel(operation) -> int:
    return _convolution(operation.inputs[2].shape, operation.outputs[0].shape)


COUNTS = {
    "MatMul": (MATRIX, _matmul),
    "BatchMatMul": (MATRIX, _batch_matmul),
    "BatchMatMulV2": (MATRIX, _batch_matmul),
    "Einsum": (MATRIX, _einsum),
    "Conv2D": (CONVOLUTION, _forward),
    "Conv2DBackpropInput": (CONVOLUTION, _to_input),
    "Conv2DBackpropFilter": (CONVOLUTION, _to_kernel),
}


def of_graph(graph) -> dict[str, int]:
    """Returns the operations of a `FuncGraph`, as counts of `MATRIX` and of `CONVOLUTION`.

    What no output and no write needs is not counted, since TensorFlow leaves it out.

    Raises:
        ValueError: If a size is not known, or the graph calls another one.
    """
    total = {MATRIX: 0, CONVOLUTION: 0}
    for operation in _needed(graph):
        if operation.type in COUNTS:
            kind, count = COUNTS[operation.type]
            try:
                total[kind] += int(count(operation))
            except TypeError as error:
                shapes = [tensor.shape for tensor in operation.inputs]
                raise ValueError(
                    f"Sizes must be known. Received: {operation.name} of {shapes}"
                ) from error
        if operation.type in CALLS:
            raise ValueError(
                "A step must be one graph without loops and calls, so that each operation is made "
                f"once. Received: {operation.type} {operation.name}"
            )
    return total


def of_function(function, *arguments) -> dict[str, int]:
    """Returns what `of_graph` does, of a Python function traced on tensors or their specs."""
    return of_graph(tf.function(function).get_concrete_function(*arguments).graph)


def _needed(graph) -> list:
    """Returns the operations of a function on which its outputs or its writes depend."""
    wanted = [*(tensor.op for tensor in graph.outputs), *graph.control_outputs]
    needed = {}
    while wanted:
        operation = wanted.pop()
        if id(operation) not in needed:
            needed[id(operation)] = operation
            wanted += [tensor.op for tensor in operation.inputs] + operation.control_inputs
    return list(needed.values())
