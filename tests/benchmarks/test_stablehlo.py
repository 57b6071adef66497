"""Training steps as files: what is written, what is read, and what JAX makes of them."""

import importlib
import json
import pathlib
import sys

import numpy as np
import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "benchmarks"
# state + draw, 2 * draw as a log, and the state once more, as TensorFlow gives it
MODULE = """module {
  func.func @main(%draw: tensor<3xf32>, %state: tensor<3xf32>, %step: tensor<i64>)
      -> (tensor<3xf32>, tensor<i64>, tensor<f32>, tensor<3xf32>) {
    %one = stablehlo.constant dense<1> : tensor<i64>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %next = stablehlo.add %step, %one : tensor<i64>
    %moved = stablehlo.add %state, %draw : tensor<3xf32>
    %log = stablehlo.reduce(%draw init: %zero) applies stablehlo.add across dimensions = [0]
        : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
    %again = mhlo.copy %moved : tensor<3xf32>
    return %moved, %next, %log, %again : tensor<3xf32>, tensor<i64>, tensor<f32>, tensor<3xf32>
  }
}
""".replace("\n      ->", " ->")
ABOUT = {
    "config": "tiny",
    "precision": "float32",
    "game": "none",
    "data": "random",
    "peer": None,
    "state": [{"name": "w", "role": "weight"}, {"name": "step", "role": "other"}],
    "arguments": [
        {"kind": "draw", "distribution": "uniform", "low": 2.0, "high": 3.0},
        {"kind": "state", "state": 0},
        {"kind": "state", "state": 1},
    ],
    "logs": {"loss": 6.0},
    "versions": {"tensorflow": "none"},
    "commit": {"hash": "0", "date": "", "changed": False},
}
BEFORE = [np.float32([1, 2, 3]), np.float32([10, 20, 30]), np.int64(4)]
AFTER = [np.float32([11, 22, 33]), np.int64(5)]


@pytest.fixture
def module(monkeypatch):
    """Imports a script of benchmarks/, whose neighbours are on the path as when it is run."""
    monkeypatch.syspath_prepend(str(FOLDER))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and FOLDER in map(
            pathlib.Path, pathlib.Path(sys.modules[name].__file__).parents
        ):
            del sys.modules[name]


@pytest.fixture
def files(module):
    return module("stablehlo_files")


@pytest.fixture
def step(files, tmp_path):
    """The folder of a written step."""
    folder = tmp_path / "steps" / "tiny" / "float32"
    files.write(folder, files.portable(MODULE), ABOUT, BEFORE, AFTER)
    return folder


def test_a_signature_has_shapes_and_dtypes(files):
    line = (
        "func.func @main(%arg0: tensor<64x8x8x1xf32> loc(x), %arg1: tensor<i64>, %arg2: "
        "tensor<2xui8>) -> (tensor<bf16>, tensor<3xi1>) {"
    )
    assert files.signature(f"module {{\n {line}\n return }}") == (
        [((64, 8, 8, 1), "float32"), ((), "int64"), ((2,), "uint8")],
        [((), "bfloat16"), ((3,), "bool")],
    )


def test_a_written_step_is_read_as_it_was(files, step):
    assert files.about(step) == ABOUT
    for name, values in (("before", BEFORE), ("after", AFTER)):
        for value, expected in zip(files.arrays(step / f"{name}.npz"), values, strict=True):
            np.testing.assert_array_equal(value, expected)
            assert value.dtype == expected.dtype


def test_a_written_module_is_of_stablehlo_alone(files, step):
    assert "mhlo." not in files.module(step)


def test_a_step_with_other_arguments_is_refused(files, tmp_path):
    with pytest.raises(ValueError, match="must be those of the step.*Received: 3 arguments"):
        files.write(tmp_path / "step", MODULE, ABOUT, BEFORE[::-1], AFTER)
    assert not (tmp_path / "step").exists()


def test_tf32_lets_products_be_rounded(files, step):
    text = "%2 = stablehlo.dot %0, %1, precision = [HIGHEST, HIGHEST] : tensor<f32>"
    (step / "step.mlir").write_text(text)
    assert files.module(step) == text
    assert "precision = [DEFAULT, DEFAULT]" in files.module(step, tf32=True)


