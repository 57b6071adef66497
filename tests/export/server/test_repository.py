import json
import os
import shutil

import pytest

from export.server import faults, repository


class Model:
    """What a repository needs to know of a model."""

    def __init__(self, path):
        about = json.loads((path / "manifest.json").read_text())
        if about.get("broken"):
            raise ValueError("its golden values are others")
        self.name, self.version, self.path = about["name"], about["version"], path
        self.endpoints = {"sample": None}
        self.retired = False

    def retire(self):
        self.retired = True


@pytest.fixture(autouse=True)
def any_manifest(monkeypatch):
    """The gate has tests of its own."""
    monkeypatch.setattr(
        repository.manifests, "read", lambda path: json.loads((path / "manifest.json").read_text())
    )


def write(path, name="toy", version=1, **more):
    path.mkdir(exist_ok=True, parents=True)
    text = json.dumps({"name": name, "version": version, **more})
    (path / "manifest.json").write_text(text)
    return path


def opened(*paths, **options):
    known = repository.Repository(
        paths, Model, check=False, retire=lambda model: model.retire(), **options
    )
    known.refresh()
    return known


def test_a_bundle_or_a_directory_of_bundles_may_be_named(tmp_path):
    write(tmp_path / "a" / "one", "one")
    write(tmp_path / "a" / "two", "two")
    write(tmp_path / "a" / ".three.part", "three")
    write(tmp_path / "b", "four")
    known = opened(tmp_path / "a", tmp_path / "b", tmp_path / "b", tmp_path / "nothing")
    assert sorted(known.models) == ["four", "one", "two"] and not known.failures
    assert known.find_endpoint("one_sample") == (known.find("one"), "sample")


def test_the_newest_version_is_served_and_the_old_one_retired(tmp_path):
    write(tmp_path / "a", version=1)
    known = opened(tmp_path)
    old = known.find("toy")
    write(tmp_path / "b", version=12)
    known.refresh()
    assert list(known.models["toy"]) == [12] and old.retired
    with pytest.raises(faults.Fault):
        known.find("toy", "1")
    shutil.rmtree(tmp_path / "b")
    known.refresh()
    assert known.find("toy").version == 1


def test_several_versions_stay_where_that_is_asked_for(tmp_path):
    for version in (1, 2, 3):
        write(tmp_path / str(version), version=version)
    known = opened(tmp_path, versions=2)
    assert list(known.models["toy"]) == [3, 2]
    assert known.find("toy").version == 3 and known.find("toy", "2").version == 2


def test_nothing_new_loads_nothing(tmp_path):
    write(tmp_path / "a")
    known = opened(tmp_path)
    model = known.find("toy")
    known.refresh()
    assert known.find("toy") is model and not model.retired


def test_a_new_version_that_fails_leaves_the_old_one_and_says_so(tmp_path, caplog):
    write(tmp_path / "a", version=1)
    known = opened(tmp_path)
    model = known.find("toy")
    write(tmp_path / "b", version=2, broken=True)
    for _ in range(2):  # it is tried and said once
        known.refresh()
        assert known.find("toy") is model and not model.retired
        assert known.failures == {tmp_path / "b": "its golden values are others"}
    assert caplog.text.count("its golden values are others") == 1
    write(tmp_path / "b", version=2)
    known.refresh()
    assert known.find("toy").version == 2 and not known.failures and model.retired


def test_a_bundle_that_is_replaced_in_its_place_is_loaded_anew(tmp_path):
    write(tmp_path / "a")
    known = opened(tmp_path / "a")
    old = known.find("toy")
    write(tmp_path / "new", more="other")
    os.rename(tmp_path / "a", tmp_path / "old")
    known.refresh()  # between the two renames there is none
    assert known.find("toy") is old and not old.retired
    os.rename(tmp_path / "new", tmp_path / "a")
    known.refresh()
    assert known.find("toy") is not old and old.retired


def test_a_replacement_that_fails_leaves_the_old_one(tmp_path):
    write(tmp_path / "a")
    known = opened(tmp_path / "a")
    old = known.find("toy")
    write(tmp_path / "a", broken=True)
    for _ in range(2):
        known.refresh()
        assert known.find("toy") is old and not old.retired and known.failures


def test_what_is_no_manifest_hurts_no_other_bundle(tmp_path):
    write(tmp_path / "a")
    write(tmp_path / "b", "other").joinpath("manifest.json").write_text("{")
    known = opened(tmp_path)
    assert list(known.models) == ["toy"] and tmp_path / "b" in known.failures
    shutil.rmtree(tmp_path / "b")
    known.refresh()
    assert not known.failures


def test_the_same_version_twice_is_refused(tmp_path):
    write(tmp_path / "a")
    write(tmp_path / "b")
    known = opened(tmp_path)
    assert known.find("toy").path == tmp_path / "a"
    assert "same version" in known.failures[tmp_path / "b"]


def test_names_that_a_protocol_cannot_tell_apart_are_refused(tmp_path):
    write(tmp_path / "a", "toy-1")
    known = opened(tmp_path)
    write(tmp_path / "b", "toy.1")
    known.refresh()
    assert list(known.models) == ["toy-1"] and "differ in letters" in known.failures[tmp_path / "b"]


@pytest.mark.parametrize("version", ["0", "2", "-1", "1.0", "x", "9" * 30, "١"])
def test_a_version_that_is_not_loaded_is_404(tmp_path, version):
    write(tmp_path / "a")
    with pytest.raises(faults.Fault) as caught:
        opened(tmp_path).find("toy", version)
    assert caught.value.status == 404


def test_a_bundle_passes_zoo_check_before_it_is_loaded(tmp_path):
    path = write(tmp_path / "a")
    known = repository.Repository([path], Model)
    known.refresh()
    assert not known.models
    assert "`zoo check` must pass" in known.failures[path]
