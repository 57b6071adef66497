"""The digest by which a run knows its data again."""

import os

import numpy as np
import pytest

from train.data import digests, table


@pytest.fixture
def folder(tmp_path):
    below = tmp_path / "p" / "a"
    below.mkdir(parents=True)
    for name in ("1.png", "2.png"):
        (below / name).write_bytes(b"12345")
    return tmp_path / "p"


def change(folder, how):
    first = folder / "a" / "1.png"
    if how == "renamed":
        first.rename(folder / "a" / "0.png")
    elif how == "moved":
        (folder / "b").mkdir()
        first.rename(folder / "b" / "1.png")
    elif how == "longer":
        first.write_bytes(b"123456")
    elif how == "gone":
        first.unlink()
    elif how == "new":
        (folder / "a" / "3.png").write_bytes(b"1")
    elif how == "exchanged":  # two names, two sizes, the other way round
        first.write_bytes(b"1")
    else:
        first.write_bytes(b"54321")


@pytest.mark.parametrize("how", ["renamed", "moved", "longer", "gone", "new", "exchanged"])
def test_names_and_sizes_change_the_digest(folder, how):
    name = f"folder:{folder}"
    before = digests.digest(name)
    assert before["files"] == 2 and before["bytes"] == 10
    change(folder, how)
    assert digests.digest(name)["names_and_sizes"] != before["names_and_sizes"]


def test_other_bytes_of_equal_sizes_change_the_digest_of_the_content_alone(folder):
    name = f"folder:{folder}"
    before = digests.digest(name, content=True)
    change(folder, "other bytes")
    after = digests.digest(name, content=True)
    assert {key for key in after if after[key] != before[key]} == {"content"}
    assert digests.digest(name) == {key: after[key] for key in after if key != "content"}


def test_times_and_the_place_of_the_folder_do_not_count(folder, tmp_path):
    before = digests.digest(f"folder:{folder}", content=True)
    os.utime(folder / "a" / "1.png", (1, 1))
    (folder / "a" / "notes.txt").touch()  # no picture
    folder.rename(tmp_path / "q")
    assert digests.digest(f"folder:{tmp_path / 'q'}", content=True) == before


@pytest.mark.parametrize("name", ["digits", "ring", "digits,inverted:digits"])
def test_data_that_lie_in_no_file_have_no_digest(name):
    assert digests.digest(name) == {}


def test_each_kind_of_files_is_seen(tmp_path, pictures):
    np.savez(tmp_path / "a.npz", images=np.zeros((2, 4, 4), np.uint8))
    npz, idx = f"npz:{tmp_path / 'a.npz'}", f"idx:{pictures[0]}"
    assert digests.digest(npz)["files"] == 1
    assert digests.digest(idx)["files"] == 2
    both = digests.digest(f"{npz},rotated:{idx}")
    assert both["files"] == 3
    assert both["names_and_sizes"] != digests.digest(f"{idx},{npz}")["names_and_sizes"]


def test_files_of_a_prepared_data_set_are_its_records(tmp_path, monkeypatch):
    for name in ("a-train.tfrecord-00000-of-00001", "dataset_info.json", "image.image.json"):
        (tmp_path / name).write_bytes(b"1")
    monkeypatch.setattr(table.prepared, "folder", lambda name: tmp_path)
    assert list(table.TFDS.files("a")) == ["a-train.tfrecord-00000-of-00001"]
