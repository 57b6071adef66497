"""The repository that `benchmarks/triton_bundles.py` makes of bundles; the script starts Triton."""

import importlib.util
import pathlib
import sys

import pytest

from export.runtime import backends, manifests

FOLDER = pathlib.Path(__file__).parents[2] / "benchmarks"
CONFIG = 'platform: "onnxruntime_onnx"\nmax_batch_size: 64\n'
MANIFESTS = {
    name: {"name": name, "version": 1, "endpoints": {"sample": {"inputs": {"seed": {}}}}}
    for name in ("cats", "dogs")
}


@pytest.fixture
def triton(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("triton_script", FOLDER / "triton_bundles.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "triton_script", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bundles(tmp_path, monkeypatch):
    monkeypatch.setattr(manifests, "read", lambda directory: MANIFESTS[directory.name])
    # models are folders NAME_ENDPOINT with a folder of each version
    monkeypatch.setattr(
        backends,
        "onnx_path",
        lambda directory, manifest, endpoint: (
            directory / "onnx" / f"{manifest['name']}_{endpoint}" / "1" / "model.onnx"
        ),
    )
    for name, manifest in MANIFESTS.items():
        graph = backends.onnx_path(tmp_path / name, manifest, "sample")
        graph.parent.mkdir(parents=True)
        graph.write_bytes(name.encode())
        (graph.parents[1] / "config.pbtxt").write_text(CONFIG)
    return [tmp_path / name for name in MANIFESTS]


def test_bundles_become_one_repository_with_a_renamed_model(triton, bundles, tmp_path):
    models = triton.merge(bundles, tmp_path / "repository")
    assert sorted(models) == ["a_model_under_another_name", "cats_sample", "dogs_sample"]
    graphs = {path.parents[1].name: path for path in (tmp_path / "repository").rglob("*.onnx")}
    assert {name: path.read_bytes() for name, path in graphs.items()} == {
        "a_model_under_another_name": b"dogs",
        "cats_sample": b"cats",
        "dogs_sample": b"dogs",
    }


def test_two_models_of_one_name_are_refused(triton, bundles, tmp_path):
    with pytest.raises(ValueError, match="must differ.*Received: 'cats_sample'"):
        triton.merge([bundles[0], bundles[0]], tmp_path / "repository")


def test_the_shim_changes_nothing_but_the_backend(triton, bundles, tmp_path):
    triton.merge(bundles, tmp_path / "repository")
    triton.run_by_shim(tmp_path / "repository")
    for model in (tmp_path / "repository").iterdir():
        assert (model / "config.pbtxt").read_text() == CONFIG.replace(
            'platform: "onnxruntime_onnx"', 'backend: "python"'
        )
        assert (model / "1" / "model.py").read_bytes() == triton.SHIM.read_bytes()
