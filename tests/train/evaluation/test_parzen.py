"""The Parzen estimate of an untrained run, against the same number made by hand."""

import numpy as np
import pytest
from scipy import special, stats

from configs import schema
from train import checkpoints
from train.evaluation import candidates, measurements, parzen, records

SIDE = 4  # of the pictures


def by_hand(samples, validation, test):
    """The protocol with scipy: bandwidth, mean and standard error."""

    def log_density(x, bandwidth):
        return special.logsumexp(
            stats.norm.logpdf(x[:, None], samples[None], bandwidth).sum(-1), axis=1
        ) - np.log(len(samples))

    bandwidth = max(np.logspace(-1, 0, 10), key=lambda b: log_density(validation, b).mean())
    values = log_density(test, bandwidth)
    return values.mean(), values.std() / np.sqrt(len(values)), bandwidth


def test_parzen_is_the_protocol_by_hand(start, tmp_path, pictures):
    folder, x = pictures
    data = schema.Data(f"idx:{folder}", batch_size=8, split="train[:500]")
    run = start(tmp_path / "run", data, shape=[SIDE, SIDE, 1], value_range=[-1.0, 1.0])
    record = measurements.evaluate(run, "parzen", num=40, seed=3, verbose=False)
    x_fake = (
        checkpoints.load_game(run).sample(40, seed=3).reshape(40, -1).astype(np.float64) + 1.0
    ) / 2.0
    expected = by_hand(x_fake, x["train"][500:], x["test"])
    result = record["value"], record["standard_error"], record["protocol"]["bandwidth"]
    np.testing.assert_allclose(result, expected, rtol=1e-6)
    x_real = x["train"][np.random.default_rng(3).choice(500, 40, replace=False)]
    result = [
        record["beside"]["training_images"][key] for key in ("value", "standard_error", "bandwidth")
    ]
    np.testing.assert_allclose(result, by_hand(x_real, x["train"][500:], x["test"]), rtol=1e-6)
    assert record["protocol"]["validation_images_trained_on"] == 0
    assert (record["step"], record["protocol"]["weights"]) == (0, "last")


def test_parzen_says_that_validation_images_were_trained_on(start, tmp_path, pictures):
    data = schema.Data(f"idx:{pictures[0]}", batch_size=8)
    run = start(tmp_path / "run", data, shape=[SIDE, SIDE, 1], value_range=[-1.0, 1.0], ema=True)
    record = measurements.evaluate(run, "parzen", num=20, verbose=False)
    assert record["protocol"]["validation_images_trained_on"] == 100
    assert record["protocol"]["weights"] == "averaged"
    assert "validation images are" in records.describe(record)


@pytest.mark.parametrize("split", ["train[500:]", "train[520:]"])
def test_parzen_on_held_out_images_leaves_out_those_that_choose_the_bandwidth(
    start, tmp_path, pictures, monkeypatch, split
):
    monkeypatch.setattr(parzen, "VALIDATION", 50)
    folder, x = pictures
    data = schema.Data(f"idx:{folder}", batch_size=8, split="train[:500]")
    run = start(tmp_path / "run", data, shape=[SIDE, SIDE, 1], value_range=[-1.0, 1.0])
    game = checkpoints.load_game(run)
    candidate = candidates.of_game(game, run.experiment(), "run")
    record = measurements.measure(candidate._replace(split=split, num=40, verbose=False), "parzen")
    x_fake = (game.sample(40, seed=0).reshape(40, -1).astype(np.float64) + 1.0) / 2.0
    expected = by_hand(x_fake, x["train"][500:550], x["train"][550:])
    result = record["value"], record["standard_error"], record["protocol"]["bandwidth"]
    np.testing.assert_allclose(result, expected, rtol=1e-6)
    assert record["protocol"]["test"] == "train[550:600]"
    assert record["protocol"]["test_images_trained_on"] == 0


def test_parzen_needs_images_that_do_not_choose_the_bandwidth(start, tmp_path, pictures):
    data = schema.Data(f"idx:{pictures[0]}", batch_size=8, split="train[:500]")
    run = start(tmp_path / "run", data, shape=[SIDE, SIDE, 1], value_range=[-1.0, 1.0])
    game = checkpoints.load_game(run)
    candidate = candidates.of_game(game, run.experiment(), "run")
    with pytest.raises(ValueError, match=r"as train\[500:600\] do. Received: 'train\[510:520\]'"):
        measurements.measure(candidate._replace(split="train[510:520]", num=9), "parzen")


@pytest.mark.parametrize(
    "split, expected",
    [
        ("train", 10),
        ("train[:50000]", 0),
        ("train[:50003]", 3),
        ("train[-9995:]", 5),
        ("train[:50%]+train[90%:]", 0),
        ("test", 0),
    ]
    + [("test+train[50001:50002]", 1), ("all", 10), ("train[:5shard]", None)],
)
def test_overlap_counts_what_a_split_has(split, expected):
    assert parzen.overlap(split, "train", range(50_000, 50_010), 60_000) == expected


@pytest.mark.parametrize("bandwidth, count", [(0.1, 1), (0.3, 0), (1.0, 1)])
def test_bandwidth_at_an_end_of_the_range_gives_a_warning(bandwidth, count):
    assert len(parzen._warnings({"validation_images_trained_on": 0}, bandwidth)) == count
