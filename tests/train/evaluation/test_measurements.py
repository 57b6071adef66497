"""`zoo evaluate` on untrained runs, against the same numbers made by hand."""

import json
import subprocess
import sys

import numpy as np
import pytest

from configs import schema
from train import checkpoints, runs
from train.evaluation import measurements, metrics
from zoo import __main__


@pytest.fixture
def ring(start, tmp_path):
    return start(tmp_path / "ring", schema.Data("ring", batch_size=8), shape=[2], value_range=None)


def test_modes_of_a_generator_is_the_count_by_hand(ring):
    record = measurements.evaluate(ring, "modes", num=500, verbose=False)
    points = checkpoints.load_game(ring).sample(500, seed=0)
    angles = np.pi * np.arange(8) / 4
    centres = np.sqrt(2.0) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    counts = (np.linalg.norm(points[:, None] - centres, axis=-1) <= 4 * 0.02 / np.sqrt(2.0)).sum(
        axis=0
    )
    assert record["value"] == np.sum(counts >= 500 / 80)
    np.testing.assert_allclose(record["beside"]["share"], counts.sum() / 500, rtol=1e-12)
    assert record["beside"]["data"]["covered"] == 8


def test_evaluate_names_the_nearest_metric(ring):
    with pytest.raises(ValueError, match="Did you mean 'modes'"):
        measurements.evaluate(ring, "mode")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_refused(ring, monkeypatch, bad):
    made = {"value": bad, "standard_error": None, "protocol": {}, "beside": {}}
    monkeypatch.setattr(metrics, "resolve", lambda row: lambda candidate: made)
    with pytest.raises(ValueError, match="must be finite. Received: modes = .* of 'ring'"):
        measurements.evaluate(ring, "modes", verbose=False)


def test_errors_that_are_no_numbers_are_none(ring, monkeypatch):
    beside = {"a": np.inf, "b": [1.0, np.nan], "c": {"d": np.float64("nan"), "e": 2}}
    made = {"value": 1.0, "standard_error": np.nan, "protocol": {}, "beside": beside}
    monkeypatch.setattr(metrics, "resolve", lambda row: lambda candidate: made)
    record = measurements.evaluate(ring, "modes", verbose=False)
    assert record["standard_error"] is None
    assert record["beside"] == {"a": None, "b": [1.0, None], "c": {"d": None, "e": 2}}
    assert json.loads(ring.metrics.read_text())["beside"] == record["beside"]


def test_command_adds_lines_and_publishes_the_last(ring, tmp_path, capsys):
    ring.metrics.write_text('{"metric": "earlier"}\n{"broken')
    out = tmp_path / "new" / "ring.json"
    for seed in (0, 1):
        words = [
            "evaluate",
            str(ring.directory),
            "--metrics=modes",
            "--num=50",
            f"--seed={seed}",
            f"--out={out}",
            "--noprogress",
        ]
        assert __main__.main(words) == 0
    lines = ring.metrics.read_text().splitlines()
    assert lines[:2] == ['{"metric": "earlier"}', '{"broken'] and len(lines) == 4
    published = json.loads(out.read_text())
    assert published["command"] == "zoo evaluate ring --metrics=modes --num=50 --seed=1"
    assert {**published, **json.loads(lines[-1])} == published
    assert {"machine", "versions", "experiment", "trained_with"} <= set(published)
    assert published["commit"] == runs.commit()
    assert published["trained_at"] == [runs.commit()]
    assert "modes: " in capsys.readouterr().out


def test_command_refuses_what_does_not_fit(start, ring, tmp_path, capsys):
    swiss = start(
        tmp_path / "swiss", schema.Data("swiss_roll", batch_size=8), shape=[2], value_range=None
    )
    digits = start(
        tmp_path / "digits",
        schema.Data("digits", batch_size=8),
        shape=[8, 8, 1],
        value_range=[-1.0, 1.0],
    )
    for words, said in [
        ([ring, "--metrics=parzne"], "Did you mean 'parzen'?"),
        ([ring], "`--metrics` must name"),
        (
            [ring, "--metrics=parzen"],
            "needs a data set of images with the splits train and test. Received: a run on 'ring'",
        ),
        (
            [digits, "--metrics=parzen"],
            "needs a data set of images with the splits train and test. "
            "Received: a run on 'digits'",
        ),
        (
            [swiss, "--metrics=modes"],
            "needs data with known modes: grid, ring. Received: a run on 'swiss_roll'",
        ),
        ([ring, "--metrics=modes,parzen", "--out=a.json"], "holds one metric"),
        ([ring, "--metrics=modes", "--seed=-1"], "`seed` must be in"),
        (
            [runs.Run(tmp_path / "none"), "--metrics=modes"],
            "must be a run, a bundle, a folder of pictures, an npz file or a data set",
        ),
    ]:
        assert __main__.main(["evaluate", str(words[0].directory), *words[1:]]) == 2, words
        assert said in capsys.readouterr().err, words
    assert not ring.metrics.exists()


def test_help_names_every_metric_without_tensorflow():
    program = (
        "import sys; from zoo import __main__; __main__.main(['evaluate', '--help']); "
        "print('tensorflow' in sys.modules)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert printed.endswith("False\n")
    assert all(metric in printed for metric in metrics.METRICS)
