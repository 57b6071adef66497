"""Metrics of samples: each number against the same one, made by hand from the same images."""

import json

import numpy as np
import pytest
from sklearn import datasets

from configs import schema
from train import checkpoints
from train.data import sources
from train.evaluation import candidates, feature_networks, measurements, metrics, references
from zoo import __main__
from zoo.metrics import features, neighbors, sliced_wasserstein

UNITS = np.random.default_rng(9).normal(size=(64, 12))


def project(images):
    result = images.reshape(len(images), -1) / 255.0 @ UNITS
    return result[:, :4], result[:, 4:]


@pytest.fixture(autouse=True)
def network(monkeypatch):
    """Random projections in the place of a trained network."""
    made = feature_networks.FeatureNetwork("mnist_features", "0" * 64, "none", project)
    monkeypatch.setattr(feature_networks, "load", lambda name: made)


@pytest.fixture
def images(tmp_path):
    """Digits with a shade over them, in a file."""
    result = np.rint(datasets.load_digits().images[:200, ..., None] * (255.0 / 16.0))
    result = np.clip(0.7 * result + 40.0, 0, 255).astype(np.uint8)
    np.savez(tmp_path / "made.npz", images=result)
    return result


@pytest.fixture
def candidate(images, tmp_path):
    return candidates.find(str(tmp_path / "made.npz"), "digits")


def held_out():
    return sources.images(sources.load("digits", held_out=0.1, unseen=True))


def test_frechet_distance_is_that_of_the_features(candidate, images):
    record = measurements.measure(candidate, "fd_mnist_features")
    expected = features.frechet_distance(project(held_out())[1], project(images)[1])
    np.testing.assert_allclose(record["value"], expected, rtol=1e-6)
    assert (
        record["protocol"]["features_sha256"] == "0" * 64 and record["protocol"]["samples"] == 200
    )
    assert (
        record["protocol"]["references"] == "held out of train[:180]"
        and 0.0 < record["standard_error"] < expected
    )


def test_kernel_distance_is_that_of_the_features(candidate, images):
    value, error = features.kernel_distance(
        project(held_out())[1], project(subject_images(candidate))[1]
    )
    record = measurements.measure(candidate, "kd_mnist_features")
    np.testing.assert_allclose(
        [record["value"], record["standard_error"]], [value, error], rtol=1e-5
    )


def test_a_kernel_distance_of_few_images_has_an_error(candidate):
    record = measurements.measure(candidate._replace(num=50), "kd_mnist_features")
    assert 0.0 < record["standard_error"] < 10.0 * abs(record["value"])
    assert record["protocol"]["standard_error"].startswith("jackknife")


def subject_images(candidate):
    return np.rint(candidate.draw(10_000, 0) * 255.0).astype(np.uint8)


def test_score_is_the_mean_divergence_from_the_marginal(candidate, images):
    logits = project(images)[0]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    expected = np.exp(np.mean(np.sum(p * (np.log(p) - np.log(p.mean(axis=0))), axis=1)))
    np.testing.assert_allclose(
        measurements.measure(candidate, "score_mnist_features")["value"], expected, rtol=1e-5
    )


def test_coverage_says_all_four(candidate, images):
    record = measurements.measure(candidate, "coverage_mnist_features")
    result = neighbors.coverage(project(held_out())[1], project(images)[1], 5)
    expected = [result.coverage, result.precision, result.recall, result.density]
    np.testing.assert_allclose([record["value"], *record["beside"].values()], expected, rtol=1e-6)


def test_classes_are_counted_by_the_largest_logit(candidate, images):
    record = measurements.measure(candidate, "classes_mnist_features")
    counts = np.bincount(project(images)[0].argmax(axis=1), minlength=4)
    np.testing.assert_allclose(record["beside"]["shares"], counts / 200, atol=1e-5)
    assert record["value"] == np.sum(counts >= 200 / 40)


def test_sliced_wasserstein_is_taken_of_pixels(candidate):
    record = measurements.measure(candidate, "sliced_wasserstein")
    expected = sliced_wasserstein.distance(
        *(x[:180].reshape(180, -1) / 255.0 for x in (held_out(), subject_images(candidate)))
    )
    np.testing.assert_allclose(record["value"], expected, rtol=1e-5)


def test_one_sample_has_no_standard_error(candidate):
    record = measurements.measure(candidate._replace(num=1), "sliced_wasserstein")
    assert record["value"] > 0.0 and record["standard_error"] is None


