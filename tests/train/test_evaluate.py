"""`zoo evaluate` on untrained runs, against the same numbers made by hand."""

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy import special, stats

from configs import experiment as e
from train import evaluate, records, runs, sample
from zoo import __main__ as zoo
from zoo.build import Spec

SIDE, TRAIN, TEST = 4, 600, 30


def write_idx(path, array):
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes())


@pytest.fixture
def start(untrained):
    """A function that saves a run of tiny networks on some data: (directory, data, *, shape, value_range, ema) -> Run."""

    def tiny(directory, data, *, shape, value_range, ema=False):
        experiment = e.Experiment(
            name="tiny",
            paper="none",
            data=data,
            game=Spec(
                "gan",
                loss=Spec("minimax"),
                prior=Spec("normal", size=2),
                generator=Spec("mlp_generator", units=(8,)),
                critic=Spec("mlp_critic", units=(8,)),
            ),
            optimizers={player: Spec("sgd", learning_rate=0.1) for player in ("critic", "generator")},
            train=e.Train(epochs=1),
        )
        if ema:
            experiment = experiment.override(["optimizers.generator.use_ema=true"])
        return untrained(directory, experiment, shape=shape, value_range=value_range)

    return tiny


@pytest.fixture
def pictures(tmp_path):
    """A folder of MNIST's files with tiny images."""
    random = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    folder.mkdir()
    arrays = {"train": random.integers(0, 256, (TRAIN, SIDE, SIDE)), "test": random.integers(0, 256, (TEST, SIDE, SIDE))}
    for name, part in [("train-images-idx3-ubyte", "train"), ("t10k-images-idx3-ubyte", "test")]:
        write_idx(folder / name, arrays[part].astype(np.uint8))
    return folder, {part: x.reshape(len(x), -1) / 255.0 for part, x in arrays.items()}


@pytest.fixture
def ring(start, tmp_path):
    return start(tmp_path / "ring", e.Data("ring", batch_size=8), shape=[2], value_range=None)


def by_hand(samples, validation, test):
    """The protocol with scipy: bandwidth, mean and standard error."""

    def log_density(x, bandwidth):
        return special.logsumexp(stats.norm.logpdf(x[:, None], samples[None], bandwidth).sum(-1), axis=1) - np.log(len(samples))

    bandwidth = max(np.logspace(-1, 0, 10), key=lambda b: log_density(validation, b).mean())
    values = log_density(test, bandwidth)
    return values.mean(), values.std() / np.sqrt(len(values)), bandwidth


def test_parzen_is_the_protocol_by_hand(start, tmp_path, pictures):
    folder, x = pictures
    data = e.Data(f"idx:{folder}", batch_size=8, split="train[:500]")
    run = start(tmp_path / "run", data, shape=[SIDE, SIDE, 1], value_range=[-1.0, 1.0])
    record = evaluate.evaluate(run, "parzen", num=40, seed=3, verbose=False)
    x_fake = (sample.drawer(run.game(), 3)(40).reshape(40, -1).astype(np.float64) + 1.0) / 2.0
    expected = by_hand(x_fake, x["train"][500:], x["test"])
    found = record["value"], record["standard_error"], record["protocol"]["bandwidth"]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    x_real = x["train"][np.random.default_rng(3).choice(500, 40, replace=False)]
    found = [record["beside"]["training_images"][key] for key in ("value", "standard_error", "bandwidth")]
    np.testing.assert_allclose(found, by_hand(x_real, x["train"][500:], x["test"]), rtol=1e-6)
    assert record["protocol"]["validation_images_trained_on"] == 0
    assert (record["step"], record["protocol"]["weights"]) == (0, "last")


def test_parzen_says_that_validation_images_were_trained_on(start, tmp_path, pictures):
    data = e.Data(f"idx:{pictures[0]}", batch_size=8)
    run = start(tmp_path / "run", data, shape=[SIDE, SIDE, 1], value_range=[-1.0, 1.0], ema=True)
    record = evaluate.evaluate(run, "parzen", num=20, verbose=False)
    assert record["protocol"]["validation_images_trained_on"] == 100
    assert record["protocol"]["weights"] == "averaged"
    assert "validation images are" in records.describe(record)


