"""The metric of a generator on the line, on a run whose generator is known."""

import dataclasses

import numpy as np
import pytest

import configs
from configs import schema
from train import checkpoints
from train.evaluation import measurements, records
from zoo.build import Spec


def test_the_untrained_generator_is_a_standard_normal_and_its_divergence_that_of_the_mixture(
    untrained, tmp_path
):
    run = untrained(
        tmp_path / "run", configs.load("f_gan_univariate"), shape=[1]
    )  # its generator begins at N(0, 1)
    record = measurements.evaluate(run, "gaussian_fit", verbose=False)
    beside = record["beside"]
    np.testing.assert_allclose([beside["mean"], beside["std"]], [0.0, 1.0], atol=1e-6)
    # KL of the mixture to N(0, 1): half of log(2 pi) and of its second moment, less its entropy
    x = np.linspace(-12.0, 16.0, 200_001)
    p = sum(
        w / (s * np.sqrt(2 * np.pi)) * np.exp(-0.5 * ((x - m) / s) ** 2)
        for w, m, s in ((0.33, -1.0, 0.255), (0.67, 2.0, 1.415))
    )
    second = 0.33 * (0.255**2 + 1.0) + 0.67 * (1.415**2 + 4.0)
    expected = (
        np.sum(p * np.log(np.maximum(p, 1e-300))) * (x[1] - x[0])
        + 0.5 * np.log(2 * np.pi)
        + 0.5 * second
    )
    np.testing.assert_allclose(record["value"], expected, rtol=1e-6)
    np.testing.assert_allclose(beside["divergences"]["kl"], expected, rtol=1e-6)
    np.testing.assert_allclose(
        [beside["best_mean"], beside["best_std"], beside["best_value"]],
        [1.01, 1.8308, 0.2831],
        atol=6e-4,
    )
    assert beside["bound"] <= expected  # whatever the critic is


def test_a_collapsed_generator_has_no_divergence(untrained, tmp_path):
    run = untrained(tmp_path / "run", configs.load("f_gan_univariate"), shape=[1])
    game = checkpoints.load_game(run)
    for variable in game.generator.trainable_variables:
        variable.assign(1e-4 * variable)
    checkpoints.Checkpoints(run.checkpoints, game).save()
    record = measurements.evaluate(run, "gaussian_fit", verbose=False)
    assert record["beside"]["std"] < 1e-3
    assert record["value"] is None and record["beside"]["bound"] is None
    assert set(record["beside"]["divergences"].values()) == {None}
    assert ["collapsed" in warning for warning in record["protocol"]["warnings"]] == [True]
    assert "no finite value" in records.describe(record)


def test_other_data_and_losses_without_a_divergence_are_refused(untrained, tmp_path):
    experiment = configs.load("f_gan_univariate")
    ring = dataclasses.replace(experiment, data=schema.Data("ring", batch_size=8))
    with pytest.raises(
        ValueError, match="needs data on the line, 'mixture'. Received: a run on 'ring'"
    ):
        measurements.evaluate(untrained(tmp_path / "ring", ring, shape=[2]), "gaussian_fit")
    other = dataclasses.replace(experiment, game=experiment.game.replace(loss=Spec("minimax")))
    with pytest.raises(ValueError, match="needs a loss with a divergence"):
        measurements.evaluate(untrained(tmp_path / "minimax", other, shape=[1]), "gaussian_fit")