def test_the_order_of_the_files_moves_no_number(tmp_path):
    loaded = datasets.load_digits()
    pixels = np.rint(loaded.images[..., None] * (255.0 / 16.0)).astype(np.uint8)
    orders = {
        "sorted": np.argsort(loaded.target, kind="stable"),
        "mixed": np.random.default_rng(0).permutation(1797),
    }
    measured = []
    for name, order in orders.items():
        np.savez(tmp_path / f"{name}.npz", images=pixels[order], labels=loaded.target[order])
        made = candidates.find("digits", f"npz:{tmp_path / name}.npz")
        measured.append(measurements.measure(made, "sliced_wasserstein"))
    one, two = (record["value"] for record in measured)
    errors = [record["standard_error"] for record in measured]
    # references are two draws of 180; of two classes the distance is nearly three times as large
    np.testing.assert_allclose(one, two, atol=3 * np.hypot(*errors))


def test_memorization_sees_a_copied_image(candidate, tmp_path):
    trained = sources.images(sources.load("digits", held_out=0.1))
    np.savez(tmp_path / "copied.npz", images=trained[:50])
    copied = measurements.measure(
        candidates.find(str(tmp_path / "copied.npz"), "digits"), "memorization"
    )
    assert copied["value"] < 1e-6 and copied["beside"]["examples"] > 0.5
    assert measurements.measure(candidate, "memorization")["value"] > 0.5


def test_samples_are_compared_at_8_bits_and_with_the_split_that_is_asked_for(start, tmp_path):
    run = start(
        tmp_path / "run",
        schema.Data("digits", batch_size=8),
        shape=[8, 8, 1],
        value_range=[-1.0, 1.0],
    )
    made = candidates.of_game(checkpoints.load_game(run), run.experiment(), "run")._replace(
        num=40, split="train[:60]"
    )
    record = measurements.measure(made, "fd_mnist_features")
    x_fake = np.rint((made.draw(40, 0) + 1.0) * 127.5).astype(np.uint8)
    x = np.rint(references.examples(candidates.find("digits"), "train[:40]") * 255.0)
    np.testing.assert_allclose(
        record["value"], features.frechet_distance(project(x)[1], project(x_fake)[1]), rtol=1e-5
    )
    assert record["protocol"]["references"] == "train[:60][:40]"


def test_points_have_no_features():
    with pytest.raises(ValueError, match="a space for images. Received: points of 'ring'"):
        measurements.measure(candidates.find("ring"), "fd_mnist_features")


def test_points_have_modes_and_slices():
    ring = candidates.find("ring")._replace(num=500)
    assert measurements.measure(ring, "modes")["value"] == 8
    assert measurements.measure(ring, "sliced_wasserstein")["value"] < 0.3


def test_images_of_another_shape_are_refused(tmp_path):
    np.savez(tmp_path / "colour.npz", images=np.zeros((20, 8, 8, 3), np.uint8))
    with pytest.raises(
        ValueError, match=r"must have the shape of the examples, \(8, 8, 1\). Received: \(8, 8, 3\)"
    ):
        measurements.measure(
            candidates.find(str(tmp_path / "colour.npz"), "digits"), "sliced_wasserstein"
        )


def test_metrics_of_games_are_refused_of_images(candidate):
    with pytest.raises(
        ValueError, match="`elbo` measures a run; of samples alone there are .*parzen"
    ):
        measurements.measure(candidate, "elbo")


def test_command_measures_a_file_and_publishes_it(images, tmp_path, capsys):
    out = tmp_path / "floor.json"
    words = [
        "evaluate",
        str(tmp_path / "made.npz"),
        "--data=digits",
        "--metrics=fd_mnist_features",
        f"--out={out}",
        "--noprogress",
    ]
    assert __main__.main(words) == 0
    record = json.loads(out.read_text())
    assert (
        record["command"]
        == "zoo evaluate npz:made.npz --metrics=fd_mnist_features --data=digits --seed=0"
    )
    assert record["step"] is None and record["protocol"]["images"] == 200
    assert "fd_mnist_features: " in capsys.readouterr().out


def test_every_metric_that_has_a_better_side_says_which():
    assert (
        metrics.better("fd_mnist_features") == metrics.better("sliced_wasserstein") == metrics.LOWER
    )
    assert (
        metrics.better("coverage_inception")
        == metrics.better("parzen")
        == metrics.better("linear_probe")
        == metrics.HIGHER
    )
    assert {metric for metric in metrics.METRICS if metrics.better(metric) is None} == {
        "code_correlation",
        "memorization",
        "ms_ssim",
    }
