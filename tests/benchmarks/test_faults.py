"""The short form of the campaign of faults: a few of each kind, and nothing is lost."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.skipif(not pathlib.Path("/proc/self/fd").exists(), reason="faults are placed by /proc")
def test_interrupted_and_damaged_runs_end_as_the_undisturbed_one(tmp_path):
    done = subprocess.run(
        [sys.executable, "benchmarks/faults.py", "--short", f"--out={tmp_path}"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    first = json.loads((tmp_path / "interruptions.json").read_text())
    assert first["interruptions"] >= 3 and first["lost"] == {}
    assert [row["good"] for row in json.loads((tmp_path / "cases.json").read_text())["rows"]] == [
        True,
        True,
    ]
    assert "**2 of 2 other faults end as they must.**" in (tmp_path / "README.md").read_text()
