"""`zoo check` as a user calls it."""

import os
import pathlib
import subprocess
import sys

import pytest

from zoo import __main__

ROOT = pathlib.Path(__file__).parents[2]


def zoo(*words, **options):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "zoo", *map(str, words)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, **options
    )


def test_help_needs_no_tensorflow():
    code = (
        "import sys; from zoo.command import verbs; verbs.run(['check', '--help']); "
        "sys.exit('tensorflow' in sys.modules or 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stdout.startswith("usage: zoo check ")


def test_check_in_a_process_of_its_own_passes_a_bundle(bundle, tmp_path):
    done = zoo("check", bundle, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.rstrip().endswith("every check passed")


def test_check_says_what_failed(bundle, tmp_path, capsys):
    (tmp_path / "other").mkdir()
    assert __main__.main(["check", str(tmp_path / "other")]) == 1
    assert "FAIL  manifest.json is as docs/bundles.md has it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check"], "The following arguments are required: DIR"),
        (["check", "nowhere"], "takes the directory of a bundle"),
    ],
)
def test_wrong_words_are_refused(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert __main__.main(words) == 2
    assert message in capsys.readouterr().err
