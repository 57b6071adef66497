"""An export that fails, is stopped or is killed leaves nothing for long."""

import errno
import os
import signal
import subprocess
import sys

import pytest
import tensorflow as tf

from export.runtime import partials

# a shell that starts the tests in the background has them ignore Ctrl-C
PROGRAM = """
import pathlib, signal, sys
from export.runtime import partials
signal.signal(signal.SIGINT, signal.default_int_handler)
with partials.directory(pathlib.Path(sys.argv[1])) as path:
    (path / "file").write_text("half")
    print(path, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that has begun to write `out`."""
    words = [sys.executable, "-c", PROGRAM, str(tmp_path / "out")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, **pipes) as process:
        assert ".out.partial-" in process.stdout.readline()
        yield process
        process.kill()


def test_a_directory_appears_whole(tmp_path):
    with partials.directory(tmp_path / "new" / "out") as path:
        (path / "file").write_text("whole")
        assert path.name.startswith(".out.partial-") and not (tmp_path / "new" / "out").exists()
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["out"]
    assert (tmp_path / "new" / "out" / "file").read_text() == "whole"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_export_removes_what_it_wrote_and_says_so(other, tmp_path, number):
    other.send_signal(number)
    printed, _ = other.communicate(timeout=60)
    assert "Stopped" in printed and "nothing is left of it" in printed
    assert other.returncode == (128 + number if number == signal.SIGTERM else -number)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_export_left_is_removed_by_the_next_one(other, tmp_path, capsys):
    other.kill()
    other.wait(timeout=60)
    (left,) = tmp_path.iterdir()
    with partials.directory(tmp_path / "out"):
        assert not left.exists()
    assert f"Removed {left}" in capsys.readouterr().out
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_what_another_export_is_writing_stays(other, tmp_path):
    (theirs,) = tmp_path.iterdir()
    with partials.directory(tmp_path / "out"):
        assert (theirs / "file").read_text() == "half"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EFBIG, "File too large"),
        tf.errors.ResourceExhaustedError(None, None, os.strerror(errno.ENOSPC)),
    ],
    ids=["no space", "too large", "tensorflow"],
)
def test_a_full_disk_is_said(tmp_path, error):
    with pytest.raises(OSError, match="needs room on the disk.*nothing is left of it"):
        with partials.directory(tmp_path / "out") as path:
            (path / "file").write_text("half")
            raise error
    assert list(tmp_path.iterdir()) == []


def test_what_was_made_meanwhile_is_kept(tmp_path):
    with pytest.raises(FileExistsError, match="must not exist"):
        with partials.directory(tmp_path / "out"):
            (tmp_path / "out").write_text("theirs")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
