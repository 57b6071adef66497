"""Logs: means by name over the steps that logged them, whoever leaves or joins."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.games import logs


def values(metric):
    return {name: float(value) for name, value in metric.result().items()}


def test_a_mean_is_over_the_steps_that_logged_the_name():
    metric = logs.Logs()
    metric.update_state({"gone": tf.constant(9.0), "stays": tf.constant(1.0)})
    metric.update_state({"stays": tf.constant(4.0)})
    metric.update_state({"new": tf.constant(7.0), "stays": tf.constant(4.0)})
    assert values(metric) == {"new": 7.0, "stays": 3.0}


def test_state_that_is_read_into_another_object_keeps_its_names():
    first, second = logs.Logs(), logs.Logs()
    first.update_state({"gone": tf.constant(9.0), "stays": tf.constant(1.0)})
    for new, old in zip(second.variables, first.variables, strict=True):
        new.assign(old)
    second.update_state({"stays": tf.constant(5.0)})  # the first name that this object sees
    assert values(second) == {"stays": 3.0}


def test_a_graph_keeps_names_apart_too():
    metric = logs.Logs()
    both = tf.function(lambda x: metric.update_state({"a": x, "b": 2.0 * x}))
    one = tf.function(lambda x: metric.update_state({"b": 2.0 * x}))
    for step, x in ((both, 1.0), (one, 4.0), (both, 3.0)):
        step(tf.constant(x))
    np.testing.assert_allclose(values(metric)["b"], 16.0 / 3.0, rtol=1e-6)
    metric.names = ("a", "b")
    np.testing.assert_allclose(list(values(metric).values()), [2.0, 16.0 / 3.0], rtol=1e-6)


def test_a_reset_begins_again():
    metric = logs.Logs()
    metric.update_state({"a": tf.constant(1.0), "b": tf.constant(2.0)})
    metric.reset_state()
    metric.update_state({"b": tf.constant(5.0)})
    assert values(metric) == {"b": 5.0}


def test_too_many_names_are_refused():
    with pytest.raises(ValueError, match="at most 48 scalars.*Received: 49"):
        logs.Logs().update_state({f"log_{i}": tf.constant(0.0) for i in range(49)})
