"""Two workers on the loopback: a death, a signal and a restart cost nothing that was saved."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
import tensorflow as tf

PROGRAM = pathlib.Path(__file__).with_name("workers_program.py")
STAGES = {
    "undisturbed": "whole:none:0:0",
    "another experiment": "new:other:0:0",
    "worker 1 is killed": "run:SIGKILL:1:6",
    "worker 1 is stopped": "run:SIGTERM:1:6",
    "worker 0 is killed": "run:SIGKILL:0:10",
    "to the end": "run:none:1:0",
}
CODES = "codes.txt"


@pytest.fixture(scope="module")
def stages(once):
    """Returns the folder of the runs, and the exit codes of both workers by stage."""
    folder = once("workers", _run)
    codes = (folder / CODES).read_text().splitlines()
    return folder, dict(zip(STAGES, codes, strict=True))


def _run(folder):
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), *STAGES.values()],
        env=os.environ | {"PYTHONPATH": str(PROGRAM.parents[2])},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (folder / CODES).write_text(done.stdout)


def said(stages, stage, index):
    return (stages[0] / f"{STAGES[stage]}_{index}.txt").read_text()


def values(folder):
    """Returns every value of the checkpoint of the last step, by name."""
    reader = tf.train.load_checkpoint(str(folder / "checkpoints" / "step-12"))
    names = [name for name in reader.get_variable_to_shape_map() if not name.startswith("_")]
    return {name: reader.get_tensor(name).tobytes() for name in names}


@pytest.mark.parametrize(
    ("stage", "codes"),
    [
        ("undisturbed", "0 0"),
        ("another experiment", "5 5"),
        ("worker 1 is killed", "4 -9"),
        ("worker 1 is stopped", "143 143"),
        ("worker 0 is killed", "-9 4"),
        ("to the end", "0 0"),
    ],
)
def test_both_workers_end_with_a_code_that_says_why(stages, stage, codes):
    assert stages[1][stage] == codes, (
        said(stages, stage, 0)[-3000:] + said(stages, stage, 1)[-3000:]
    )


@pytest.mark.parametrize(("lost", "other"), [(1, 0), (0, 1)])
def test_the_worker_that_is_left_names_the_one_that_died(stages, lost, other):
    words = said(stages, f"worker {lost} is killed", other)
    assert re.search(rf"Lost: worker {lost} \(127.0.0.1:\d+\) has ended or cannot be", words)


def test_a_signal_to_one_stops_both_at_its_step(stages):
    assert "Saved" in said(stages, "worker 1 is stopped", 0)
    assert "step-6;" in said(stages, "worker 1 is stopped", 0)
    assert "continued at step 6, on 4 CPU devices of 2 workers" in said(
        stages, "worker 0 is killed", 0
    )


def test_what_died_and_went_on_ends_with_the_bits_of_what_did_not(stages):
    whole, broken = (values(stages[0] / name) for name in ("whole", "run"))
    assert len(whole) > 20
    assert whole == broken
    losses = [
        [line.split(",")[:4] for line in (stages[0] / name / "history.csv").open()]
        for name in ("whole", "run")
    ]
    assert losses[0] == losses[1]


def test_the_chief_alone_writes(stages):
    folders = {path.name for path in stages[0].iterdir() if path.is_dir()}
    assert folders == {"whole", "run"}


def test_workers_with_another_experiment_are_refused(stages):
    for index in (0, 1):
        words = said(stages, "another experiment", index)
        assert "the same data. Received: another one in the workers [1] than in worker 0" in words
