"""The records of results/: each names its code, and none is older than a change that moves it."""

import importlib.util
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="module")
def ages():
    spec = importlib.util.spec_from_file_location("ages", ROOT / "results" / "ages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_record_names_the_commits_that_made_it(ages):
    for name, record in ages.records().items():
        commits = [record["commit"], *record.get("trained_at", [])]
        assert all(len(commit["hash"]) == 40 for commit in commits), name
        assert not any(commit["changed"] for commit in commits), name
        assert ("trained_at" in record) == ("experiment" in record), name


def test_no_record_is_older_than_a_change_that_moves_it(ages):
    assert [name for name, record in ages.records().items() if ages.older(record)] == []


def test_a_record_from_before_a_change_is_older(ages):
    adam = {"name": "adam", "learning_rate": 1e-3}
    old = {"hash": "1" * 40, "date": "2026-11-22T12:00:00+00:00", "changed": False}
    new = old | {"date": "2026-11-22T23:00:00+02:00"}
    experiment = {"game": {"name": "vae"}, "optimizers": {"autoencoder": adam}}
    record = {"experiment": experiment, "commit": new, "trained_at": [old, new]}
    assert [change.of for change in ages.older(record)] == ["trained_at"]
    assert ages.older(record | {"trained_at": [new]}) == []
    experiment["optimizers"] = {"autoencoder": adam | {"epsilon": 1e-7}}
    assert ages.older(record) == []
