"""A bundle that is opened computes what was exported, takes what fits, and needs no TensorFlow."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

import zoo
from export.runtime import backends, golden_rows, manifests
from zoo import trained


@pytest.fixture(scope="module")
def opened(bundle):
    return zoo.load(bundle)


def test_a_bundle_says_what_it_offers(opened, bundle):
    assert isinstance(opened, trained.Trained) and opened.path == bundle
    assert opened.manifest == manifests.read(bundle)
    assert opened.offered() == {"generate": ("z",), "sample": ("seed",), "features": ("x",)}
    assert opened.classes() is None
    assert repr(opened) == f"Bundle({str(bundle)!r}: generate, sample, features)"


def test_every_endpoint_gives_the_golden_values(opened, bundle):
    for endpoint, golden in golden_rows.read(bundle / "golden.npz").items():
        outputs = opened.run(endpoint, golden.inputs)
        assert set(outputs) == set(golden.outputs)
        for name, value in outputs.items():
            assert golden_rows.difference(value, golden.outputs[name]) <= 1e-5


def test_samples_of_a_seed_are_a_function_of_seed_and_row(opened):
    many = opened.sample(300, seed=7)  # more than one call of the graph takes
    assert many.shape == (300, 8, 8, 1)
    np.testing.assert_allclose(opened.sample(3, seed=7), many[:3], rtol=0, atol=1e-5)
    rows = opened.run("sample", {"seed": trained.row_seeds(7, 1, first=290)})["image"]
    np.testing.assert_allclose(rows, many[290:291], rtol=0, atol=1e-5)
    assert np.abs(opened.sample(3, seed=8) - many[:3]).max() > 1e-2


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_floats_are_cast(opened, dtype):
    z = np.linspace(-1, 1, 200).reshape(2, 100).astype(dtype)
    expected = opened.generate(z.astype(np.float32))
    np.testing.assert_array_equal(opened.generate(z), expected)
    np.testing.assert_array_equal(opened.generate(z.tolist()), expected)


@pytest.mark.parametrize(
    ("endpoint", "inputs", "message"),
    [
        ("sampel", {}, "Unknown endpoint of this model 'sampel'.*Did you mean 'sample'?"),
        ("encode", {}, "Unknown endpoint of this model 'encode'. Available: features, generate"),
        ("generate", {"x": np.zeros((1, 100))}, "Unknown input of 'generate' 'x'. Available: z"),
        ("generate", {}, r"'generate' needs the inputs \['z'\]. Received: \[\]"),
        ("generate", {"z": np.zeros(100)}, r"`z` of 'generate'.*\['N', 100\]. Received: \(100,\)"),
        ("generate", {"z": np.zeros((2, 99))}, r"\['N', 100\]. Received: \(2, 99\)"),
        ("generate", {"z": np.float32(0)}, r"\['N', 100\]. Received: \(\)"),
        ("generate", {"z": np.zeros((0, 100))}, "at least 1. Received: 0 of z"),
        ("generate", {"z": [["1"] * 100]}, "must be float32. Received: <U1"),
        ("generate", {"z": np.zeros((1, 100), complex)}, "must be float32. Received: complex128"),
        ("sample", {"seed": [0.0]}, "`seed` of 'sample' must be int64. Received: float64"),
        ("sample", {"seed": [-1]}, r"`seed` of 'sample' must be in \[0, .*Received: -1 to -1"),
        ("sample", {"seed": np.uint64([2**63])}, r"must be in \[0, 9223372036854775807\]"),
        (
            "features",
            {"x": np.full((1, 8, 8, 1), 255, np.uint8)},
            r"`x` of 'features' must be in \[-1.0, 1.0\]. Received: 255 to 255",
        ),
    ],
)
def test_what_does_not_fit_is_refused(opened, endpoint, inputs, message):
    with pytest.raises(ValueError, match=message):
        opened.run(endpoint, inputs)


def test_a_graph_is_loaded_at_its_first_use_and_once(bundle, monkeypatch):
    loaded, session = [], backends.onnx_session
    monkeypatch.setattr(
        backends,
        "onnx_session",
        lambda path, **options: loaded.append(path.parts[-3]) or session(path, **options),
    )
    opened = zoo.load(bundle)
    assert loaded == []
    opened.sample(2)
    opened.sample(2)
    assert loaded == ["dcgan_digits_sample"]


def test_a_session_has_one_thread(bundle):
    session = backends.onnx_session(bundle / "onnx" / "dcgan_digits_sample" / "3" / "model.onnx")
    options = session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_a_bundle_has_as_many_threads_as_are_asked_for(bundle, monkeypatch):
    asked, session = [], backends.onnx_session
    monkeypatch.setattr(
        backends,
        "onnx_session",
        lambda path, *, threads: asked.append(threads) or session(path, threads=threads),
    )
    one, two = (zoo.load(bundle, **options).sample(2) for options in ({}, {"threads": 2}))
    np.testing.assert_allclose(one, two, rtol=0, atol=1e-5)
    assert asked == [1, 2]
    (path,) = bundle.glob("onnx/*_sample/3/model.onnx")
    options = session(path, threads=2).get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (2, 1)
    with pytest.raises(ValueError, match="`threads` must be at least 1. Received: 0"):
        zoo.load(bundle, threads=0)


def test_a_changed_file_is_refused(bundle, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    with (copy / "onnx" / "dcgan_digits_sample" / "3" / "model.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ValueError, match="changed onnx/dcgan_digits_sample/3/model.onnx"):
        zoo.load(copy)


@pytest.mark.parametrize("place", ["nowhere", "."])
def test_what_is_no_bundle_is_refused(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="`zoo export` wrote. Received: .*manifest.json"):
        zoo.load(place)


def test_a_bundle_needs_no_tensorflow(bundle):
    code = (
        "import sys; import zoo; b = zoo.load(sys.argv[1]); print(b.sample(4, seed=0).shape); "
        "heavy = {'tensorflow', 'keras', 'onnx', 'scipy'} & set(sys.modules); sys.exit(str(heavy) "
        "if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(bundle)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout.strip()) == (0, "(4, 8, 8, 1)"), done.stderr[-2000:]


def test_no_module_of_the_runtime_loads_tensorflow():
    code = (
        "import importlib, pkgutil, sys, export.runtime as r\n"
        "for m in pkgutil.iter_modules(r.__path__):\n"
        "    importlib.import_module(f'{r.__name__}.{m.name}')\n"
        "sys.exit(str({'tensorflow', 'keras', 'onnx', 'onnxruntime'} & set(sys.modules) or 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "0", done.stderr[-2000:]
