"""A run where a bundle must be, and the other way round, is said in one sentence, at once."""

import re
import subprocess
import sys

import pytest

import zoo
from export.runtime import places
from train import runs
from zoo import __main__


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, file in (("run", "experiment.json"), ("bundle", "manifest.json")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text("{}")
    (tmp_path / "other").mkdir()
    return tmp_path


def test_a_place_is_known_by_its_file(folder):
    kinds = [places.kind(folder / name) for name in ("run", "bundle", "other", "none")]
    assert kinds == [places.RUN, places.BUNDLE, None, None]


RUN_GIVEN = "Received: the run run; `zoo export run --out=BUNDLE` makes a bundle of it"
BUNDLE_GIVEN = "holds experiment.json, written by `zoo train`. Received: the bundle bundle, which"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "run"], RUN_GIVEN),
        (["export", "bundle", "--out=out"], BUNDLE_GIVEN),
        (["train", "--workdir=bundle"], BUNDLE_GIVEN),
        (["train", "--workdir=bundle", "--config=dcgan_digits"], BUNDLE_GIVEN),
        (["compare", "run", "bundle"], BUNDLE_GIVEN),
        (["sample", "other"], "and a bundle manifest.json, written by `zoo export`. Received: oth"),
        (["encode", "none", "--input=x"], "and a bundle manifest.json, written by `zoo export`."),
        (["sample", "bundle", "--best"], "a bundle holds one set of weights. Received: the bundle"),
        (["sample", "run", "--threads=2"], "`--threads` is for bundles. Received: --threads=2 for"),
    ],
)
def test_the_wrong_place_is_refused_in_one_line(folder, words, sentence, capsys):
    assert __main__.main(words) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert sorted(path.name for path in (folder / "bundle").iterdir()) == ["manifest.json"]


def test_functions_refuse_the_wrong_place(folder):
    with pytest.raises(FileNotFoundError, match=re.escape(RUN_GIVEN)):
        zoo.load("run")
    run = runs.Run("bundle")
    with pytest.raises(FileNotFoundError, match=BUNDLE_GIVEN):
        run.record()
    with pytest.raises(FileNotFoundError, match=BUNDLE_GIVEN):
        run.start(None, {})


@pytest.mark.parametrize("words", [["check", "run"], ["sample", "other"], ["compare", "bundle"]])
def test_it_is_said_before_anything_slow_is_imported(folder, words):
    program = (
        "import sys; from zoo import __main__; code = __main__.main(sys.argv[1:]); "
        "sys.exit(str({'numpy', 'PIL', 'onnxruntime', 'tensorflow'} & set(sys.modules) or code))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=60
    )
    assert done.stderr.splitlines()[1:] == ["2"]
