"""Errors of translators that are known: brightness that is inverted, halved on the way back."""

import numpy as np
import pytest

from configs import schema
from train.data import sources
from train.evaluation import candidates, measurements


class Halving:
    """Translates a to -a exactly, and b to -b / 2."""

    def offered(self):
        return {"a_to_b": ("a",), "b_to_a": ("b",)}

    def run(self, way, inputs, *, seed=0):
        return {"image": -inputs["a"] if way == "a_to_b" else -0.5 * inputs["b"]}


def candidate(name):
    data = schema.Data(name, batch_size=4)
    experiment = schema.Experiment("made", "none", data, None, {}, schema.Train(epochs=1))
    made = candidates.find("digits")._replace(data=data, num=50, experiment=experiment)
    return made._replace(model=Halving())


def held_out():
    digits = sources.load("digits", held_out=0.1, unseen=True)
    return sources.examples(digits, 50)["x"]


def test_the_cycles_error_is_that_of_the_way_there_and_back():
    size = np.abs(held_out()).mean()
    record = measurements.measure(candidate("digits,inverted:digits"), "cycle_error")
    np.testing.assert_allclose(record["value"], 0.5 * size, rtol=1e-5)
    beside = record["beside"]
    np.testing.assert_allclose(beside["a_cycle_error"], 0.5 * size, rtol=1e-5)
    np.testing.assert_allclose(beside["b_cycle_error"], 0.5 * size, rtol=1e-5)


def test_known_translations_are_compared_with_the_truth():
    record = measurements.measure(candidate("digits,inverted:digits"), "cycle_error")
    np.testing.assert_allclose(record["beside"]["a_to_b_error"], 0.0, atol=1e-6)
    expected = 0.5 * np.abs(held_out()).mean()
    np.testing.assert_allclose(record["beside"]["b_to_a_error"], expected, rtol=1e-5)
    unknown = measurements.measure(candidate("inverted:digits,digits"), "cycle_error")
    assert set(unknown["beside"]) == {"a_cycle_error", "b_cycle_error"}


def test_one_domain_is_refused():
    with pytest.raises(ValueError, match="data of two domains. Received: .*data 'digits'"):
        measurements.measure(candidate("digits"), "cycle_error")