@pytest.mark.parametrize(
    "split, expected",
    [("train", 10), ("train[:50000]", 0), ("train[:50003]", 3), ("train[-9995:]", 5), ("train[:50%]+train[90%:]", 0), ("test", 0)]
    + [("test+train[50001:50002]", 1), ("all", 10), ("train[:5shard]", None)],
)
def test_overlap_counts_what_a_split_has(split, expected):
    assert evaluate.overlap(split, "train", range(50_000, 50_010), 60_000) == expected


def test_modes_of_a_generator_is_the_count_by_hand(ring):
    record = evaluate.evaluate(ring, "modes", num=500, verbose=False)
    points = sample.drawer(ring.game(), 0)(500)
    angles = np.pi * np.arange(8) / 4
    centres = np.sqrt(2.0) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    counts = (np.linalg.norm(points[:, None] - centres, axis=-1) <= 4 * 0.02 / np.sqrt(2.0)).sum(axis=0)
    assert record["value"] == np.sum(counts >= 500 / 80)
    np.testing.assert_allclose(record["beside"]["share"], counts.sum() / 500, rtol=1e-12)
    assert record["beside"]["data"]["covered"] == 8


def test_evaluate_names_the_nearest_metric(ring):
    with pytest.raises(ValueError, match="Did you mean 'modes'"):
        evaluate.evaluate(ring, "mode")


@pytest.mark.parametrize("bandwidth, count", [(0.1, 1), (0.3, 0), (1.0, 1)])
def test_bandwidth_at_an_end_of_the_range_is_told(bandwidth, count):
    assert len(evaluate._warnings({"validation_images_trained_on": 0}, bandwidth)) == count


def test_command_adds_lines_and_publishes_the_last(ring, tmp_path, capsys):
    ring.metrics.write_text('{"metric": "earlier"}\n{"broken')
    out = tmp_path / "new" / "ring.json"
    for seed in (0, 1):
        words = ["evaluate", str(ring.directory), "--metrics=modes", "--num=50", f"--seed={seed}", f"--out={out}", "--noprogress"]
        assert zoo.main(words) == 0
    lines = ring.metrics.read_text().splitlines()
    assert lines[:2] == ['{"metric": "earlier"}', '{"broken'] and len(lines) == 4
    published = json.loads(out.read_text())
    assert published["command"] == "zoo evaluate ring --metrics=modes --num=50 --seed=1"
    assert {**published, **json.loads(lines[-1])} == published
    assert {"machine", "versions", "experiment", "trained_with"} <= set(published)
    assert "modes: " in capsys.readouterr().out


def test_command_refuses_what_does_not_fit(start, ring, tmp_path, capsys):
    swiss = start(tmp_path / "swiss", e.Data("swiss_roll", batch_size=8), shape=[2], value_range=None)
    digits = start(tmp_path / "digits", e.Data("digits", batch_size=8), shape=[8, 8, 1], value_range=[-1.0, 1.0])
    for words, said in [
        ([ring, "--metrics=parzne"], "Did you mean 'parzen'?"),
        ([ring], "`--metrics` must name"),
        ([ring, "--metrics=parzen"], "needs a data set of images with the splits train and test. Received: a run on 'ring'"),
        ([digits, "--metrics=parzen"], "needs a data set of images with the splits train and test. Received: a run on 'digits'"),
        ([swiss, "--metrics=modes"], "needs data with known modes: grid, ring. Received: a run on 'swiss_roll'"),
        ([ring, "--metrics=modes,parzen", "--out=a.json"], "holds one metric"),
        ([ring, "--metrics=modes", "--seed=-1"], "`seed` must be in"),
        ([runs.Run(tmp_path / "none"), "--metrics=modes"], "A run directory holds experiment.json"),
    ]:
        assert zoo.main(["evaluate", str(words[0].directory), *words[1:]]) == 2, words
        assert said in capsys.readouterr().err, words
    assert not ring.metrics.exists()


def test_help_names_every_metric_without_tensorflow():
    program = "import sys; from zoo import __main__ as m; m.main(['evaluate', '--help']); print('tensorflow' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.endswith("False\n")
    assert all(metric in printed for metric in evaluate.METRICS)
