"""Kernels in 16 bits: half the bytes, the same values in every runtime, refused outside."""

import json
import shutil

import keras
import numpy as np
import onnx
import pytest

import zoo
from export import litert_models, weight_formats
from export.runtime import (
    backends,
    checks,
    folders,
    golden_rows,
    manifests,
    saved_model_checks,
    saved_model_files,
)

layers = keras.layers


def new_game(scale=1.0):
    keras.utils.set_random_seed(1)
    generator = keras.Sequential(
        [
            keras.Input([5]),
            layers.Dense(4 * 4 * 32, activation="relu"),
            layers.Reshape([4, 4, 32]),
            layers.Conv2DTranspose(64, 5, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.Conv2D(3, 5, padding="same", activation="tanh"),
        ]
    )
    critic = [keras.Input([8, 8, 3]), layers.Flatten(), layers.Dense(32), layers.Dense(1)]
    critic = keras.Sequential(critic)
    critic.layers[1].name = "features"
    kernel = generator.layers[0].kernel
    kernel.assign(scale * kernel)
    return zoo.games.GAN(
        generator=generator,
        critic=critic,
        prior=zoo.priors.normal(5),
        loss=zoo.losses.non_saturating(),
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return zoo.load(zoo.export(new_game(), tmp_path_factory.mktemp("plain") / "bundle"))


@pytest.fixture(scope="module", params=["fp16", "int16"])
def halved(request, tmp_path_factory):
    """The same with kernels in 16 bits."""
    out = tmp_path_factory.mktemp("halved") / "bundle"
    return zoo.load(zoo.export(new_game(), out, weights=request.param))


def test_the_weights_take_half_the_bytes_in_every_program(plain, halved):
    for path in (backends.onnx_path, lambda *parts: backends.saved_model_path(*parts[:2])):
        sizes = []
        for bundle in (plain, halved):
            place = path(bundle.path, bundle.manifest, "generate")
            sizes.append(place.stat().st_size if place.is_file() else folders.size(place))
        # kernels of 234 KB
        assert sizes[0] - sizes[1] > 110_000
    ratio = halved.manifest["sizes"]["variables"] / plain.manifest["sizes"]["variables"]
    assert 0.5 < ratio < 0.53


def test_the_manifest_and_the_card_say_so(plain, halved):
    form = halved.manifest["weights_format"]
    assert plain.manifest["weights_format"] == "float32" and form in ("float16", "int16")
    card = (halved.path / "README.md").read_text()
    assert f"kernels stored as {form} and computed with in float32" in card


def test_samples_are_those_of_the_nearest_weights(plain, halved):
    game = new_game()
    expected = game.sample(8, seed=1)
    kernels = [weight for weight in game.variables if weight_formats.is_kernel(weight)]
    word = {"float16": "fp16", "int16": "int16"}[halved.manifest["weights_format"]]
    with weight_formats.assigned(kernels, weight_formats.stored(kernels, word)):
        nearest = game.sample(8, seed=1)
    np.testing.assert_array_equal(game.sample(8, seed=1), expected)  # it has its own again
    np.testing.assert_allclose(halved.sample(8, seed=1), nearest, rtol=0, atol=1e-5)
    difference = np.abs(halved.sample(8, seed=1) - plain.sample(8, seed=1)).max()
    assert 1e-6 < difference < 2e-3


def test_biases_and_normalisations_stay_in_float32(halved):
    graph = onnx.load(backends.onnx_path(halved.path, halved.manifest, "sample")).graph
    kinds = {}
    for tensor in graph.initializer:
        kinds.setdefault(tensor.data_type, []).append(list(tensor.dims))
    kind = {"float16": onnx.TensorProto.FLOAT16, "int16": onnx.TensorProto.INT16}
    kernels = kinds[kind[halved.manifest["weights_format"]]]
    assert sorted(kernels) == [[3, 64, 5, 5], [5, 512], [32, 64, 5, 5]]
    assert [64] in kinds[onnx.TensorProto.FLOAT] or [1, 64, 1, 1] in kinds[onnx.TensorProto.FLOAT]


def test_graphs_may_be_as_large_as_those_of_twice_the_bytes(halved, monkeypatch):
    path = backends.saved_model_path(halved.path, halved.manifest)
    graph, sizes = saved_model_files.read(path), halved.manifest["sizes"]
    beyond = sizes["saved_model"] - sizes["variables"] - sizes["variables"] // 5
    each = -(-beyond // len(halved.manifest["endpoints"]))
    monkeypatch.setattr(saved_model_checks, "GRAPH_BYTES", each)
    saved_model_checks.check_variables(path, graph, halved.manifest)
    monkeypatch.setattr(saved_model_checks, "GRAPH_BYTES", each - 1)
    with pytest.raises(ValueError, match="at most 20 % more"):
        saved_model_checks.check_variables(path, graph, halved.manifest)


def test_the_gate_passes_it(halved):
    assert checks.check(halved.path, echo=lambda line: None, isolated=False) == []


def test_a_weight_outside_of_the_range_is_refused(tmp_path):
    game = new_game(scale=1e6)
    with pytest.raises(
        ValueError, match=r"must be in \[-65504, 65504\].*in .*kernel; --weights=fp32"
    ):
        zoo.export(game, tmp_path / "out", weights="fp16")
    with pytest.raises(ValueError, match="Available: "):
        zoo.export(game, tmp_path / "out", weights="int8")
    assert list(tmp_path.iterdir()) == []


def resaid(bundle, folder, word):
    """What the gate says of a copy whose manifest names another format."""
    copy = folder / "copy"
    shutil.copytree(bundle.path, copy)
    manifest = json.loads((copy / manifests.FILE).read_text())
    manifests.seal(copy, manifest | {"weights_format": word})
    with pytest.raises(ValueError, match="Kernels must be stored as `weights_format` says"):
        zoo.load(copy).sample()
    return " ".join(checks.check(copy, echo=lambda line: None, isolated=False))


@pytest.mark.parametrize("single", [False, True], ids=["half as single", "single as half"])
def test_a_manifest_that_lies_about_the_precision_is_refused(plain, halved, single, tmp_path):
    bundle, word = (plain, "float16") if single else (halved, "float32")
    failures = resaid(bundle, tmp_path, word)
    for program in ("SavedModel: the weights once", "ONNX generate", "ONNX sample"):
        assert f"{program}" in failures
    assert f"as `weights_format` says, {word}" in failures


def test_golden_values_are_those_of_the_stored_weights(halved):
    golden = golden_rows.read(halved.path / golden_rows.FILE)["generate"]
    made = halved.generate(golden.inputs["z"])
    np.testing.assert_allclose(made, golden.outputs["image"], rtol=0, atol=1e-5)


def test_integers_are_within_half_a_scale_of_every_channel():
    value = np.random.default_rng(0).normal(size=(5, 5, 4, 3)).astype(np.float32)
    value *= np.array([1e-6, 1.0, 0.0], np.float32)
    kept = weight_formats.as_integers(value)
    assert kept.numbers.dtype == np.int16 and kept.scale.shape == (3,)
    off = np.abs(kept.value() - value).max(axis=(0, 1, 2))
    assert np.all(off <= 0.5001 * np.abs(value).max(axis=(0, 1, 2)) / 32767)
    with pytest.raises(ValueError, match="must be finite"):
        weight_formats.as_integers(np.full((2, 2), np.nan, np.float32))


def test_a_litert_file_is_made_of_it(halved, tmp_path):
    pytest.importorskip("ai_edge_litert", reason="the extra [litert] is not installed")
    assert litert_models.write(halved.path, tmp_path / "litert")["generate"] <= 1e-5
