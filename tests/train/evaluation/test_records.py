"""Records: what is read of lines and files, and which records can be compared."""

import errno
import json
import os

import pytest

from train.evaluation import records


def record(metric="modes", **protocol):
    return {"metric": metric, "value": 1.0, "step": 3, "protocol": protocol, "beside": {}}


def test_lines_come_back_without_the_one_that_a_killed_process_broke_off(tmp_path):
    path = tmp_path / "metrics.jsonl"
    assert records.read(path) == ([], 0)
    records.append(path, record(samples=1))
    path.write_text(path.read_text() + json.dumps(record(samples=2))[:20])
    assert records.read(path) == ([record(samples=1)], 1)
    records.append(path, record(samples=3))
    assert records.read(path) == ([record(samples=1), record(samples=3)], 1)


def test_a_full_disk_leaves_the_lines_that_were_there(tmp_path, monkeypatch):
    path = tmp_path / "metrics.jsonl"
    records.append(path, record(samples=1))

    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        records.append(path, record(samples=2))
    assert records.read(path) == ([record(samples=1)], 0)


def test_a_value_that_is_no_number_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        records.append(tmp_path / "metrics.jsonl", record() | {"value": float("nan")})
    assert not (tmp_path / "metrics.jsonl").exists()


def test_records_of_one_protocol_are_together_whatever_their_seed():
    rows = [record(samples=1, seed=0), record(samples=2, seed=0), record(samples=1, seed=1)]
    first, second, other = records.by_protocol([*rows, record("parzen")])
    assert (first.metric, first.differing, first.records) == ("modes", {"samples": 1}, rows[::2])
    assert (second.differing, second.records) == ({"samples": 2}, [rows[1]])
    assert (other.metric, other.differing) == ("parzen", {})


@pytest.mark.parametrize("content", [b"[1]", b"{", b"\xff\xfe"], ids=["list", "cut", "bytes"])
def test_a_file_that_holds_no_object_is_none(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    assert records.published(tmp_path / "a.json") is None
    assert records.published(tmp_path / "absent.json") is None
