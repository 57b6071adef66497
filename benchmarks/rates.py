"""What the machine can do: its rate of matrix products and of convolutions, in float32."""

import time

import tensorflow as tf

SIDE = 2048  # of the matrices
IMAGES, PIXELS, KERNEL, CHANNELS = 32, 32, 5, (64, 128)
REPEATS = 3  # products in a call


class Rate:
    """A function that is timed, and what it computes.

    Args:
        function: Function of `repeats` products on tensors that it holds.
        flops: Floating-point operations of a call.
    """

    def __init__(self, function, flops: int):
        self.function, self.flops = tf.function(function), flops
        self.function()

    def __call__(self) -> float:
        """Returns the operations per second of one call."""
        began = time.perf_counter()
        self.function().numpy()
        return self.flops / (time.perf_counter() - began)


def matrix() -> Rate:
    """Returns the rate of products of two square matrices."""
    one = tf.random.normal([SIDE, SIDE])
    other = tf.random.normal([SIDE, SIDE], stddev=SIDE**-0.5)

    def products():
        value = one
        for _ in range(REPEATS):
            value = tf.linalg.matmul(value, other)
        return value[0, 0]

    return Rate(products, REPEATS * 2 * SIDE**3)


def convolution() -> Rate:
    """Returns the rate of a convolution of images, forwards.

    Its kernel is of 5x5, as those of most of the networks, so that it can be no short cut for 3x3.
    """
    kernel = tf.random.normal([KERNEL, KERNEL, *CHANNELS])
    images = [tf.random.normal([IMAGES, PIXELS, PIXELS, CHANNELS[0]]) for _ in range(REPEATS)]

    def products():
        results = [tf.nn.conv2d(value, kernel, 1, "SAME") for value in images]
        return sum(result[0, 0, 0, 0] for result in results)

    products_of_one = IMAGES * PIXELS**2 * KERNEL**2 * CHANNELS[0] * CHANNELS[1]
    return Rate(products, REPEATS * 2 * products_of_one)
