"""A bundle of a run says all that the run recorded; the verb refuses wrong words."""

import pathlib
import subprocess
import sys

import pytest

import configs
from train import bundles, history, runs
from zoo import __main__

ROOT = pathlib.Path(__file__).parents[2]
COMMIT = {"hash": "0" * 40, "date": "2026-01-01T00:00:00+00:00", "changed": False}
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
    "commits": [None, COMMIT],
}
NUMBERS = [{"metric": "modes", "value": 10.0, "step": 7}]


def test_a_record_becomes_a_description():
    description = bundles.describe(RECORD, NUMBERS, finished=False)
    assert (description.name, description.paper, description.metrics) == (
        "dcgan_digits",
        "Radford et al., 2016",
        NUMBERS,
    )
    assert description.commit == COMMIT and not description.best
    assert description.finished is False
    assert description.data == {
        "name": "folder:photos",  # not the folders of this machine
        "batch_size": 64,
        "split": "train",
        "shape": [8, 8, 1],
        "count": 1797,
        "value_range": [-1.0, 1.0],
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


def test_a_run_from_before_commits_were_recorded_has_none():
    record = {key: value for key, value in RECORD.items() if key != "commits"}
    assert bundles.describe(record, []).commit is None


@pytest.mark.parametrize(
    ("rows", "step", "best", "finished"),
    [
        ([], 0, False, False),
        ([(1, 10)], 10, False, False),
        ([(1, 10), (2, 20)], 20, False, True),
        ([(1, 10), (2, 20)], 10, False, False),  # killed before the last checkpoint
        ([(1, 10), (2, 20)], 10, True, True),
        ([(1, 10)], 10, True, False),
    ],
)
def test_a_run_is_finished_when_its_last_epoch_is_in_the_weights(
    rows, step, best, finished, tmp_path
):
    run = runs.Run(tmp_path, best=best)
    run.start(configs.load("dcgan_digits").override(["train.epochs=2"]), {})
    for epoch, steps in rows:
        history.write(run.history, {"epoch": epoch, "step": steps})
    assert bundles._finished(run, step) is finished


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
