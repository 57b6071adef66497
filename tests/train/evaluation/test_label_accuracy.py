"""Samples of a conditional model: the classifier's class against the label that was asked for."""

import numpy as np
import pytest

import configs
from train import bundles
from train.data import sources
from train.evaluation import candidates, feature_networks, measurements
from train.inference import samples

CLASSES = 10


def shade(labels):
    """Images of one grey level for each label: what the classifier below reads off again."""
    return np.broadcast_to(labels[:, None, None, None] / 16.0, (len(labels), 8, 8, 1))


def read(images):
    """Logits that are largest for the label of `shade`, and the grey level as the feature."""
    level = images.reshape(len(images), -1).mean(axis=1) / 255.0 * 16.0
    return -np.abs(level[:, None] - np.arange(CLASSES)), level[:, None]


@pytest.fixture
def network(monkeypatch):
    """A classifier with a known answer in the place of one that was trained."""
    made = feature_networks.FeatureNetwork("mnist_features", "0" * 64, "none", read)
    monkeypatch.setattr(feature_networks, "load", lambda name: made)


@pytest.fixture
def candidate():
    """A conditional model of the digits whose class 3 looks like class 5 in one draw of two."""

    def draw(count, seed):
        labels = np.arange(count) % CLASSES
        wrong = (labels == 3) & (np.arange(count) // CLASSES % 2 == 0)
        return shade(np.where(wrong, 5, labels)).astype(np.float32)

    return candidates.find("digits")._replace(draw=draw, classes=CLASSES, num=200)


def test_accuracy_of_each_class_is_that_of_the_known_answer(candidate, network):
    record = measurements.measure(candidate, "label_accuracy_mnist_features")
    np.testing.assert_allclose(record["value"], 95.0, rtol=1e-12)  # 10 of 200 are wrong
    np.testing.assert_allclose(
        record["standard_error"], 100.0 * np.sqrt(0.95 * 0.05 / 200), rtol=1e-12
    )
    expected = [100.0] * CLASSES
    expected[3] = 50.0
    assert record["beside"]["by_class"] == expected
    assert record["protocol"]["labels"] == "each of the 10 classes in turn"


def test_the_ceiling_is_the_classifiers_accuracy_on_held_out_examples(candidate, network):
    record = measurements.measure(candidate, "label_accuracy_mnist_features")
    source = sources.load("digits", held_out=0.1, unseen=True)
    right = read(sources.images(source))[0].argmax(axis=1) == source.labels
    np.testing.assert_allclose(record["beside"]["examples"], 100.0 * right.mean(), rtol=1e-12)
    assert record["protocol"]["references"] == "held out of train[:180]"


def test_a_class_without_samples_has_no_accuracy(candidate, network):
    record = measurements.measure(candidate._replace(num=2), "label_accuracy_mnist_features")
    assert record["beside"]["by_class"] == [100.0, 100.0] + [None] * 8


def test_a_model_without_labels_is_refused(candidate, network):
    with pytest.raises(ValueError, match="needs a conditional game, or a bundle of one"):
        measurements.measure(candidate._replace(classes=None), "label_accuracy_mnist_features")


def test_a_classifier_of_other_classes_is_refused(candidate, network):
    with pytest.raises(ValueError, match="knows 10 classes.*with 7"):
        measurements.measure(candidate._replace(classes=7), "label_accuracy_mnist_features")


def test_other_metrics_of_its_samples_say_how_labels_were_drawn(candidate, network):
    record = measurements.measure(candidate, "sliced_wasserstein")
    assert record["protocol"]["labels"] == "each of the 10 classes in turn"
    assert (
        "labels"
        not in measurements.measure(candidate._replace(classes=None), "sliced_wasserstein")[
            "protocol"
        ]
    )


def test_a_game_and_its_bundle_are_asked_for_the_same_labels(untrained, tmp_path, network):
    experiment = configs.load("conditional_dcgan_digits").override(
        ["game.generator.width=4", "game.critic.width=4"]
    )
    data = {"shape": [8, 8, 1], "value_range": [-1.0, 1.0], "classes": CLASSES}
    run = untrained(tmp_path / "run", experiment, **data)
    bundle = bundles.write(run, tmp_path / "bundle")
    result = candidates.find(str(bundle))
    assert result.classes == CLASSES
    of_run = measurements.evaluate(run, "label_accuracy_mnist_features", num=30, verbose=False)
    of_bundle = measurements.measure(result._replace(num=30), "label_accuracy_mnist_features")
    assert of_run["value"] == of_bundle["value"]
    assert of_run["beside"]["by_class"] == of_bundle["beside"]["by_class"]
    np.testing.assert_array_equal(samples.labels(CLASSES, 12), [*range(10), 0, 1])
