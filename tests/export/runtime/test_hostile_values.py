"""A stranger's golden values, warm-up requests and computations; what ends a runtime."""

import io
import json
import shutil
import signal
import subprocess
import sys
import zipfile

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from export.runtime import children, golden_rows, records, trials, warm_up

GRAPH, PROGRAM = "onnx/tiny_sample/1/model.onnx", "saved_model/1"


def goldens(change):
    """A change to the golden values."""

    def apply(directory, manifest):
        golden = golden_rows.read(directory / "golden.npz")
        change(golden)
        golden_rows.write(directory / "golden.npz", golden)

    return apply


def packed(change):
    """A change to the entries of golden.npz: name -> bytes."""

    def apply(directory, manifest):
        with zipfile.ZipFile(directory / "golden.npz") as file:
            entries = {name: file.read(name) for name in file.namelist()}
        change(entries)
        with zipfile.ZipFile(directory / "golden.npz", "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in entries.items():
                file.writestr(name, content)

    return apply


def array(value):
    stream = io.BytesIO()
    np.save(stream, value, allow_pickle=True)
    return stream.getvalue()


def header(shape):
    """A file of an array with another shape in its header, and the values of the first row."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    return b"\x93NUMPY\x01\x00\x76\x00" + text.ljust(117).encode() + b"\n" + bytes(64 * 3 * 4)


def requests(change):
    """A change to the warm-up requests: a list of (signature, inputs)."""

    def apply(directory, manifest):
        path = directory / PROGRAM / warm_up.FILE
        asked = warm_up.read(directory / PROGRAM)
        change(asked)
        records.write(path, (warm_up.encode(*request) for request in asked))
        files = [p for p in (directory / PROGRAM).rglob("*") if p.is_file()]
        manifest["sizes"]["saved_model"] = sum(p.stat().st_size for p in files)

    return apply


Z = "generate/inputs/z.npy"
VALUES = {
    "no arrays": (packed(dict.clear), "must hold 4 arrays"),
    "an array more": (packed(lambda e: e.update({"a/inputs/b.npy": b""})), "must hold 4 arrays"),
    "2,000 arrays": (
        packed(lambda e: e.update({f"{n}": b"" for n in range(2000)})),
        "at most",  # bytes of golden.npz
    ),
    "an array by another name": (
        packed(lambda e: e.update({"../../x.npy": e.pop(Z)})),
        "must hold the inputs and outputs of every endpoint",
    ),
    "an array that unpacks to 5 MB": (
        packed(lambda e: e.update({Z: bytes(5 * 10**6)})),
        f"{Z} must have 768 bytes of values",
    ),
    "another shape in a header": (
        packed(lambda e: e.update({Z: header((10**9, 3))})),
        f"{Z} must be ('float32', (64, 3))",
    ),
    "objects that unpickle": (
        packed(lambda e: e.update({Z: array(np.array([print], object)).ljust(900)})),
        "must be numbers in C order",
    ),
    "float64": (
        packed(lambda e: e.update({Z: array(np.zeros((32, 3)))})),
        "must be ('float32', (64, 3))",
    ),
    "no zip file": (
        lambda d, m: (d / "golden.npz").write_bytes(b"PK" * 100),
        "must be a plain zip file",
    ),
    "NaN": (
        goldens(lambda g: g["sample"].outputs["image"].fill(np.nan)),
        "NaN or infinity in 'image' of 'sample'",
    ),
    "outputs outside of their range": (
        goldens(lambda g: g["sample"].outputs["image"].fill(1.5)),
        "'image' of 'sample' must be in [-1.0, 1.0]",
    ),
    "seeds outside of their range": (
        goldens(lambda g: g["sample"].inputs["seed"].fill(-1)),
        "'seed' of 'sample' must be in [0, 9223372036854775807]",
    ),
    "latents of another prior": (
        goldens(lambda g: g["generate"].inputs["z"].fill(0.5)),
        "'z' of 'generate' must be drawn from the golden seeds by the prior",
    ),
    "outputs that are lies": (
        goldens(lambda g: g["sample"].outputs["image"].__imul__(np.float32(0.99))),
        "onnx: golden values at batch 1, 3 and 64: 'image' of 'sample' must be equal",
    ),
    "no warm-up": (requests(list.clear), "must ask every endpoint once"),
    "an endpoint asked twice": (
        requests(lambda asked: asked.append(asked[0])),
        "must ask every endpoint once",
    ),
    "other inputs": (
        requests(lambda asked: asked[0][1]["z"].__iadd__(1)),
        "must ask 'generate' for its first golden row",
    ),
    "10,000 rows": (
        requests(lambda asked: asked[0][1].update(z=np.zeros((10**4, 3), np.float32))),
        "tf_serving_warmup_requests of 120",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_other_values_are_refused(refused, name):
    change, sentence = VALUES[name]
    assert sentence in refused(change)


def test_warm_up_with_another_checksum_is_refused(refused):
    def change(directory, manifest):
        path = directory / PROGRAM / warm_up.FILE
        path.write_bytes(path.read_bytes()[:-1] + b"\0")

    assert "whole records with right checksums" in refused(change)


def test_weights_that_compute_something_else_are_refused(refused):
    def change(directory, manifest):
        model = onnx.load(directory / GRAPH)
        kernel = next(t for t in model.graph.initializer if list(t.dims) == [3, 16])
        other = numpy_helper.to_array(kernel) + np.float32(0.1)
        kernel.CopyFrom(numpy_helper.from_array(other, kernel.name))
        (directory / GRAPH).write_bytes(model.SerializeToString())

    assert "onnx: golden values at batch 1, 3 and 64: 'image' of 'sample'" in refused(change)


def computing(*nodes, **constants):
    """A change to the graph of `sample`: operators more, whose last output, `sum`, is added."""

    def change(directory, manifest):
        model = onnx.load(directory / GRAPH)
        for name, value in constants.items():
            model.graph.initializer.append(numpy_helper.from_array(np.int64(value), name))
        for place, words in enumerate(nodes):
            operator, inputs, outputs = (part.split() for part in words.split(":"))
            model.graph.node.insert(place, onnx.helper.make_node(*operator, inputs, outputs))
        model.graph.node[-1].output[0] = "before"
        model.graph.node.append(onnx.helper.make_node("Add", ["before", "sum"], ["image"]))
        (directory / GRAPH).write_bytes(model.SerializeToString())

    return change


# the sizes alone ask for little; their product, which no constant says, for the memory
@pytest.mark.parametrize("side", [60_000, 23_000], ids=["14 GB", "2 GB"])
def test_a_graph_that_computes_its_size_ends_alone(refused, side):
    failures = refused(
        computing(
            "Mul : side side : area",
            "ConstantOfShape : area : large",
            "ReduceMax : large : sum",
            side=[side],
        )
    )
    assert "must compute without an error" in failures or "runs within its limits" in failures


def test_a_graph_that_computes_for_long_is_ended(good, tmp_path):
    copy = shutil.copytree(good, tmp_path / "copy")
    products = [f"MatMul : m{n} m{n} : m{n + 1}" for n in range(40)]
    ends = ["ConstantOfShape : shape : m0", *products, "ReduceMax : m40 : sum"]
    computing(*ends, shape=[3000, 3000])(copy, None)
    words = [sys.executable, "-m", "export.runtime.trials", copy, "704", "1", "onnx"]
    assert subprocess.run(words, capture_output=True).returncode == -signal.SIGXCPU


def test_a_process_that_dies_is_a_failed_check(good, monkeypatch):
    monkeypatch.setattr(children.sys, "executable", "/bin/false")
    (result,) = children.results(good, 0, ["onnx"])
    assert result.what == "onnx: runs within its limits"
    assert "Received: an end with status 1 before the last check" in result.failure


@pytest.mark.parametrize(
    ("status", "late", "sentence"),
    [
        (-11, False, "a crash (SIGSEGV)"),
        (-6, False, "a crash (SIGABRT)"),
        (-24, False, "more time (SIGXCPU)"),
        (-9, True, "no end after 75 seconds"),
    ],
)
def test_the_end_of_a_process_is_told(status, late, sentence):
    assert sentence in children.reason(status, late, mebibytes=704, seconds=25)


def test_a_process_has_no_more_of_the_environment_than_it_needs(monkeypatch):
    monkeypatch.setenv("API_KEY", "a secret")
    assert "a secret" not in json.dumps(children.environment("/home"))


def test_an_error_is_one_line():
    assert trials.sentence(ValueError("a\n  b")) == "a b"
    assert len(trials.sentence(ValueError("a" * 10_000))) == 600
    assert trials.sentence(ValueError()) == "ValueError"
