"""A bundle holds what it says, computes what the game computes, and is made whole or not at all."""

import json
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

import configs
from export import bundles, functions, onnx_graphs, saved_models
from export.runtime import backends, checks, folders, golden_rows, manifests
from train import checkpoints, experiments
from zoo.games import endpoints

ROOT = pathlib.Path(__file__).parents[2]


def test_a_bundle_holds_these_files(bundle):
    files = folders.files(bundle)
    assert [path for path in files if not path.startswith("saved_model/3/variables/")] == [
        "README.md",
        "SHA256SUMS",
        "golden.npz",
        "manifest.json",
        "onnx/dcgan_digits_features/3/model.onnx",
        "onnx/dcgan_digits_features/config.pbtxt",
        "onnx/dcgan_digits_generate/3/model.onnx",
        "onnx/dcgan_digits_generate/config.pbtxt",
        "onnx/dcgan_digits_sample/3/model.onnx",
        "onnx/dcgan_digits_sample/config.pbtxt",
        "saved_model/3/assets.extra/tf_serving_warmup_requests",
        "saved_model/3/saved_model.pb",
    ]


def test_a_good_bundle_passes(bundle):
    lines = []
    assert checks.check(bundle, lines.append, isolated=False) == []
    assert all(line.startswith("ok  ") for line in lines)


def test_the_manifest_has_endpoints_source_and_differences(bundle):
    manifest = manifests.read(bundle)
    image = {"dtype": "float32", "shape": [None, 8, 8, 1], "range": [-1.0, 1.0]}
    seed = {"dtype": "int64", "shape": [None], "range": [0, 2**63 - 1]}
    assert manifest["endpoints"]["sample"] == {
        "inputs": {"seed": seed},
        "outputs": {"image": image},
    }
    assert (manifest["version"], manifest["source"]["step"], manifest["prior"]) == (
        3,
        2,
        {"name": "uniform", "size": 100, "bounds": [-1.0, 1.0]},
    )
    assert set(manifest["golden"]["largest_difference"]) == {"saved_model", "session", "onnx"}
    assert max(manifest["golden"]["largest_difference"].values()) <= 1e-5
    assert manifest["metrics"] == [{"metric": "a_number", "value": 0.125, "step": 2}]


def test_the_manifest_of_a_run_has_all_that_the_run_recorded(run, bundle):
    manifest, record = manifests.read(bundle), run.record()
    experiment = record["experiment"]
    page = (ROOT / "docs/bundles.md").read_text()
    keys = page[page.index("| key | type") : page.index("A tensor has")]
    assert list(manifest) and set(manifest) == set(re.findall(r"^\| `(\w+)`", keys, re.MULTILINE))
    assert (manifest["format"], manifest["name"], manifest["classes"]) == (2, "dcgan_digits", None)
    assert manifest["sampler"] == {"name": "threefry2x32-20", "version": 1}
    assert (manifest["weights"], manifest["finished"]) == ("averaged", True)
    assert manifest["commit"] == record["commits"][-1]
    assert manifest["licence"] is manifest["provenance"] is None
    assert manifest["preprocessing"] == {
        "scale": 2 / 255,
        "offset": -1.0,
        "range": [-1.0, 1.0],
        "size": [8, 8],
        "channels": 1,
        "layout": "NHWC",
    }
    assert manifest["data"] == experiment["data"] | record["data"] | {
        "name": "digits",
    }
    assert manifest["source"] == {
        "experiment": "dcgan_digits",
        "paper": experiment["paper"],
        "step": 2,
        "seed": experiment["seed"],
        "game": experiment["game"],
        "optimizers": experiment["optimizers"],
        "epochs": 1,
        "batch_size": experiment["data"]["batch_size"],
        "versions": record["versions"],
    }
    assert manifest["limits"] == {"tested_rows": 64, "triton_max_batch_size": 64}
    assert set(manifest["sizes"]) == {"variables", "saved_model"}
    assert {"zoo", "python", "tensorflow", "keras", "onnxruntime"} <= set(manifest["versions"])


def test_the_averaged_weights_are_exported(run, bundle):
    game, goldens = checkpoints.load_game(run), golden_rows.read(bundle / "golden.npz")
    z = tf.constant(goldens["generate"].inputs["z"])
    trained = game.generator(z, training=False).numpy()
    with game.averaged_weights():
        averaged = game.generator(z, training=False).numpy()
    np.testing.assert_allclose(goldens["generate"].outputs["image"], averaged, rtol=0, atol=1e-5)
    assert np.abs(trained - averaged).max() > 1e-2


def test_goldens_start_with_the_smallest_and_the_largest_seed(bundle):
    seeds = golden_rows.read(bundle / "golden.npz")["sample"].inputs["seed"]
    assert seeds[:2].tolist() == [0, 2**63 - 1]
    assert len(seeds) == len(np.unique(seeds)) == 64


