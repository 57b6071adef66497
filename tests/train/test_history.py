"""The one reader and writer of history.csv."""

import numpy as np

from train import history


def test_rows_of_epochs_past_a_kill_are_replaced(tmp_path):
    path = tmp_path / "history.csv"
    for epoch in (1, 2, 3):
        history.write(path, {"epoch": epoch, "loss": 0.5 * epoch, "verdict": "healthy"})
    # killed in epoch 4, continued from a checkpoint at the end of epoch 1
    history.write(path, {"epoch": 2, "loss": 7.0, "verdict": "stalled"})
    assert history.read(path) == [
        {"epoch": 1.0, "loss": 0.5, "verdict": "healthy"},
        {"epoch": 2.0, "loss": 7.0, "verdict": "stalled"},
    ]
    assert [row["epoch"] for row in history.read(path, before=2)] == [1.0]
    assert [p.name for p in tmp_path.iterdir()] == ["history.csv"]


def test_a_log_that_ends_is_empty_from_then_on(tmp_path):
    path = tmp_path / "history.csv"
    rows = [
        {"epoch": 1, "loss": 0.5, "lens_loss": 3.0, "verdict": "healthy"},
        {"epoch": 2, "loss": 0.7, "verdict": "healthy"},
    ]
    for row in rows:
        history.write(path, row)
    assert history.read(path) == rows
    assert path.read_text().splitlines() == [
        "epoch,loss,lens_loss,verdict",
        "1,0.5,3.0,healthy",
        "2,0.7,,healthy",
    ]


def test_numbers_that_are_not_finite_come_back(tmp_path):
    path = tmp_path / "history.csv"
    history.write(path, {"epoch": 1, "loss": float("nan"), "seconds": float("inf")})
    (row,) = history.read(path)
    np.testing.assert_array_equal([row["loss"], row["seconds"]], [np.nan, np.inf])


def test_a_number_keeps_all_its_digits_when_later_rows_are_added(tmp_path):
    path, value = tmp_path / "history.csv", 0.1 + 0.2
    for epoch in (1, 2, 3):
        history.write(path, {"epoch": epoch, "loss": value})
    assert [row["loss"] for row in history.read(path)] == [value] * 3


def test_a_new_run_has_no_history(tmp_path):
    assert history.read(tmp_path / "history.csv") == []
