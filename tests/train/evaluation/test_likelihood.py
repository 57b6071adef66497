"""Likelihood metrics on runs whose weights are set by hand, so that the likelihood is known."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

import configs
from configs import schema
from train import checkpoints
from train.data import splits
from train.evaluation import candidates, likelihood, measurements
from train.inference import models
from zoo import seeds, trained
from zoo.metrics import ais


def with_weights(run, change):
    """The run's newest checkpoint with weights that `change` has set."""
    game = checkpoints.load_game(run)
    change(game)
    checkpoints.Checkpoints(run.checkpoints, game).save()
    return run


def constant(logits):
    """A decoder that gives the same logits for every latent."""
    return lambda game: flat(game.decoder, logits)


def flat(network, outputs):
    for variable in network.trainable_variables:
        variable.assign(np.zeros(variable.shape))
    network.trainable_variables[-1].assign(outputs)


@pytest.fixture
def toy(untrained, tmp_path):
    return lambda config: untrained(tmp_path / config, configs.load(config), shape=[4])


LOGITS = np.array([1.0, -1.0, 0.5, -2.0])
EXPECTED = np.mean([np.sum(x * LOGITS - np.logaddexp(0.0, LOGITS)) for x in np.eye(4)])


@pytest.mark.parametrize("config", ["vae_toy", "avb_toy"])
def test_quadrature_of_a_decoder_that_ignores_its_latent(toy, config):
    record = measurements.evaluate(
        with_weights(toy(config), constant(LOGITS)), "quadrature", verbose=False
    )
    np.testing.assert_allclose(record["value"], EXPECTED, atol=1e-5)
    np.testing.assert_allclose(record["beside"]["reconstruction_error"], -EXPECTED / 4, rtol=1e-5)
    assert record["beside"]["aggregated_posterior_kl"] > 0.0
    assert record["protocol"]["points"] == 4


def test_a_bound_above_the_likelihood_is_warned_of(toy):
    run = toy("avb_toy")
    assert not measurements.evaluate(
        with_weights(run, constant(LOGITS)), "quadrature", verbose=False
    )["protocol"]["warnings"]
    record = measurements.evaluate(
        with_weights(run, lambda game: flat(game.adversary, [-50.0])), "quadrature", verbose=False
    )
    assert record["beside"]["elbo"] > EXPECTED + 20.0
    assert [warning[:9] for warning in record["protocol"]["warnings"]] == ["the bound"]


def test_quadrature_of_a_decoder_that_depends_on_its_latent(toy):
    run = toy("vae_toy")
    game = checkpoints.load_game(run)
    record = measurements.evaluate(run, "quadrature", verbose=False)
    # the midpoint rule on another grid, in numpy
    side = np.linspace(-7.0, 7.0, 301, dtype=np.float32)
    z = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    logits = game.decoder.predict(z, verbose=0).astype(np.float64)
    log_joint = np.log(special.expit(logits)) + (
        np.log1p(-special.expit(logits)).sum(axis=1, keepdims=True)
        - np.log1p(-special.expit(logits))
    )
    log_prior = -0.5 * (z.astype(np.float64) ** 2).sum(axis=1) - np.log(2 * np.pi)
    expected = special.logsumexp(log_joint + log_prior[:, None], axis=0) + 2 * np.log(
        side[1] - side[0]
    )
    np.testing.assert_allclose(record["value"], expected.mean(), atol=1e-4)


def test_quadrature_has_nodes_enough_for_a_decoder_with_an_edge(toy):
    """Feature 0 is 1 where a latent is above a number halfway between two nodes, and else 0."""
    edge = 0.075

    def cut(game):
        first, *rest = [layer for layer in game.decoder.layers if layer.get_weights()]
        for layer in (first, *rest):
            layer.set_weights([np.zeros_like(value) for value in layer.get_weights()])
            layer.kernel[0, 0].assign(1e4 if layer is rest[-1] else 1.0)
        first.bias[0].assign(-edge)

    record = measurements.evaluate(with_weights(toy("vae_toy"), cut), "quadrature", verbose=False)
    # the three other features are 0 or 1 with the probability 1/2
    log_p = [stats.norm.logsf(edge), *3 * [stats.norm.logcdf(edge)]]
    np.testing.assert_allclose(record["value"], np.mean(log_p) - 3 * np.log(2.0), atol=1e-3)
    assert record["protocol"]["nodes"] == 401**2
    assert ["nodes are too few" in text for text in record["protocol"]["warnings"]] == [True]


