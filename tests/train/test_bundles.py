"""A bundle of a run says all that the run recorded; the verb refuses wrong words."""

import json
import pathlib
import subprocess
import sys

import pytest

from train import bundles
from zoo import __main__

ROOT = pathlib.Path(__file__).parents[2]
RECORD = {
    "experiment": {
        "name": "dcgan_digits",
        "paper": "Radford et al., 2016",
        "seed": 3,
        "game": {"name": "a game", "prior": {"name": "uniform", "size": 100}},
        "optimizers": {"critic": {"name": "adam"}},
        "data": {"name": "folder:/home/someone/photos", "batch_size": 64, "split": "train"},
        "train": {"epochs": 5},
    },
    "data": {"shape": [8, 8, 1], "count": 1797, "value_range": [-1.0, 1.0]},
    "versions": {"keras": "3.15.1"},
}
NUMBERS = [{"metric": "modes", "value": 10.0, "step": 7}]


def test_a_record_becomes_a_description():
    description = bundles.describe(RECORD, NUMBERS)
    assert (description.name, description.paper, description.metrics) == (
        "dcgan_digits",
        "Radford et al., 2016",
        NUMBERS,
    )
    assert description.prior == {"name": "uniform", "size": 100}
    assert description.data == {
        "name": "folder:photos",  # not the folders of this machine
        "batch_size": 64,
        "split": "train",
        "shape": [8, 8, 1],
        "count": 1797,
        "value_range": [-1.0, 1.0],
        "preprocessing": "-1 + 2 * pixel / 255",
    }
    assert description.training == {
        "experiment": "dcgan_digits",
        "seed": 3,
        "game": RECORD["experiment"]["game"],
        "optimizers": {"critic": {"name": "adam"}},
        "epochs": 5,
        "batch_size": 64,
        "versions": {"keras": "3.15.1"},
    }


def test_data_without_bounds_was_never_pixels():
    record = json.loads(json.dumps(RECORD))
    record["data"]["value_range"] = None
    assert bundles.describe(record, []).data["preprocessing"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["export"], "The following arguments are required: --out"),
        (["export", "nowhere", "--out=new"], "holds experiment.json"),
        (["export", "nowhere", "--out=.", "--version=2"], "must not exist"),
        (["export", "nowhere", "--out=new", "--version=0"], "version"),
    ],
)
def test_wrong_words_are_refused(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert __main__.main(words) == 2
    assert message in capsys.readouterr().err


def test_help_needs_no_tensorflow():
    code = (
        "import sys; from zoo.command import verbs; verbs.run(['export', '--help']); "
        "sys.exit('tensorflow' in sys.modules or 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stdout.startswith("usage: zoo export ")
