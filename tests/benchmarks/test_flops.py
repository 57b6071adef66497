"""Counted operations are those of closed forms, forwards and backwards."""

import importlib.util
import pathlib

import keras
import pytest
import tensorflow as tf

PATH = pathlib.Path(__file__).parents[2] / "benchmarks" / "flops.py"
_spec = importlib.util.spec_from_file_location("flops", PATH)
flops = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(flops)


def gradients(layer, x, *, by_input):
    def function(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.square(layer(x)))
        return tape.gradient(loss, [layer.kernel.value, x][: 2 if by_input else 1])

    return tf.autograph.experimental.do_not_convert(function)


# rows, inputs and units of a dense layer; rows, height and width of the smaller side of a
# convolution with stride 2, kernel, channels in and out
DENSE = 2 * 5 * 3 * 7
CONVOLUTION = 2 * 2 * (4 * 4) * (5 * 5) * 3 * 6


@pytest.mark.parametrize(
    ("layer", "shape", "kind", "once"),
    [
        (keras.layers.Dense(7), (5, 3), "matrix", DENSE),
        (keras.layers.Conv2D(6, 5, 2, "same"), (2, 8, 8, 3), "convolution", CONVOLUTION),
        (keras.layers.Conv2DTranspose(3, 5, 2, "same"), (2, 4, 4, 6), "convolution", CONVOLUTION),
    ],
    ids=["dense", "convolution", "transposed"],
)
def test_a_layer_and_its_gradients(layer, shape, kind, once):
    layer.build(shape)
    other = {"matrix": "convolution", "convolution": "matrix"}[kind]
    x = tf.TensorSpec(shape)
    # forwards and for the kernel; the gradient by the input as often again
    for by_input, times in ((False, 2), (True, 3)):
        counted = flops.of_function(gradients(layer, x, by_input=by_input), x)
        assert counted == {kind: times * once, other: 0}


@pytest.mark.parametrize(
    ("function", "shapes", "expected"),
    [
        (lambda x, y: tf.linalg.matmul(x, y, transpose_a=True), [(3, 5), (3, 7)], DENSE),
        (lambda x, y: tf.linalg.matmul(x, y, transpose_b=True), [(5, 3), (7, 3)], DENSE),
        (tf.linalg.matmul, [(4, 5, 3), (4, 3, 7)], 4 * DENSE),
        (lambda x, y: tf.einsum("ij,jk->ik", x, y), [(5, 3), (3, 7)], DENSE),
    ],
    ids=["left turned", "right turned", "batch", "einsum"],
)
def test_products_of_matrices(function, shapes, expected):
    counted = flops.of_function(function, *map(tf.TensorSpec, shapes))
    assert counted == {"matrix": expected, "convolution": 0}


def test_what_nothing_needs_is_not_counted():
    variable = tf.Variable(tf.zeros([5, 7]))

    @tf.autograph.experimental.do_not_convert
    def function(x, y, *, written):
        product = tf.linalg.matmul(x, y)
        if written:
            variable.assign(product)
        return tf.reduce_sum(x)

    specs = tf.TensorSpec((5, 3)), tf.TensorSpec((3, 7))
    for written in (False, True):
        counted = flops.of_function(lambda x, y, w=written: function(x, y, written=w), *specs)
        assert counted["matrix"] == (DENSE if written else 0)


def test_loops_and_unknown_sizes_are_refused():
    def loop(x):
        return tf.while_loop(lambda x: True, lambda x: (tf.linalg.matmul(x, x),), (x,))

    with pytest.raises(ValueError, match="without loops and calls.*Received: .*While"):
        flops.of_function(loop, tf.TensorSpec((3, 3)))
    with pytest.raises(ValueError, match="Sizes must be known"):
        flops.of_function(tf.linalg.matmul, tf.TensorSpec((None, 3)), tf.TensorSpec((3, 7)))
