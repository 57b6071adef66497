"""Pointwise functions that keep their digits where the naive composition overflows or cancels."""

import math

import tensorflow as tf

from zoo.divergences import divergence

FAR = 17.0  # softplus(-v) is exp(-v) (1 - exp(-v) / 2) from here on, to the last digit of a double


def sloped(value: divergence.Pointwise, slope: divergence.Pointwise) -> divergence.Pointwise:
    """Returns `value` with `slope` as its derivative.

    It is for functions whose derivative by TensorFlow loses digits or is no number.
    """

    # autograph has nothing to convert here, and warns of two lambdas on a line
    @tf.autograph.experimental.do_not_convert
    @tf.custom_gradient
    def function(v):
        return value(v), lambda upstream: upstream * slope(v)

    return function


minus_expm1_of_minus = sloped(lambda v: -tf.math.expm1(-v), lambda v: tf.exp(-v))


def log_softplus_of_minus(v):
    """log(softplus(-v)), also where softplus(-v) underflows."""
    return tf.where(
        v > FAR, -v - 0.5 * tf.exp(-v), tf.math.log(tf.nn.softplus(-tf.minimum(v, FAR)))
    )


def log_1_minus_exp_of_minus(log_a):
    """log(1 - exp(-a)), also where a underflows."""
    a = tf.exp(tf.maximum(log_a, -FAR))
    near = tf.where(a < math.log(2.0), tf.math.log(-tf.math.expm1(-a)), tf.math.log1p(-tf.exp(-a)))
    return tf.where(log_a < -FAR, log_a - 0.5 * tf.exp(log_a), near)
