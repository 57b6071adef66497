"""The derivative by the input against closed forms, to the second order and through variables."""

import numpy as np
import tensorflow as tf

from zoo import gradients

X = tf.constant([[0.5, -1.0], [2.0, 3.0]], tf.float64)


def test_values_and_slopes_are_those_of_the_function():
    values, gradient = gradients.by_input(lambda x: tf.reduce_sum(x**3, axis=1), X)
    np.testing.assert_allclose(values, np.sum(X.numpy() ** 3, axis=1), rtol=1e-12)
    np.testing.assert_allclose(gradient, 3.0 * X.numpy() ** 2, rtol=1e-12)


def test_the_gradient_of_a_gradient_is_the_second_derivative():
    _, second = gradients.by_input(lambda x: gradients.by_input(lambda y: y**3, x)[1], X)
    np.testing.assert_allclose(second, 6.0 * X.numpy(), rtol=1e-12)


def test_a_penalty_on_the_gradient_moves_a_weight():
    weight = tf.Variable(2.0, dtype=tf.float64)
    with tf.GradientTape() as tape:
        _, gradient = gradients.by_input(lambda x: weight * x**2, X)
        total = tf.reduce_sum(tf.square(gradient))  # sum of (2 w x)**2
    expected = 8.0 * 2.0 * np.sum(X.numpy() ** 2)
    np.testing.assert_allclose(tape.gradient(total, weight), expected, rtol=1e-12)


def test_numbers_of_python_are_taken():
    np.testing.assert_allclose(gradients.by_input(tf.square, 3.0)[1], 6.0, rtol=1e-6)