def test_bounds_and_estimates_of_a_decoder_that_ignores_its_latent(
    untrained, tmp_path, monkeypatch
):
    monkeypatch.setattr(likelihood, "AIS_EXAMPLES", 40)
    monkeypatch.setattr(likelihood, "TEMPERATURES", 100)
    experiment = dataclasses.replace(
        configs.load("vae_digits"),
        data=schema.Data("digits", batch_size=8, value_range=(0.0, 1.0)),
    )
    run = untrained(tmp_path / "run", experiment, shape=[8, 8, 1], value_range=[0.0, 1.0])
    logits = np.random.default_rng(0).normal(size=64)
    with_weights(run, constant(logits))
    from sklearn import datasets

    digits = datasets.load_digits()
    rows = splits.held_out(1797, 0.1, digits.target)[1]  # digits have no test split
    x = np.rint(digits.images[rows].reshape(180, 64) * 255 / 16) / 255
    expected = np.mean(np.sum(x * logits - np.logaddexp(0.0, logits), axis=1))
    weighted = measurements.evaluate(run, "iwae", num=400, verbose=False)
    bound = measurements.evaluate(run, "elbo", num=3, verbose=False)
    # log p(x) is the decoder's, whatever the posterior is
    np.testing.assert_allclose(weighted["value"], expected, atol=0.1)
    assert bound["value"] < weighted["value"] and weighted["beside"]["elbo"] < weighted["value"]
    assert weighted["protocol"]["importance_samples"] == 400 and bound["protocol"]["draws"] == 3
    assert weighted["protocol"]["examples"] == "held out of train[:180]"
    assert weighted["protocol"]["held_out"] == 0.1
    annealed = measurements.evaluate(run, "ais", num=2, verbose=False)
    of_40 = np.mean(np.sum(x[:40] * logits - np.logaddexp(0.0, logits), axis=1))
    np.testing.assert_allclose(annealed["value"], of_40, atol=0.2)
    assert annealed["beside"]["bound"] <= annealed["value"] + 0.2


def test_a_wide_spread_of_chains_is_warned_of_and_one_chain_has_none(toy, monkeypatch):
    """The estimator itself has tests of its own."""

    def log_likelihood(target, mean, std, *, chains, temperatures, **_):
        spread = np.full(len(mean), np.nan if chains == 1 else 3.0)
        return ais.Estimate(np.zeros(len(mean)), spread, np.full(temperatures, 0.65), spread)

    monkeypatch.setattr(ais, "log_likelihood", log_likelihood)
    run = toy("vae_toy")
    two, one = (measurements.evaluate(run, "ais", num=num, verbose=False) for num in (2, 1))
    assert two["beside"]["spread_of_log_weights"] == 3.0
    assert ["spread by 3 nats" in text for text in two["protocol"]["warnings"]] == [True]
    assert one["beside"]["spread_of_log_weights"] is None and not one["protocol"]["warnings"]
    assert "fixed" in one["protocol"]["step_sizes"]


def test_what_does_not_apply_is_refused(toy, untrained, tmp_path):
    with pytest.raises(ValueError, match="`iwae` needs a posterior whose density is known"):
        measurements.evaluate(toy("avb_toy"), "iwae")
    gan = untrained(tmp_path / "gan", configs.load("f_gan_univariate"), shape=[1])
    for metric in ("elbo", "iwae", "ais", "quadrature"):
        with pytest.raises(ValueError, match=f"`{metric}` needs a game with a likelihood"):
            measurements.evaluate(gan, metric)
    digits = configs.load("vae_digits")
    digits = untrained(tmp_path / "digits", digits, shape=[8, 8, 1], value_range=[0.0, 1.0])
    with pytest.raises(
        ValueError,
        match="`quadrature` needs points and a latent plane. Received: 'digits', 8 latents",
    ):
        measurements.evaluate(digits, "quadrature")


def test_binary_pixels_are_drawn_once_by_the_seed(untrained, tmp_path):
    experiment = configs.load("vae_digits")
    experiment = dataclasses.replace(experiment, game=experiment.game.replace(binarize=True))
    run = untrained(tmp_path / "run", experiment, shape=[8, 8, 1], value_range=[0.0, 1.0])
    a, b, c = (measurements.evaluate(run, "elbo", seed=seed, verbose=False) for seed in (0, 0, 1))
    assert a["value"] == b["value"] != c["value"]
    assert "default_rng(0)" in a["protocol"]["binarization"]


def test_bounds_of_a_conditional_model_are_of_the_labels_of_the_examples(untrained, tmp_path):
    data = {"shape": [8, 8, 1], "value_range": [0.0, 1.0], "classes": 10}
    experiment = configs.load("conditional_vae_digits").override(["data.held_out=0"])
    run = untrained(tmp_path / "run", experiment, **data)
    game = checkpoints.load_game(run)
    candidate = candidates.of_game(game, run.experiment(), "run")._replace(
        split="train[:30]", verbose=False
    )
    record = measurements.measure(candidate, "elbo")
    x, labels = models.examples(run, "digits", 30)
    row_seeds = trained.row_seeds(0, 30)
    values = []
    for row, label in enumerate(labels):
        model, one = game.latent_model(int(label)), tf.constant(x[row : row + 1])
        z, log_ratio = model.log_ratio(one, seeds.Rows(tf.constant(row_seeds[row : row + 1])))
        values.append(float(model.log_likelihood(one, z)[0] - log_ratio[0]))
    np.testing.assert_allclose(record["value"], np.mean(values), rtol=1e-5)
    assert "log p(x | label)" in record["protocol"]["labels"]
    with pytest.raises(ValueError, match="`ais` needs a game without labels.*elbo, iwae"):
        measurements.measure(candidate, "ais")
