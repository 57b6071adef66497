"""A run directory has one owner at a time."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from train import owners

HOLDS = """
import sys, time, pathlib
from train import owners
with owners.held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds a run directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_owner_is_refused_with_the_name_of_the_first(tmp_path, holder):
    with pytest.raises(owners.OwnedError) as refused, owners.held(tmp_path / "run"):
        pass
    (line,) = str(refused.value).splitlines()
    assert line.startswith("A run directory is trained in by one process at a time. Received: ")
    assert f"process {holder.pid} on {owners.host()}" in line
    assert (tmp_path / "run" / owners.FILE).exists()


def test_a_killed_owner_is_followed(tmp_path, holder, capsys):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with owners.held(tmp_path / "run"):
        assert json.loads((tmp_path / "run" / owners.FILE).read_text())["process"] == os.getpid()
    said = capsys.readouterr().out
    assert f"process {holder.pid} on {owners.host()}, which ended without giving it up" in said
    assert not (tmp_path / "run").exists() or not list((tmp_path / "run").iterdir())


def test_an_owner_that_ended_leaves_nothing(tmp_path, capsys):
    for _ in range(2):
        with owners.held(tmp_path / "a" / "run"):
            assert (tmp_path / "a" / "run" / owners.FILE).exists()
        assert list(tmp_path.iterdir()) == []
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a.txt").touch()
    with pytest.raises(KeyError), owners.held(tmp_path / "run"):
        raise KeyError
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["a.txt"]
    assert capsys.readouterr().out == ""


def test_an_empty_folder_of_the_user_stays(tmp_path):
    with owners.held(tmp_path):
        pass
    assert tmp_path.is_dir()


@pytest.fixture(params=[errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def no_locks(request, monkeypatch):
    """A shared file system that has no locks."""

    def flock(number, operation):
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", flock)


def write(folder, **changed):
    owner = owners.named() | changed
    (folder / owners.FILE).write_text(json.dumps(owner))


def test_without_locks_the_names_decide(tmp_path, no_locks, capsys):
    write(tmp_path, process=os.getppid(), began=owners.began(os.getppid()))
    with pytest.raises(owners.OwnedError, match=f"process {os.getppid()} on"):
        owners.held(tmp_path).__enter__()
    dead = subprocess.Popen(["true"])
    dead.wait()
    write(tmp_path, host="elsewhere", process=dead.pid)  # which nobody here can see
    with pytest.raises(owners.OwnedError, match=f"on elsewhere.*remove .*{owners.FILE}"):
        owners.held(tmp_path).__enter__()
    write(tmp_path, process=dead.pid)
    with owners.held(tmp_path):
        assert "ended without giving it up" in capsys.readouterr().out
    write(tmp_path, process=os.getppid(), began="another process had this number")
    with owners.held(tmp_path):
        pass


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": "a"}'])
def test_a_file_that_names_nobody_is_taken_over(tmp_path, content):
    (tmp_path / owners.FILE).write_text(content)
    with owners.held(tmp_path):
        pass


def test_a_program_that_the_owner_starts_does_not_hold_the_run(tmp_path):
    program = "import os, time; os.close(0); print(1, flush=True); time.sleep(600)"
    with owners.held(tmp_path):
        child = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, close_fds=False
        )
        child.stdout.readline()
    try:
        with owners.held(tmp_path):
            assert time.time() > 0
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
