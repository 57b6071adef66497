import errno
import hashlib
import json
import os

import numpy as np
import pytest

from export.runtime import files


def test_write_json_replaces_the_file_as_a_whole(tmp_path):
    path = tmp_path / "new" / "a.json"
    assert files.write_json(path, {"a": 1}) == path
    with pytest.raises(TypeError):
        files.write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1} == files.read_json(path)
    assert [file.name for file in path.parent.iterdir()] == ["a.json"]


def test_write_that_is_killed_leaves_the_old_file(tmp_path, monkeypatch):
    path = files.write_text(tmp_path / "a.txt", "é")
    monkeypatch.setattr(files.os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        files.write_text(path, "new")
    assert path.read_bytes() == "é".encode()


def test_read_json_names_a_file_that_holds_none(tmp_path):
    path = files.write_text(tmp_path / "a.json", '{"a": ')
    with pytest.raises(ValueError, match="must hold JSON.*a.json"):
        files.read_json(path)
    with pytest.raises(FileNotFoundError):
        files.read_json(tmp_path / "b.json")


def test_digest_is_sha256_of_all_bytes_in_order(tmp_path):
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    path = files.write_bytes(tmp_path / "a.bin", b"file")
    expected = hashlib.sha256(b"head" + array.T.copy().tobytes() + b"file").hexdigest()
    assert files.digest(b"head", array.T, path) == expected


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = files.write_text(tmp_path / "a.txt", "old")

    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write_text(path, "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_a_file_and_its_name_are_on_the_disk_in_this_order(tmp_path, monkeypatch):
    events, synced, renamed = [], os.fsync, os.replace
    monkeypatch.setattr(files.os, "fsync", lambda n: events.append("sync") or synced(n))
    monkeypatch.setattr(files.os, "replace", lambda a, b: events.append("rename") or renamed(a, b))
    files.write_text(tmp_path / "a.txt", "new")
    assert events == ["sync", "rename", "sync"]
    files.write_text(tmp_path / "b" / "c" / "a.txt", "new")  # with two folders' names
    assert events[3:] == ["sync", "sync", "sync", "rename", "sync"]
