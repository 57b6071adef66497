"""How a training computes: what is set on a GPU, what XLA compiles, what excludes what."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import configs
from configs import schema
from train import arithmetic, checkpoints, devices, experiments, runs

DATA = {"shape": [8, 8, 1], "value_range": [-1.0, 1.0], "classes": None}


def experiment(*assignments):
    tiny = ["game.generator.width=2", "game.critic.width=2", "game.prior.size=3"]
    return configs.load("dcgan_digits").override([*tiny, "data.batch_size=8", *assignments])


@pytest.fixture
def changed(monkeypatch):
    """Settings of TensorFlow that were changed; nothing is changed in truth."""
    changes = []
    for name in ("enable_op_determinism", "enable_tensor_float_32_execution"):
        monkeypatch.setattr(
            tf.config.experimental, name, lambda *given, name=name: changes.append((name, *given))
        )
    return changes


TF32, SAME = "enable_tensor_float_32_execution", ("enable_op_determinism",)


@pytest.mark.parametrize(
    ("kind", "count", "settings", "expected", "xla"),
    [
        ("cpu", 1, [], [], False),
        ("cpu", 2, ["train.jit=true"], [], True),
        ("gpu", 1, [], [(TF32, False), SAME], False),
        ("gpu", 1, ["train.determinism=false"], [(TF32, False)], True),
        ("gpu", 2, ["train.determinism=false"], [(TF32, False)], False),
        ("gpu", 2, ["train.determinism=false", "train.jit=true"], [(TF32, False)], True),
        ("gpu", 1, ["train.determinism=false", "train.jit=false"], [(TF32, False)], False),
        ("gpu", 1, ["train.tf32=true"], [(TF32, True), SAME], False),
    ],
)
def test_a_gpu_computes_as_the_settings_say(kind, count, settings, expected, xla, changed):
    on = devices.Devices(kind, count, None)
    assert arithmetic.settle(experiment(*settings), on) is xla
    assert changed == expected


def test_determinism_and_xla_exclude_one_another_on_a_gpu(changed):
    with pytest.raises(ValueError, match="exclude one another.*train.determinism=false"):
        arithmetic.settle(experiment("train.jit=true"), devices.Devices("gpu", 1, None))
    assert changed == []


def test_the_batch_of_a_device_divides_into_micro_batches():
    with pytest.raises(ValueError, match="multiple of `train.accumulate`. Received: 8 and 3"):
        experiment("train.accumulate=3")
    with pytest.raises(ValueError, match="devices times `train.accumulate`. Received: 8, 2 and 8"):
        arithmetic.settle(experiment("train.accumulate=8"), devices.Devices("cpu", 2, None))


@pytest.mark.parametrize("setting", ["precision=half", "jit=yes"])
def test_other_words_are_refused(setting):
    name, _, word = setting.partition("=")
    with pytest.raises(ValueError, match=f"`train.{name}` must be one of .*Received: '{word}'"):
        experiment(f"train.{setting}")


def fitted(game, first, count):
    x = np.random.default_rng(0).uniform(-1, 1, (4, 8, 8, 8, 1)).astype("float32")
    game.fit(tf.data.Dataset.from_tensor_slices(x[first : first + count]), verbose=0)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_a_run_in_half_precision_continues_bit_for_bit_and_is_used_in_float32(precision, tmp_path):
    chosen = experiment(f"train.precision={precision}", "train.accumulate=2")
    whole, first, second = (experiments.trainable(chosen, DATA) for _ in range(3))
    fitted(whole, 0, 4)
    fitted(first, 0, 2)
    run = runs.Run(tmp_path)
    run.start(chosen, DATA)
    checkpoints.Checkpoints(run.checkpoints, first).save()
    assert checkpoints.Checkpoints(run.checkpoints, second).restore() == 2
    fitted(second, 2, 2)
    for one, other in zip(whole.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    used = checkpoints.load_game(run)
    assert {layer.compute_dtype for layer in used.generator.layers} == {"float32"}
    assert {layer.compute_dtype for layer in whole.generator.layers} == {precision, "float32"}
    assert keras.config.dtype_policy().name == "float32"
    z = np.ones([2, 3], "float32")
    exact, rounded = used.run("generate", {"z": z}), first.run("generate", {"z": z})
    assert rounded["image"].dtype == np.float32
    np.testing.assert_allclose(rounded["image"], exact["image"], rtol=0, atol=0.02)


def test_the_steps_settings_are_settings_of_a_training():
    assert set(schema.STEP) <= set(schema.Train.__dataclass_fields__)
