"""Probes and reconstructions of untrained runs on the digits, against the same by hand."""

import keras
import numpy as np
import pytest
from sklearn import datasets, linear_model, neighbors, preprocessing

import configs
from train import checkpoints
from train.data import sources, splits
from train.evaluation import measurements, references


@pytest.fixture
def run(untrained, tmp_path):
    experiment = configs.load("bigan_digits").override(
        ["game.encoder.units=16,16", "game.generator.units=16,16", "game.critic.units=16,16"]
    )
    return untrained(tmp_path / "run", experiment, shape=[8, 8, 1], value_range=[0.0, 1.0])


def test_probes_stand_beside_pixels_and_an_untrained_encoder(run):
    record = measurements.evaluate(run, "nearest_neighbor", verbose=False)
    assert set(record["beside"]) == {
        "encode",
        "features",
        "untrained_encode",
        "untrained_features",
        "raw_pixels",
    }
    x = sources.images(sources.load("digits")).reshape(1797, -1) / 255.0
    y = datasets.load_digits().target
    seen, unseen = splits.held_out(1797, 0.1, y)  # the digits have no test split
    expected = 100.0 * neighbors.KNeighborsClassifier(1).fit(x[seen], y[seen]).score(
        x[unseen], y[unseen]
    )
    np.testing.assert_allclose(record["beside"]["raw_pixels"], expected, rtol=1e-12)
    # the run is untrained itself
    assert record["beside"]["features"] == record["beside"]["untrained_features"]
    assert record["value"] == max(record["beside"]["encode"], record["beside"]["features"])
    assert record["protocol"]["references"] == "train"


def test_a_linear_probe_uses_the_same_rows(run):
    record = measurements.evaluate(run, "linear_probe", verbose=False)
    assert 85.0 < record["beside"]["raw_pixels"] < 99.0
    assert "logistic regression" in record["protocol"]["classifier"]


@pytest.mark.parametrize(
    "config, metric, classifier",
    [
        ("dcgan_digits", "linear_probe", linear_model.LogisticRegression(max_iter=200, tol=1e-3)),
        ("wgan_gp_digits", "nearest_neighbor", neighbors.KNeighborsClassifier(1)),
    ],
    ids=["dcgan", "wgan_gp"],
)
def test_a_critic_s_features_stand_next_to_pixels_and_an_untrained_critic(
    untrained, tmp_path, config, metric, classifier
):
    small = ["game.generator.width=4", "game.critic.width=4"]
    experiment = configs.load(config).override(small)
    value_range = experiment.data.value_range
    run = untrained(tmp_path / "run", experiment, shape=[8, 8, 1], value_range=value_range)
    record = measurements.evaluate(run, metric, verbose=False)
    assert set(record["beside"]) == {"features", "untrained_features", "raw_pixels"}
    assert record["protocol"]["representation"] == "features"
    # the run is untrained itself
    assert record["value"] == record["beside"]["untrained_features"]
    critic = checkpoints.load_game(run).critic
    layer = keras.Model(critic.input, critic.get_layer("features").output)

    def represented(unseen):
        source = sources.load("digits", value_range=value_range, held_out=0.1, unseen=unseen)
        x = sources.in_range(sources.images(source).astype("float32"), value_range)
        return layer(x, training=False).numpy().reshape(len(x), -1), source.labels

    (x_train, y_train), (x_test, y_test) = represented(False), represented(True)
    if metric == "linear_probe":
        scaler = preprocessing.StandardScaler().fit(x_train)
        x_train, x_test = scaler.transform(x_train), scaler.transform(x_test)
    expected = 100.0 * classifier.fit(x_train, y_train).score(x_test, y_test)
    np.testing.assert_allclose(record["value"], expected, atol=0.7)  # one image of 180


