"""Devices: a training that needs no choice changes no setting of TensorFlow."""

import pytest
import tensorflow as tf

from train import devices

SETTERS = [
    (tf.config.experimental, "enable_op_determinism"),
    (tf.config, "set_logical_device_configuration"),
    (tf.distribute, "MirroredStrategy"),
]


@pytest.fixture
def changed(monkeypatch):
    """Names of the settings that were changed; nothing is changed in truth."""
    names = []
    for module, name in SETTERS:
        monkeypatch.setattr(module, name, lambda *_, name=name: names.append(name))
    return names


def gpus(monkeypatch, count):
    there = {"GPU": [f"GPU:{i}" for i in range(count)], "CPU": ["CPU:0"]}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: there[kind])


@pytest.mark.parametrize(
    ("replicas", "there", "expected"),
    [
        (0, 0, []),
        (1, 0, []),
        (2, 0, ["set_logical_device_configuration", "MirroredStrategy"]),
        (0, 1, ["enable_op_determinism"]),
        (0, 2, ["enable_op_determinism", "MirroredStrategy"]),
        (1, 2, ["enable_op_determinism"]),
    ],
)
def test_only_what_is_needed_is_set(replicas, there, expected, changed, monkeypatch):
    gpus(monkeypatch, there)
    devices.strategy(replicas, 4)
    assert changed == expected


@pytest.mark.parametrize(("replicas", "there"), [(3, 0), (0, 3)])
def test_the_batch_is_shared_evenly(replicas, there, changed, monkeypatch):
    gpus(monkeypatch, there)
    with pytest.raises(ValueError, match="multiple of the replicas.*batch_size=4, replicas=3"):
        devices.strategy(replicas, 4)
    assert changed == []
