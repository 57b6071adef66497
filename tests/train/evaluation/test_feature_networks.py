"""Networks of features: the files that ship, and Inception where somebody put it."""

import hashlib
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from train.evaluation import feature_networks

LEAST = {"mnist_features": 99.2, "fashion_features": 91.0, "cifar10_jpeg_features": 84.0}
OWN = [name for name in feature_networks.NAMES if name != "inception"]


@pytest.mark.parametrize("name", OWN)
def test_what_ships_is_small_and_is_what_its_card_describes(name):
    card, path = feature_networks.card(name), feature_networks.FOLDER / f"{name}.onnx"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == card["sha256"]
    assert path.stat().st_size < 4_000_000
    assert card["test_accuracy"] >= LEAST[name]
    assert card["command"].startswith("zoo train --config=features_")


@pytest.mark.parametrize("name", OWN)
def test_features_of_an_image_do_not_depend_on_its_batch(name):
    network = feature_networks.load(name)
    shape = (300, *feature_networks.card(name)["shape"])
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    logits, features = network.run(images)
    assert logits.shape == (300, 10) and features.shape == (300, 128)
    alone = network.run(images[299:])
    np.testing.assert_allclose(alone[1], features[299:], rtol=1e-4, atol=1e-5)
    assert features.std(axis=0).max() > 0.01


def test_a_network_of_colour_pictures_takes_every_size_and_grey_ones():
    network = feature_networks.load("cifar10_jpeg_features")
    assert network.resize == "bilinear to 32x32, grey as three equal channels"
    x = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)
    expected = network.run(np.repeat(x, 3, axis=-1))
    # each pixel becomes four equal ones, whose mean, wherever they are resized to, is the pixel
    blocks = x[:, :16, :16].repeat(4, axis=1).repeat(4, axis=2)
    halved = blocks[:, 1::2, 1::2]
    for images, reference in ((x, expected), (halved, network.run(halved.repeat(3, axis=-1)))):
        for got, wanted in zip(network.run(images), reference):
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)
    flat = np.full((1, 40, 24, 3), 77, np.uint8)
    for got, wanted in zip(network.run(flat), network.run(np.full((1, 32, 32, 3), 77, np.uint8))):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["mnist_features", "fashion_features"])
def test_images_of_another_shape_are_refused(name):
    with pytest.raises(
        ValueError, match=r"takes images \[N, 28, 28, 1\]. Received: \[2, 32, 32, 3\]"
    ):
        feature_networks.load(name).run(np.zeros((2, 32, 32, 3), np.uint8))


def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    for suffix in (".onnx", ".json"):
        content = (feature_networks.FOLDER / f"mnist_features{suffix}").read_bytes()
        (tmp_path / f"mnist_features{suffix}").write_bytes(
            content + (b" " if suffix == ".onnx" else b"")
        )
    monkeypatch.setattr(feature_networks, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="must be the file that its card describes"):
        feature_networks.load.__wrapped__("mnist_features")


def test_inception_that_is_not_here_says_how_to_provide_it(monkeypatch):
    monkeypatch.delenv("TFHUB_CACHE_DIR", raising=False)
    with pytest.raises(FileNotFoundError, match="inception/1\\?tf-hub-format=compressed into"):
        feature_networks.load.__wrapped__("inception")


def test_inception_is_given_what_it_takes(tmp_path, monkeypatch):
    class Graph(tf.Module):
        """In the place of Inception: what it is given comes out again."""

        @tf.function(input_signature=[tf.TensorSpec([None, 299, 299, 3])])
        def __call__(self, x):
            corners = tf.stack([x[:, 0, 0], x[:, -1, -1]], axis=1)
            return {"logits": tf.reduce_mean(x, axis=[1, 2]), "pool_3": corners[:, None]}

    folder = tmp_path / hashlib.sha1(feature_networks.HANDLE.encode()).hexdigest()
    tf.saved_model.save(Graph(), str(folder))
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    images = np.zeros((3, 5, 5, 1), np.uint8)
    images[1], images[2, 0, 0] = 255, 51
    logits, features = feature_networks.load.__wrapped__("inception").run(images)
    np.testing.assert_allclose(logits[:2], [[-1.0] * 3, [1.0] * 3], atol=1e-5)
    np.testing.assert_allclose(features[2], [51 / 127.5 - 1.0] * 3 + [-1.0] * 3, atol=1e-5)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """The bundle of an untrained classifier of 4 x 4 images, at its 7th step."""
    x = keras.Input([4, 4, 1])
    features = keras.layers.Dense(3, activation="relu", name="features")(keras.layers.Flatten()(x))
    network = keras.Model(x, keras.layers.Dense(2)(features))
    game = zoo.games.Supervised(classifier=network, value_range=(0.0, 1.0))
    game.step.assign(7)
    description = zoo.Description(
        name="features_mnist",
        data={"name": "mnist", "split": "train", "shape": [4, 4, 1]},
        training={"experiment": "features_mnist", "seed": 0},
    )
    out = tmp_path_factory.mktemp("classifier") / "bundle"
    return zoo.export(game, out, description=description, version=3, endpoints=["classify"])


def test_a_trained_classifier_is_kept_with_what_is_known_of_it(classifier, tmp_path, monkeypatch):
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setattr(feature_networks, "FOLDER", kept)
    graph = classifier / "onnx" / "features_mnist_classify" / "3" / "model.onnx"
    content = graph.read_bytes()
    record = {
        "metric": "accuracy",
        "value": 99.5,
        "step": 7,
        "experiment": {"name": "features_mnist", "seed": 0},
        "protocol": {"examples": "test"},
        "command": "zoo evaluate",
    }
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record | {"step": 8}))
    with pytest.raises(
        ValueError, match="must be the accuracy of features_mnist at step 7"
    ):  # of other weights
        feature_networks.keep(str(classifier), str(path), "mnist_features")
    path.write_text(json.dumps(record))
    feature_networks.keep(str(classifier), str(path), "mnist_features")
    card = feature_networks.card("mnist_features")
    assert (kept / "mnist_features.onnx").read_bytes() == content
    assert card["sha256"] == hashlib.sha256(content).hexdigest()
    assert (card["test_accuracy"], card["command"], card["trained_on"]) == (
        99.5,
        "zoo train --config=features_mnist",
        "mnist train",
    )
