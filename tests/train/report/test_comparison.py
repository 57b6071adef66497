"""Comparisons: values are ranked within a protocol, and seeds of one experiment are one row."""

import copy
import json
import math
import re

import pytest

import configs
from configs import schema
from train.evaluation import records
from train.report import comparison, experiments
from zoo import __main__


def record(value, *, metric="parzen", error=0.5, step=10, experiment=None, **protocol):
    return {
        "metric": metric,
        "value": value,
        "standard_error": error,
        "step": step,
        "protocol": {"samples": 100, "seed": 0, "weights_sha256": str(value)} | protocol,
        "beside": {},
    } | ({} if experiment is None else {"experiment": experiment})


@pytest.fixture
def folder(tmp_path):
    """A function that writes records by name and returns their folder."""

    def write(**contents):
        for name, content in contents.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        return str(tmp_path)

    return write


def names(text):
    return [line.split()[1] for line in text.splitlines() if line[:1].isdigit()]


def test_the_best_comes_first_on_the_metric_s_better_side(folder):
    place = folder(a=record(3.0), b=record(7.0), c=record(5.0))
    assert names(comparison.table([place])) == ["b", "c", "a"]
    place = folder(
        a=record(3.0, metric="sliced_wasserstein"),
        b=record(7.0, metric="sliced_wasserstein"),
        c=record(1.0),
    )
    assert names(comparison.table([place], ["sliced_wasserstein"])) == ["a", "b"]


def test_different_protocols_are_not_ranked_together(folder):
    text = comparison.table([folder(a=record(3.0), b=record(7.0, samples=200), c=record(5.0))])
    assert (
        "parzen: 2 protocols, whose numbers cannot be ranked together; they differ in samples"
        in text
    )
    assert [line.split()[:2] for line in text.splitlines() if line[:1].isdigit()] == [
        ["1", "c"],
        ["2", "a"],
        ["1", "b"],
    ]
    assert "samples 200" in text and "samples 100" in text


def test_weights_and_draws_are_no_part_of_the_protocol(folder):
    text = comparison.table(
        [folder(a=record(3.0, seed=1, trained_on="train"), b=record(7.0, seed=2, bandwidth=0.2))]
    )
    assert "cannot be ranked" not in text and names(text) == ["b", "a"]


def test_seeds_of_one_experiment_are_one_row(folder):
    contents = {
        f"ring_seed{s}": record(value, experiment={"name": "ring", "seed": s, "train": {}})
        for s, value in enumerate([1.0, 2.0, 6.0])
    }
    (row,) = [
        line.split()
        for line in comparison.table([folder(**contents)]).splitlines()
        if line[:1].isdigit()
    ]
    # each record's error is 0.5, and the values 1, 2 and 6 have the variance (4 + 1 + 9) / 2
    error, spread = f"{math.sqrt(3 * 0.25) / 3:.2g}", f"{math.sqrt(7.0):.2g}"
    assert row == ["1", "ring", "3", error, spread, "0,", "1,", "2", "10"]


def test_the_two_errors_have_columns_of_their_own(folder, tmp_path):
    contents = {
        f"{name}_seed{s}": record(value, experiment={"name": name, "seed": s, "train": {}})
        for name, values in {"ring": [1.0, 3.0], "grid": [9.0]}.items()
        for s, value in enumerate(values)
    }
    place = folder(**contents)
    text = comparison.table([place])
    head, *rows = [re.split(r"  +", line) for line in text.splitlines()[1:4]]
    assert head == ["rank", "name", "value", "standard error", "spread over seeds", "seeds", "step"]
    # 0.5 * sqrt(2) / 2, and the standard deviation of 1 and 3
    assert rows == [
        ["1", "grid_seed0", "9", "0.5", "not known", "0", "10"],
        ["2", "ring", "2", "0.35", "1.4", "0, 1", "10"],
    ]
    page = comparison.page([place], tmp_path / "page.html").read_text()
    page = page.replace("<wbr>", "")
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", page)
    assert cells[: 3 * len(head)] == [*head, *rows[0], *rows[1]]
    assert "spread over seeds is their standard deviation" in " ".join(text.split())
    assert "spread over seeds is their standard deviation" in page