@pytest.mark.parametrize("runtime", backends.RUNTIMES)
def test_seeds_and_their_latents_give_one_image(bundle, runtime):
    # generate's golden latents are those of sample's golden seeds
    goldens, manifest = golden_rows.read(bundle / "golden.npz"), manifests.read(bundle)
    with backends.RUNTIMES[runtime](bundle, manifest) as compute:
        sampled, generated = (
            compute("sample", goldens["sample"].inputs),
            compute("generate", goldens["generate"].inputs),
        )
    np.testing.assert_allclose(sampled["image"], generated["image"], rtol=0, atol=1e-5)
    assert np.std(sampled["image"], axis=0).mean() > 1e-2


def hidden(critic):
    """The critic's variables up to its features: without the layer of logits."""
    logits = {id(v) for v in critic.get_layer("logits").variables}
    return [v for v in critic.variables if id(v) not in logits]


def test_the_saved_model_holds_the_generator_and_the_critics_features_alone(run, bundle):
    names = [
        name
        for name, _ in tf.train.list_variables(
            str(bundle / "saved_model" / "3" / "variables" / "variables")
        )
    ]
    values = [name for name in names if name.endswith("VARIABLE_VALUE")]
    game = checkpoints.load_game(run)
    assert len(values) == len(game.generator.variables) + len(hidden(game.critic))


def test_a_saved_model_is_a_tenth_larger_than_its_variables_at_most(tmp_path):
    game = experiments.compiled(
        configs.load("dcgan_mnist"), {"shape": (28, 28, 1), "value_range": (-1.0, 1.0)}
    )
    variables = saved_models.write(
        tmp_path / "1", game.endpoints(), functions.golden(game.endpoints())
    )
    assert folders.size(tmp_path / "1") <= 1.1 * sum(v.numpy().nbytes for v in variables)
    sizes = sorted(
        v.value.shape.num_elements() for v in [*game.generator.variables, *hidden(game.critic)]
    )
    assert sorted(v.shape.num_elements() for v in variables) == sizes


def test_what_exists_is_not_overwritten(run, tmp_path):
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(FileExistsError, match="must not exist.*mine"):
        bundles.write(checkpoints.load_game(run), tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "kept"


def test_a_bundle_that_fails_a_check_is_not_made(run, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_graphs, "write", lambda *_, **__: None)  # takes seconds
    monkeypatch.setattr(checks, "examine", lambda *_, isolated: _[2].run("a check", lambda: 1 / 0))
    with pytest.raises(ValueError, match="every check passes.*\n.*a check: division by zero"):
        bundles.write(checkpoints.load_game(run), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_endpoint_that_mixes_rows_is_refused():
    def double(x):
        return {"y": x + tf.reduce_mean(x, axis=0, keepdims=True)}

    mixing = endpoints.Endpoint(
        double,
        {"x": tf.TensorSpec([None, 1], name="x")},
        {"y": None},
        lambda seed: {"x": tf.reshape(tf.range(64.0), [64, 1])},
        {"x": None},
    )
    with pytest.raises(ValueError, match="must not depend on the rest of its batch.*'double'"):
        functions.golden({"double": mixing})


@pytest.mark.parametrize("number", [0, 1], ids=["saved_model", "onnx"])
def test_the_card_s_python_runs_without_the_project(bundle, number):
    code = re.findall(r"```python\n(.*?)```", (bundle / "README.md").read_text(), re.DOTALL)[number]
    assert len(code.strip().splitlines()) == 5
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=bundle,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "(4, 8, 8, 1)"


def test_a_bundle_of_format_1_is_refused(bundle, tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps(manifests.read(bundle) | {"format": 1}))
    with pytest.raises(ValueError, match="must say format 2. Received: format 1.*export the model"):
        manifests.read(tmp_path)


def test_folders_for_triton_hold_letters_digits_and_underscores():
    path = backends.onnx_path(pathlib.PurePosixPath(), {"name": "a.b-c_1", "version": 2}, "sample")
    assert path.as_posix() == "onnx/a_b_c_1_sample/2/model.onnx"


def test_the_card_has_the_numbers_and_the_paper(bundle):
    card = (bundle / "README.md").read_text()
    assert json.dumps({"metric": "a_number", "value": 0.125, "step": 2}) in card
    assert "Radford et al., 2016" in card and "1617 examples" in card
    assert "- weights: the moving averages over the steps" in card
    assert "becomes -1 + 0.007843137 * pixel" in card and "not finished" not in card
    assert "A latent has 100 numbers in [-1, 1], drawn from the prior `uniform`" in card