def test_differences_are_those_of_weights_gradients_and_logs(files):
    about = {
        "state": [{"role": role} for role in ("weight", "weight", "optimizer", "other", "weight")],
        "logs": {"loss": 2.0},
    }
    counts = np.int64(1)
    expected = [np.zeros(3, "float32"), np.zeros((1, 5)), np.float32([3, 4]), counts, counts]
    state = [np.float32([0, 0, 0.5]), np.zeros((1, 5)), np.float32([3, 4.5]), counts, counts]
    result = files.differences(about, expected, state, {"loss": 2.1})
    assert result == {
        "weights": 0.5,
        "different": 1 / 8,
        "optimizers": pytest.approx(0.1),
        "logs": pytest.approx(0.1 / 2.001),
    }


@pytest.mark.parametrize(
    ("change", "equal"),
    [
        ({}, True),
        ({"different": 0.02}, False),
        ({"optimizers": 2e-3}, False),
        ({"optimizers": None}, True),
        ({"logs": 2e-3}, False),
        ({"logs": float("nan")}, False),
    ],
)
def test_only_rounding_counts_as_equal(files, change, equal):
    close = {"weights": 2e-4, "different": 1e-3, "optimizers": 1e-4, "logs": 1e-4}
    assert files.within(close | change, "float32") is equal


def test_a_written_training_step_draws_nothing_and_moves_weights(module, files, tmp_path):
    module("stablehlo_write").step("f_gan_univariate", "float32", tmp_path)
    about, text = files.about(tmp_path), files.module(tmp_path)
    assert "rng" not in text and "custom_call" not in text and "mhlo.copy" not in text
    kinds = [argument["kind"] for argument in about["arguments"]]
    assert kinds.count("batch") == 1 and kinds.count("draw") >= 1
    begin = {
        argument["state"]: value
        for argument, value in zip(about["arguments"], files.arrays(tmp_path / "before.npz"))
        if argument["kind"] == "state"
    }
    after = files.arrays(tmp_path / "after.npz")
    weights = [n for n, entry in enumerate(about["state"]) if entry["role"] == files.WEIGHT]
    assert weights and all(np.any(begin[n] != after[n]) for n in weights)


def test_jax_makes_a_written_step(module, step):
    pytest.importorskip("jax")
    made = module("stablehlo_jax").Step(step, inner=1)
    assert made.differences() == {"weights": 0, "different": 0, "optimizers": None, "logs": 0}


def test_each_timed_step_goes_on_from_the_last_with_new_draws(module, step):
    pytest.importorskip("jax")
    made = module("stablehlo_jax").Step(step, inner=2)
    assert made.seconds(4) > 0.0
    weights, count = (np.asarray(value) for value in made.state)
    assert count == 8
    moved = weights - np.float32([10, 20, 30])
    assert np.all((moved > 8.0) & (moved < 12.0)) and len(set(moved / 4)) == 3


def test_the_table_has_every_step_and_continues(module, step, tmp_path, capsys, monkeypatch):
    pytest.importorskip("jax")
    broken = step.parents[1] / "broken" / "float32"
    broken.mkdir(parents=True)
    error = {"config": "broken", "precision": "float32", "error": "it | failed"}
    (broken / "step.json").write_text(
        json.dumps(error | {key: ABOUT[key] for key in ("commit", "versions")})
    )
    monkeypatch.setattr(sys, "argv", ["stablehlo.py", "time", str(step.parents[1])])
    table = module("stablehlo_table")
    for _ in range(2):
        table.write(step.parents[1], [], tmp_path / "out", rounds=0, seconds=0.0)
    assert capsys.readouterr().out.count("equal in") == 1
    record = json.loads((tmp_path / "out" / "stablehlo.json").read_text())
    assert record["command"] == "python stablehlo.py time FOLDER"
    assert record["steps"]["tiny float32"]["equal"] is True
    text = (tmp_path / "out" / "stablehlo.md").read_text()
    assert "it / failed" in text and "| tiny | none | float32 |" in text
