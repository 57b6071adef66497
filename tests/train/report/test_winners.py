"""What did best by each metric."""

from train.report import winners


def test_what_did_best_is_what_nothing_separates():
    def measured(title, value, seed=0, loss="hinge", **fields):
        experiment = {"name": "c", "seed": seed, "game": {"loss": loss}, "data": {}, "train": {}}
        return {
            "metric": "parzen",
            "value": value,
            "standard_error": 1.0,
            "protocol": {"data": "mnist"},
            "experiment": experiment,
            "title": title,
        } | fields

    records = [
        measured("a_seed0", 10.0, 0, "a"),
        measured("a_seed1", 12.0, 1, "a"),
        measured("b", 10.5, 0, "b"),
        measured("c", 4.0, 0, "c"),
        measured("floor", 99.0, experiment=None),  # real data, which is no experiment
    ]
    (row,) = winners.by_metric(records)
    assert (row.metric, row.data, row.count) == ("parzen", "mnist", 3)
    assert [one.name for one in row.best] == ["a", "b"]
    assert [one.name for one in row.then] == ["c"]
    assert winners.by_metric(records[3:]) == []
