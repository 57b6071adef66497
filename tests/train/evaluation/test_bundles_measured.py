"""A bundle is measured by what its endpoints give: the numbers are those of its run."""

import numpy as np
import pytest

import configs
from train import bundles
from train.evaluation import candidates, measurements
from zoo import __main__

SHAPE = {"shape": [8, 8, 1], "value_range": [-1.0, 1.0]}


@pytest.fixture(scope="module")
def encoding(untrained, tmp_path_factory):
    """(run, bundle) of a model that encodes the digits, at its first weights."""
    place = tmp_path_factory.mktemp("encoding")
    run = untrained(place / "run", configs.load("age_digits"), **SHAPE)
    return run, bundles.write(run, place / "bundle")


def both(run, bundle, metric, **options):
    of_run = measurements.evaluate(run, metric, verbose=False, **options)
    candidate = candidates.find(str(bundle))._replace(verbose=False, **options)
    return of_run, measurements.measure(candidate, metric)


@pytest.mark.parametrize(
    "metric", ["reconstruction", "code_correlation", "nearest_neighbor", "linear_probe"]
)
def test_codes_of_a_bundle_are_measured_as_those_of_its_run(encoding, metric):
    of_run, of_bundle = both(*encoding, metric, num=500)
    np.testing.assert_allclose(of_bundle["value"], of_run["value"], rtol=1e-4, atol=0.2)
    only_of_runs = {name for name in of_run["beside"] if name.startswith("untrained_")}
    assert set(of_bundle["beside"]) == set(of_run["beside"]) - only_of_runs
    own = {"weights", "weights_sha256"}
    protocols = [
        {key: value for key, value in record["protocol"].items() if key not in own}
        for record in (of_run, of_bundle)
    ]
    assert protocols[0] == protocols[1]


def test_a_bundle_of_pixels_with_the_channels_first_is_measured_too(encoding, tmp_path):
    run, _ = encoding
    bundle = bundles.write(run, tmp_path / "pixels", output="uint8", layout="nchw")
    of_run, of_bundle = both(run, bundle, "reconstruction")
    # distances of pixels from 0 to 255, of which one is half a grey level off at most
    np.testing.assert_allclose(of_bundle["value"] / 127.5, of_run["value"], rtol=5e-3)


def test_both_directions_of_a_translation(untrained, tmp_path):
    run = untrained(tmp_path / "run", configs.load("cycle_gan_digits"), **SHAPE)
    of_run, of_bundle = both(run, bundles.write(run, tmp_path / "bundle"), "cycle_error", num=100)
    np.testing.assert_allclose(of_bundle["value"], of_run["value"], rtol=1e-4)
    assert set(of_bundle["beside"]) == set(of_run["beside"])


def test_a_classifier(untrained, tmp_path):
    changes = ["data.name=digits", "data.size=28,28"]
    experiment = configs.load("features_mnist").override(changes)
    data = {"shape": [28, 28, 1], "value_range": [0.0, 1.0], "classes": 10}
    run = untrained(tmp_path / "run", experiment, **data)
    of_run, of_bundle = both(run, bundles.write(run, tmp_path / "bundle"), "accuracy")
    assert of_bundle["value"] == of_run["value"]


@pytest.mark.parametrize(
    ("metric", "sentence"),
    [
        ("elbo", "`elbo` measures a run; of a bundle there are"),
        ("cycle_error", "`cycle_error` needs a model with the endpoints `a_to_b` and `b_to_a`"),
        ("accuracy", "`accuracy` needs a model that classifies"),
    ],
)
def test_what_a_bundle_cannot_give_is_said(encoding, metric, sentence, capsys):
    assert __main__.main(["evaluate", str(encoding[1]), f"--metrics={metric}"]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