def test_an_error_that_a_record_lacks_is_not_known(folder):
    contents = {
        f"ring_seed{s}": record(4.0, error=e, experiment={"name": "r", "seed": s, "train": {}})
        for s, e in enumerate([0.5, None])
    }
    (row,) = [x for x in comparison.table([folder(**contents)]).splitlines() if x[:1] == "1"]
    assert re.split(r"  +", row)[2:5] == ["4", "not known", "0"]


def test_rows_that_are_not_separated_share_a_rank_and_a_note(folder, tmp_path):
    place = folder(a=record(9.0), b=record(8.9), c=record(1.0))  # each with an error of 0.5
    text, note = comparison.table([place]), "One seed: a, b, c. Their spread over seeds is not"
    assert [x.split()[:2] for x in text.splitlines()[2:5]] == [
        ["1-2", "a"],
        ["1-2", "b"],
        ["3", "c"],
    ]
    assert note in text and note in comparison.page([place], tmp_path / "page.html").read_text()
    place = folder(a=record(9.0, metric="code_correlation"))
    assert "One seed" not in comparison.table([place], ["code_correlation"])  # which has no ranks


def test_a_seed_from_before_examples_were_held_out_is_in_its_row(folder):
    data = {"name": "mnist", "split": "train"}
    old, new = (
        {"name": "gan", "seed": seed, "train": {}, "data": data | said}
        for seed, said in [(0, {}), (1, {"held_out": 0.1})]
    )
    place = folder(gan_seed0=record(3.0, experiment=old), gan_seed1=record(5.0, experiment=new))
    assert names(comparison.table([place])) == ["gan"]
    # of data without a test split the protocol says what was held out
    place = folder(
        gan_seed0=record(3.0, experiment=old, held_out=0.0),
        gan_seed1=record(5.0, experiment=new, held_out=0.1),
    )
    assert len(names(comparison.table([place]))) == 2


def test_other_settings_are_other_rows(folder):
    contents = {
        name: record(1.0, experiment={"name": "ring", "seed": 0, "train": {}, "loss": name})
        for name in ("hinge", "kl")
    }
    assert sorted(names(comparison.table([folder(**contents)]))) == ["hinge", "kl"]


def test_a_run_shows_its_newest_record(start, tmp_path, capsys):
    run = start(tmp_path / "run", schema.Data("ring", batch_size=8), shape=[2], value_range=None)
    for value in (4.0, 5.0):
        records.append(run.metrics, record(value, metric="modes"))
    assert __main__.main(["compare", str(run.directory), "--metrics=modes"]) == 0
    assert [
        line.split()[:3] for line in capsys.readouterr().out.splitlines() if line[:1] == "1"
    ] == [["1", "run", "5"]]


def test_a_page_draws_the_mean_over_seeds_at_the_steps_that_all_have(
    start, tmp_path, capsys, monkeypatch
):
    drawn = []
    chart = comparison.plots.chart
    monkeypatch.setattr(
        comparison.plots,
        "chart",
        lambda *words, **more: drawn.append(words) or chart(*words, **more),
    )
    values = {
        "a_seed0": (0, {10: 1.0, 20: 5.0, 30: 9.0}),
        "a_seed1": (1, {10: 3.0, 20: 5.0}),
        "b": (2, {10: 7.0, 20: 8.0}),
    }
    places = []
    for name, (seed, along) in values.items():
        options = {"batch_size": 16} if name == "b" else {"batch_size": 8}
        run = start(
            tmp_path / name, schema.Data("ring", **options), shape=[2], value_range=None, seed=seed
        )
        for step, value in along.items():
            records.append(run.metrics, record(value, metric="modes", step=step))
        places.append(str(run.directory))
    assert __main__.main(["compare", *places, f"--out={tmp_path / 'page.html'}"]) == 0
    ((title, label, (first, second)),) = drawn
    assert (title, label) == ("modes", "step")
    assert (first.name, first.x, first.y) == ("a", [10, 20], [2.0, 5.0])
    assert first.error == pytest.approx([math.sqrt(2.0), 0.0], rel=1e-12)  # of 1 and 3, of 5 and 5
    assert (second.name, second.x, second.y, second.error) == (
        "b",
        [10, 20],
        [7.0, 8.0],
        [0.5, 0.5],
    )
    page = (tmp_path / "page.html").read_text()
    assert (
        "<svg" in page
        and "a_seed0, a_seed1, b" in page
        and str(tmp_path / "page.html") in capsys.readouterr().out
    )
    assert __main__.main(["compare", places[0], "--out=page.txt"]) == 2


