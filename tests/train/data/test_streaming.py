"""A folder above the memory limit: nothing is decoded, or looked at twice, before it is needed."""

import numpy as np
import pytest
from PIL import Image

from train.data import folders, image_files, loading, pictures, sources


@pytest.fixture
def folder(tmp_path):
    for row in range(20):
        pixels = np.full((4, 4, 3), row, np.uint8)
        path = tmp_path / "ab"[row % 2] / f"{row:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
    return tmp_path


def stop(*_):
    raise AssertionError("a file was read")


@pytest.mark.parametrize("limit", [0, 20 * 48 - 1])
def test_a_larger_folder_is_opened_without_decoding_a_file(folder, limit, monkeypatch):
    monkeypatch.setattr(image_files.Files, "decode_each", stop)
    assert sources.load(f"folder:{folder}", memory_limit=limit).count == 20
    with pytest.raises(AssertionError, match="a file was read"):
        sources.load(f"folder:{folder}", memory_limit=20 * 48)


@pytest.mark.parametrize("held_out", [0.0, 0.2])
def test_what_is_held_out_is_known_without_a_second_look(folder, held_out, monkeypatch):
    options = {"memory_limit": 0, "skip_unreadable": True}
    (folder / "a" / "03_no_picture.png").write_bytes(b"no")
    expected = sources.load(f"folder:{folder}", held_out=0.2, unseen=True, **options)
    source = sources.load(f"folder:{folder}", held_out=held_out, **options)
    monkeypatch.setattr(folders, "survey", stop)
    unseen = loading.unseen(source, 0.2)
    assert unseen.count == expected.count == 4
    np.testing.assert_array_equal(sources.images(unseen), sources.images(expected))
    np.testing.assert_array_equal(unseen.labels, expected.labels)


def test_a_folder_in_memory_has_no_such_part(folder):
    assert loading.unseen(sources.load(f"folder:{folder}"), 0.2) is None
    loading.check_readable(sources.load("digits"))


def test_what_cannot_be_decoded_is_named_when_it_is_asked_for(folder):
    path = folder / "b" / "05.png"
    path.write_bytes(path.read_bytes()[:-30])
    source = sources.load(f"folder:{folder}", memory_limit=0)
    with pytest.raises(pictures.UnreadableImageError, match="1 of 20 unreadable: .*05.png"):
        loading.check_readable(source)
