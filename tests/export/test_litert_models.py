"""LiteRT files compute what the bundle does; what LiteRT cannot compute is not written."""

import sys

import numpy as np
import pytest

from export import litert_models
from export.runtime import golden_rows, manifests
from zoo import __main__, extras


@pytest.fixture(scope="module")
def written(bundle, tmp_path_factory):
    pytest.importorskip("ai_edge_litert", reason="the extra [litert] is not installed")
    out = tmp_path_factory.mktemp("litert") / "out"
    return out, litert_models.write(bundle, out)


def test_files_are_there_for_what_litert_computes(written):
    out, differences = written
    assert [path.name for path in out.iterdir()] == ["generate.tflite"]  # and no `sample`
    assert 0.0 <= differences["generate"] <= 1e-5


def test_a_program_has_the_names_of_the_endpoint(bundle, written):
    from ai_edge_litert import interpreter

    opened = interpreter.Interpreter(model_path=str(written[0] / "generate.tflite"))
    assert opened.get_signature_list() == {"generate": {"inputs": ["z"], "outputs": ["image"]}}
    golden = golden_rows.read(bundle / golden_rows.FILE)["generate"]
    images = opened.get_signature_runner("generate")(z=golden.inputs["z"][5:12])["image"]
    np.testing.assert_allclose(images, golden.outputs["image"][5:12], atol=1e-5)


def test_the_command_writes_them_next_to_a_bundle(run, tmp_path, capsys):
    pytest.importorskip("ai_edge_litert", reason="the extra [litert] is not installed")
    out, lite = tmp_path / "bundle", tmp_path / "lite"
    words = ["export", str(run.directory), f"--out={out}", "--endpoints=sample,generate"]
    assert __main__.main([*words, f"--litert={lite}"]) == 0
    printed = capsys.readouterr().out
    assert [path.name for path in lite.iterdir()] == ["generate.tflite"]
    assert "ok  LiteRT: golden values of generate" in printed
    assert printed.endswith("has no bitwise operations, so there is none of `sample`.\n")
    manifests.verify(out)  # the files are not in the bundle
    assert __main__.main([*words, f"--litert={lite}"]) == 2  # before anything is computed
    assert "must not exist" in capsys.readouterr().err


def test_the_command_says_which_extra_is_missing(run, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    words = ["export", str(run.directory), f"--out={tmp_path / 'a'}", f"--litert={tmp_path / 'b'}"]
    assert __main__.main(words) == 2
    assert "[litert]" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_another_result_is_refused_and_leaves_nothing(bundle, written, tmp_path, monkeypatch):
    monkeypatch.setattr(litert_models, "largest_difference", lambda *values: 2e-5)
    with pytest.raises(ValueError, match="golden outputs of 'generate', to 1e-05. Received: a"):
        litert_models.write(bundle, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_difference_is_seen(bundle, written):
    program = (written[0] / "generate.tflite").read_bytes()
    golden = golden_rows.read(bundle / golden_rows.FILE)["generate"]
    moved = golden._replace(outputs={"image": golden.outputs["image"] + np.float32(0.25)})
    assert litert_models.largest_difference(program, "generate", moved) == pytest.approx(
        0.25, abs=1e-5
    )


def test_a_missing_package_is_said_with_the_command_that_brings_it(bundle, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    with pytest.raises(extras.MissingExtraError, match=r"\[litert\]"):
        litert_models.write(bundle, tmp_path / "out")
