"""The table of sources: which row a name leads to."""

import pytest

from train.data import arrays, sources, table


@pytest.mark.parametrize("word", table.KINDS)
def test_every_row_that_needs_a_path_says_so(word):
    kind = table.KINDS[word]
    if kind.has_path:
        with pytest.raises(ValueError, match=f"must be followed by a path: {kind.spelling}"):
            table.find(f"{word}:")
    else:
        assert table.find(word).kind is kind


def test_a_new_row_is_all_that_a_new_source_needs(monkeypatch):
    row = table.Kind("halves:PART", "some of the digits", lambda path, split: arrays.digits(path))
    monkeypatch.setitem(table.KINDS, "halves", row)
    source = sources.load("inverted:halves:train[:50%]")
    assert (source.count, source.classes) == (898, 10)
    assert "halves:PART" in table.text()
    with pytest.raises(ValueError, match="Did you mean 'halves:PART'"):
        sources.load("halvse:x")


@pytest.mark.parametrize(
    "name, images",
    [("ring", False), ("digits", True), ("rotated:mnist", True), ("ring,grid", False)],
)
def test_a_name_says_whether_there_are_images(name, images):
    assert table.has_images(name) == images


@pytest.mark.parametrize(
    ("path", "cure"), [("cats", "'folder:cats'"), ("cats.npz", "'npz:cats.npz'")]
)
def test_a_path_without_its_kind_is_said_with_it(tmp_path, monkeypatch, path, cure):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats.npz").write_bytes(b"")
    with pytest.raises(ValueError, match=f"is a path; a data set is named by its kind: {cure}$"):
        sources.load(path)
