"""The table of the time of a step says what was measured, what met its goal, and what was not."""

import json
import pathlib

import pytest

BENCHMARKS = pathlib.Path(__file__).parents[2] / "benchmarks"
TOOK = {
    "fit": [2.0, 2.0],
    "hand_written": [1.9, 1.9],
    "torch_eager": [2.4, 2.4],
    "torch_compiled": [2.2, 2.2],
    "matrix": [4.0, 4.0],
    "convolution": [10.0, 5.0],
}
ABOUT = {"kind": "convolutions", "flops": {"matrix": 2, "convolution": 5}, "batch": 7}


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


def test_verdicts_of_a_row(benchmarks):
    import step_row

    verdicts = step_row.ratios("a", ABOUT, TOOK)
    assert [(v["ratio"], v["median"], v["goal"], v["met"]) for v in verdicts] == [
        # of 2 / 4 + 5 / 10 and of 2 / 4 + 5 / 5 seconds
        ("a: limit / fit", 0.625, 0.5, True),
        ("a: fit / hand_written", 0.95, 0.97, False),
        # the better one alone has a goal
        ("a: fit / torch_eager", 1.2, None, None),
        ("a: fit / torch_compiled", 1.1, 1.25, False),
    ]


def test_a_row_whose_dense_layers_take_more_has_their_goal(benchmarks):
    import step_row

    verdicts = step_row.ratios("a", ABOUT | {"kind": "dense"}, TOOK)
    assert verdicts[3]["goal"] == 2.0


def test_table_of_all_kinds_of_rows(benchmarks):
    import step_row
    import step_table

    without = {key: TOOK[key] for key in ("fit", "matrix", "convolution")}
    slow = without | {"fit": [20.0, 20.0]}

    def timed(took, **more):
        result = {"ratios": step_row.ratios("a", ABOUT, took)} | more
        result["seconds_a_step"] = {"fit": {"median": took["fit"][0]}}
        rates = {kind: {"median": 1e9 * took[kind][0]} for kind in ("matrix", "convolution")}
        return result | {"flops_per_second": rates}

    profile = {"parts": {"MatMul": 0.75}, "busy_threads": 1.5}
    record = {
        "command": "python benchmarks/step_time.py",
        "machine": {"cpus": 2, "architecture": "x86_64"},
        "versions": {"tensorflow": "2", "keras": "3"},
        "configs": {
            "all": {
                "commit": {"hash": "a" * 40},
                "prepare": ABOUT,
                "time": timed(TOOK, torch={"eager": {"torch": "2.13"}, "compiled": {"failed": ""}}),
            },
            "alone": {
                "commit": {"hash": "b" * 40},
                "prepare": ABOUT | {"no_torch": "labels", "data": "random examples"},
                "time": timed(slow, profile=profile),
            },
            "large": {"prepare": ABOUT | {"left_out": "more than 4 operations a step"}},
            "not": {},
        },
    }
    page = step_table.table(record)
    for line in (
        "| all | 7 | 7e-09 | 2e+03 | 0.62 | 0.95 (goal 0.97) | 1.20 | 1.10 (goal 1.25) |",
        "| alone | 7 | 7e-09 | 2e+04 | 0.06 | no peer | no peer | no peer |",
        "| large | 7 | 7e-09 | left out | | | | |",
        "| not | | | | not run | | | |",
        "- Against the hand-written step 0 of 1 rows meet their goal; missed by all (0.95).",
        "- Against the better PyTorch 0 of 1 rows meet their goal; missed by all (1.10).",
        "- 1 of 2 rows are under half of the machine's limit.",
        "- Measured at the commit aaaaaaaaaaaa: all.",
        "- Measured at the commit bbbbbbbbbbbb: all others.",
        "| alone | 0.06 | 1.50 | MatMul 75% |",
        "- No PyTorch, labels: alone.",
        "- Not timed, more than 4 operations a step: large.",
        "- PyTorch compiled failed: all.",
        "- Trained on random examples of the data's shape: alone.",
    ):
        assert line in page.splitlines()
    assert "4 to 4 GFLOP a second of matrix products, 10 to 10 of convolutions" in page


@pytest.mark.parametrize(
    ("named", "stay"), [([], ["new"]), (["a", "other"], ["b", "new"]), (["new"], ["a", "b", "new"])]
)
def test_rows_of_another_commit_stay_where_others_are_named(
    benchmarks, monkeypatch, tmp_path, named, stay
):
    import step_time

    from train import runs

    now, before = {"hash": "2" * 40, "changed": False}, {"hash": "1" * 40, "changed": False}
    # the record itself, once it is written, is a change of the files of the commit
    monkeypatch.setattr(runs, "commit", lambda: now | {"changed": True})
    # the rows of records that named one commit for all of them
    rows = {"a": {"prepare": ABOUT}, "b": {"prepare": ABOUT}, "new": {"commit": now}}
    (tmp_path / "record.json").write_text(json.dumps({"commit": before, "configs": rows}))
    commit, kept = step_time.begun(tmp_path / "record.json", named)
    assert commit == now and sorted(kept) == stay
    assert {row["commit"]["hash"] for name, row in kept.items() if name != "new"} <= {"1" * 40}


def test_a_table_begins_without_a_record(benchmarks, tmp_path):
    import step_time

    assert step_time.begun(tmp_path / "none.json", [])[1] == {}
