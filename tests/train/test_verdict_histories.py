"""Verdicts on the histories of results/verdict, whose samples somebody looked at."""

import importlib.util
import pathlib

import pytest

from train.report import run_page

FOLDER = pathlib.Path(__file__).parents[2] / "results/verdict"
SPEC = importlib.util.spec_from_file_location("confusion", FOLDER / "confusion.py")
confusion = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(confusion)
STATES = confusion.states()
ENDS = [state for state in STATES if state.last]
GOOD = [state for state in ENDS if state.label == "good"]
BAD = [state for state in ENDS if state.label not in ("good", "unfinished")]


def test_the_page_holds_the_tables_that_the_rules_lead_to():
    assert confusion.tables() in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_history_is_labelled_at_its_end():
    names = sorted(path.stem for path in (FOLDER / "histories").glob("*.csv"))
    assert sorted(state.run for state in ENDS) == names


@pytest.mark.parametrize("name", confusion.SETS)
@pytest.mark.parametrize("data", ["pictures", "points"])
def test_each_set_has_good_and_bad_runs_of_both_kinds_of_data(name, data):
    for group in (GOOD, BAD):
        assert any((state.set, state.data) == (name, data) for state in group)


def test_there_are_ten_good_runs_and_ten_bad_ones():
    assert len(GOOD) >= 10 and len(BAD) >= 10


@pytest.mark.parametrize("state", GOOD, ids=lambda state: state.run)
def test_no_good_run_ends_with_the_name_of_a_fault(state):
    assert state.verdict in ("healthy", "too early")


@pytest.mark.parametrize("state", [s for s in STATES if s.step < 300], ids=lambda s: s.run)
def test_nothing_is_healthy_before_there_is_evidence(state):
    assert state.verdict in ("too early", "diverging")


@pytest.mark.parametrize("state", STATES, ids=lambda state: f"{state.run}_{state.epoch}")
def test_every_verdict_has_a_colour_in_the_page(state):
    assert f'"{state.verdict}": "--' in pathlib.Path(run_page.__file__).read_text()