def test_texts_of_a_page_are_escaped(tmp_path):
    evil = "<script>x<script>"
    place = tmp_path / evil
    place.mkdir()
    for step in (10, 20):
        content = record(1.0, metric=evil, step=step, experiment={"name": evil, "seed": 0})
        (place / f"{evil}{step}.json").write_text(json.dumps(content))
    (place / "other.json").write_text(json.dumps(record(1.0, metric=evil, near=evil)))
    text = comparison.page([str(place)], tmp_path / "page.html").read_text()
    assert "<script" not in text and text.count("&lt;script&gt;x&lt;script&gt;") == 8
    assert "<svg" in text


def test_a_record_without_a_value_comes_last_and_has_no_rank(folder):
    place = folder(a=record(None, error=None), b=record(3.0), c=record(5.0))
    lines = comparison.table([place]).splitlines()[2:5]
    assert [line.split()[:3] for line in lines] == [
        ["1", "c", "5"],
        ["2", "b", "3"],
        ["-", "a", "none"],
    ]


def test_a_seed_without_a_value_leaves_the_seeds_apart(folder):
    contents = {
        f"ring_seed{s}": record(value, experiment={"name": "ring", "seed": s, "train": {}})
        for s, value in enumerate([1.0, None])
    }
    lines = comparison.table([folder(**contents)]).splitlines()[2:4]
    assert [line.split()[:3] for line in lines] == [
        ["1", "ring_seed0", "1"],
        ["-", "ring_seed1", "none"],
    ]


def test_what_has_no_record_is_refused(folder, tmp_path, capsys):
    place = folder(a=record(3.0))
    for words, said in [
        ([str(tmp_path / "none")], "must be a run that was measured, a JSON file"),
        ([place, "--metrics=modes"], "There must be a record of modes. Received: parzen"),
        ([place, "--metrics=parzne"], "Did you mean 'parzen'?"),
        ([], "The following arguments are required: RUN|RECORD.json|FOLDER"),
    ]:
        assert __main__.main(["compare", *words]) == 2
        assert said in capsys.readouterr().err


def test_a_field_that_came_later_does_not_part_the_seeds():
    old = configs.load("dcgan_digits").as_dict()
    new = copy.deepcopy(old) | {"seed": 1}
    del old["data"]["background"]
    pair = [{"title": f"run_seed{i}", "experiment": e} for i, e in enumerate((old, new))]
    assert len(experiments.groups(pair)) == 1


def test_a_run_that_was_not_measured_is_named_and_the_others_are_compared(folder, tmp_path):
    measured = folder(a=record(2.0))
    run = tmp_path / "new run"
    run.mkdir()
    record_of_run = {"experiment": configs.load("dcgan_digits").as_dict(), "data": {}}
    (run / "experiment.json").write_text(json.dumps(record_of_run))
    assert "a " in comparison.table([str(measured), str(run)])
    (sentence,) = comparison.unmeasured([str(measured), str(run)])
    assert sentence == f"{run} has not been measured: `zoo evaluate {run} --metrics=NAME`"
    with pytest.raises(ValueError, match="must be a run that was measured"):
        comparison.table([str(run)])
