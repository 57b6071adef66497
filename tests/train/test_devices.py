"""Devices: those that are asked for and no others; what needs no choice changes no setting."""

import pytest
import tensorflow as tf

from train import devices

SETTERS = [
    (tf.config, "set_visible_devices"),
    (tf.config.experimental, "set_memory_growth"),
    (tf.config, "set_logical_device_configuration"),
    (tf.distribute, "MirroredStrategy"),
]


@pytest.fixture
def changed(monkeypatch):
    """Settings that were changed, with their first arguments; nothing is changed in truth."""
    changes = []

    def record(name, *given):
        changes.append((name, *given[:1]))
        return name

    for module, name in SETTERS:
        monkeypatch.setattr(module, name, lambda *given, name=name: record(name, *given))
    return changes


def gpus(monkeypatch, count):
    there = {"GPU": [f"GPU:{i}" for i in range(count)], "CPU": ["CPU:0"]}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: there[kind])


def on_gpus(*names):
    growth = [("set_memory_growth", name) for name in names]
    return [("set_visible_devices", list(names)), *growth]


HIDDEN = ("set_visible_devices", [])
DIVIDED = [("set_logical_device_configuration", "CPU:0"), ("MirroredStrategy", ["CPU:0", "CPU:1"])]
BOTH = ("MirroredStrategy", ["GPU:0", "GPU:1"])


@pytest.mark.parametrize(
    ("asked", "there", "kind", "count", "expected"),
    [
        ("all", 0, "cpu", 1, []),
        ("cpu", 0, "cpu", 1, []),
        ("cpu:1", 0, "cpu", 1, []),
        ("cpu:2", 0, "cpu", 2, DIVIDED),
        ("all", 1, "gpu", 1, on_gpus("GPU:0")),
        ("all", 2, "gpu", 2, [*on_gpus("GPU:0", "GPU:1"), BOTH]),
        ("gpu:1", 2, "gpu", 1, on_gpus("GPU:1")),
        ("gpu:2,0", 3, "gpu", 2, [*on_gpus("GPU:2", "GPU:0"), BOTH]),
        ("cpu", 2, "cpu", 1, [HIDDEN]),
        ("cpu:2", 1, "cpu", 2, [HIDDEN, *DIVIDED]),
    ],
)
def test_the_devices_are_those_that_are_asked_for(
    asked, there, kind, count, expected, changed, monkeypatch
):
    gpus(monkeypatch, there)
    made = devices.chosen(asked, 4)
    assert made == (kind, count, None if count == 1 else "MirroredStrategy", 1)
    assert changed == expected


@pytest.mark.parametrize(
    ("asked", "there", "message"),
    [
        ("gpu:0,1", 0, "Received: gpu:0,1 on a machine where it sees no GPU"),
        ("gpu:0,1", 1, "Received: gpu:0,1 on a machine where it sees the GPUs 0 to 0"),
        ("gpu:0,0", 1, "each of them once. Received: gpu:0,0"),
        ("gpu", 1, "must be `all`, `cpu`, `cpu:COUNT` or `gpu:NUMBERS`. Received: 'gpu'"),
        ("cpu:0", 1, "Received: 'cpu:0'"),
        ("2", 0, "Received: '2'"),
        ("cpu:3", 0, "multiple of the number of devices.*batch_size=4, 3 devices"),
        ("all", 3, "multiple of the number of devices.*batch_size=4, 3 devices"),
    ],
)
def test_what_cannot_be_had_is_refused(asked, there, message, changed, monkeypatch):
    gpus(monkeypatch, there)
    with pytest.raises(ValueError, match=message):
        devices.chosen(asked, 4)
    assert changed == []


def test_devices_are_said_in_words():
    assert str(devices.Devices("gpu", 2, None)) == "2 GPUs"
    assert str(devices.Devices("gpu", 1, None)) == "1 GPU"
    assert str(devices.Devices("cpu", 2, None)) == "2 CPU devices"
