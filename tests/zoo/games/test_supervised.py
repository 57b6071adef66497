"""A classifier as a game: its loss against one by hand, and labels that go with their examples."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import networks
from zoo.games import Supervised


def game(classes=3, rate=0.1, **options):
    keras.utils.set_random_seed(0)
    classifier = networks.NETWORKS["convolutional_classifier"](
        shape=(4, 4, 1), classes=classes, widths=((4,), (6,)), dropout_rate=0.0
    )
    made = Supervised(classifier=classifier, value_range=(0.0, 1.0), **options)
    made.compile({"classifier": keras.optimizers.SGD(rate)})
    return made


def test_loss_is_the_mean_negative_log_probability_of_the_labels():
    made = game()
    x, labels = np.random.default_rng(0).random((8, 4, 4, 1), np.float32), np.arange(8) % 3
    loss, logs = made.players()["classifier"].loss(
        {"x": tf.constant(x), "label": tf.constant(labels)}, None
    )
    logits = made.classifier(x, training=True).numpy().astype(np.float64)
    log_probability = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(loss, -log_probability[np.arange(8), labels].mean(), rtol=1e-5)
    np.testing.assert_allclose(
        logs["accuracy"], np.mean(logits.argmax(axis=1) == labels), rtol=1e-6
    )


def test_it_learns_what_tells_the_classes_apart():
    random = np.random.default_rng(0)
    labels = random.integers(3, size=600)
    x = (0.1 * random.random((600, 4, 4, 1)) + labels[:, None, None, None] / 3.0).astype(np.float32)
    made = game(rate=0.3)
    made.fit((x, labels), batch_size=20, epochs=4, verbose=0)
    actual = made.endpoints()["classify"].function(tf.constant(x))
    assert np.mean(actual["logits"].numpy().argmax(axis=1) == labels) > 0.95
    np.testing.assert_array_equal(
        actual["features"], made.endpoints()["features"].function(tf.constant(x))["features"]
    )


def test_batches_without_labels_are_refused():
    with pytest.raises(ValueError, match="needs x and label: a dict"):
        game().fit(tf.data.Dataset.from_tensors(np.zeros((4, 4, 4, 1), np.float32)), verbose=0)


@pytest.mark.parametrize(
    "outputs, features, message",
    [(1, True, "two classes or more. Received: \\(None, 1\\)"), (3, False, "a layer 'features'")],
)
def test_what_is_no_classifier_is_refused(outputs, features, message):
    hidden = keras.layers.Dense(5, name="features" if features else "hidden")
    with pytest.raises(ValueError, match=message):
        Supervised(
            classifier=keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(outputs)]),
            value_range=None,
        )