def test_reconstructions_of_an_untrained_run_are_as_far_as_any(run):
    record = measurements.evaluate(run, "reconstruction", verbose=False)
    np.testing.assert_allclose(record["beside"]["ratio"], 1.0, atol=0.02)
    np.testing.assert_allclose(
        record["beside"]["ratio"], record["value"] / record["beside"]["random_pairs"], rtol=1e-12
    )
    game = checkpoints.load_game(run)
    x = sources.in_range(
        sources.images(sources.load("digits", held_out=0.1, unseen=True)).astype("float32"),
        (0.0, 1.0),
    )
    error = np.linalg.norm(
        (x - game.generator(game.encoder(x)).numpy()).reshape(len(x), -1), axis=1
    )
    np.testing.assert_allclose(record["value"], error.mean(), rtol=1e-4)


def test_random_pairs_are_of_different_examples(run, monkeypatch):
    """Of a game that reconstructs exactly, an own pair is at 0 and any other is not."""
    monkeypatch.setattr(game_of(run), "reconstruct", lambda self, x, **_: np.array(x))
    record = measurements.evaluate(run, "reconstruction", verbose=False)
    x = sources.images(sources.load("digits", held_out=0.1, unseen=True)) / 255.0
    x = x.reshape(len(x), -1)
    distances = np.linalg.norm(x[:, None] - x[None], axis=-1)
    assert record["value"] == 0.0 and record["beside"]["ratio"] == 0.0
    np.testing.assert_allclose(
        record["beside"]["random_pairs"], distances.sum() / (len(x) * (len(x) - 1)), rtol=0.03
    )


def game_of(run):
    return type(checkpoints.load_game(run))


def test_a_single_example_has_no_other_to_compare_with(run, monkeypatch):
    held_out = references.held_out
    monkeypatch.setattr(references, "held_out", lambda *_: (held_out(*_)[0][:1], "train[84%:]"))
    with pytest.raises(ValueError, match="at least two held-out examples.*Received: 1"):
        measurements.evaluate(run, "reconstruction", verbose=False)


def test_a_correlation_of_one_draw_is_refused(run):
    with pytest.raises(ValueError, match="at least two draws. Received: --num=1"):
        measurements.evaluate(run, "code_correlation", num=1, verbose=False)


def test_codes_of_samples_are_compared_with_their_latents(untrained, tmp_path):
    run = untrained(tmp_path / "run", configs.load("vae_toy"), shape=[4])
    game = checkpoints.load_game(run)
    record = measurements.evaluate(run, "code_correlation", num=2000, verbose=False)
    z = np.random.default_rng(0).standard_normal((200_000, 2))
    x = 1.0 / (
        1.0
        + np.exp(
            -game.decoder.predict(z.astype("float32"), batch_size=4096, verbose=0).astype(float)
        )
    )
    codes = game.encoder.predict(x.astype("float32"), batch_size=4096, verbose=0)[:, :2]
    expected = [np.corrcoef(z[:, i], codes[:, i])[0, 1] for i in range(2)]
    np.testing.assert_allclose(record["value"], np.mean(expected), atol=0.05)
    np.testing.assert_allclose(
        [record["beside"]["least"], record["beside"]["greatest"]], sorted(expected), atol=0.07
    )
    np.testing.assert_allclose(record["beside"]["std_of_latents"], 1.0, atol=0.05)
    assert record["beside"]["codes_of_samples"] == pytest.approx(
        {
            "mean": np.abs(codes.mean(axis=0)).mean(),
            "largest_mean": np.abs(codes.mean(axis=0)).max(),
            "variance": codes.var(axis=0).mean(),
            "least_variance": codes.var(axis=0).min(),
            "greatest_variance": codes.var(axis=0).max(),
        },
        rel=0.1,
    )
    assert (
        record["beside"]["codes_of_examples"].keys() == record["beside"]["codes_of_samples"].keys()
    )


def test_a_game_without_codes_is_refused(untrained, tmp_path):
    run = untrained(tmp_path / "ring", configs.load("wgan_gp_ring"), shape=[2])
    with pytest.raises(ValueError, match="endpoint of this model 'reconstruct'"):
        measurements.evaluate(run, "reconstruction", verbose=False)
