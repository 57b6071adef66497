"""Samples, codes and walks of conditional games: which label each row has."""

import numpy as np
import pytest
from PIL import Image
from sklearn import datasets

import configs
from export.runtime import grids
from train import checkpoints
from train.inference import codes, inversion, models, samples, walks
from zoo import __main__

CLASSES = 10


@pytest.fixture(scope="module")
def gan(untrained, tmp_path_factory):
    """A conditional GAN on the digits at its initial weights."""
    experiment = configs.load("conditional_dcgan_digits").override(
        ["game.generator.width=4", "game.critic.width=4", "game.prior.size=5"]
    )
    data = {"shape": [8, 8, 1], "value_range": [-1.0, 1.0], "classes": CLASSES}
    return untrained(tmp_path_factory.mktemp("gan") / "run", experiment, **data)


@pytest.fixture(scope="module")
def vae(untrained, tmp_path_factory):
    """A conditional VAE on the digits at its initial weights."""
    data = {"shape": [8, 8, 1], "value_range": [0.0, 1.0], "classes": CLASSES}
    experiment = configs.load("conditional_vae_digits")
    return untrained(tmp_path_factory.mktemp("vae") / "run", experiment, **data)


def test_a_row_of_the_picture_is_a_class_and_a_column_a_draw(gan, tmp_path):
    game = checkpoints.load_game(gan)
    samples.write(game, str(tmp_path / "a.png"), count=25, seed=3)
    x = grids.pixels(game.sample(25, seed=3, label=np.arange(25) % CLASSES), (-1.0, 1.0))
    picture = np.asarray(Image.open(tmp_path / "a.png"))
    assert picture.shape == (10 * 34 - 2, 3 * 34 - 2)  # 32 pixels, enlarged by 4, and gaps of 2
    for i in range(30):
        row, column = i % CLASSES, i // CLASSES
        cell = picture[row * 34 : row * 34 + 32 : 4, column * 34 : column * 34 + 32 : 4]
        np.testing.assert_array_equal(cell, x[i, ..., 0] if i < 25 else 128)


def test_one_label_is_every_samples_and_its_picture_is_a_square(gan, tmp_path):
    words = ["sample", str(gan.directory), "--num=9", "--label=7"]
    assert __main__.main([*words, f"--out={tmp_path}/a.npz"]) == 0
    with np.load(tmp_path / "a.npz") as file:
        np.testing.assert_array_equal(file["labels"], [7] * 9)
        images = file["images"]
    game = checkpoints.load_game(gan)
    expected = grids.pixels(game.sample(9, seed=0, label=np.full(9, 7)), (-1.0, 1.0))
    np.testing.assert_array_equal(images, expected)
    assert __main__.main([*words, f"--out={tmp_path}/a.png"]) == 0
    assert Image.open(tmp_path / "a.png").size == (3 * 34 - 2, 3 * 34 - 2)


def test_labels_are_in_the_file_and_a_row_keeps_its_image_whatever_the_number(gan, tmp_path):
    game = checkpoints.load_game(gan)
    for count in (13, 25):
        samples.write(game, str(tmp_path / f"{count}.npz"), count=count, seed=3)
    with np.load(tmp_path / "13.npz") as few, np.load(tmp_path / "25.npz") as many:
        np.testing.assert_array_equal(few["labels"], [*range(10), 0, 1, 2])
        for key in ("images", "labels", "seeds"):
            np.testing.assert_array_equal(few[key], many[key][:13])


def test_a_label_that_is_no_class_is_refused(gan, tmp_path, capsys):
    words = ["sample", str(gan.directory), "--label=10", f"--out={tmp_path}/a.png"]
    assert __main__.main(words) == 2
    assert "must be in [0, 10)" in capsys.readouterr().err


def test_a_walk_between_samples_keeps_its_label(gan):
    game = checkpoints.load_game(gan)
    x = walks.between_samples(game, seed=3, count=12, steps=3)
    rows = samples.labels(CLASSES, 12)
    starts = game.sample(24, seed=3, label=rows.repeat(2))
    np.testing.assert_allclose(x[:, 0], starts[0::2], atol=1e-5)
    np.testing.assert_allclose(x[:, -1], starts[1::2], atol=1e-5)


def test_pairs_have_one_label_in_the_order_in_which_they_are_complete():
    first, second = walks.pairs(7, 3, np.array([4, 1, 1, 4, 4, 2, 4]))
    np.testing.assert_array_equal([first, second], [[1, 0, 4], [2, 3, 6]])
    first, second = walks.pairs(5, 9)
    np.testing.assert_array_equal([first, second], [[0, 2], [1, 3]])


def run(verb, run, path, *words):
    words = [verb, str(run.directory), "--input=digits", f"--out={path}", *words]
    assert __main__.main(words) == 0
    with np.load(path) as file:
        return dict(file)


def test_codes_and_reconstructions_are_given_the_labels_of_the_source(vae, tmp_path):
    game, x = checkpoints.load_game(vae), models.examples(vae, "digits", 6).x
    labels = datasets.load_digits().target[:6]
    result = run("encode", vae, tmp_path / "a.npz", "--num=6")
    np.testing.assert_array_equal(result["mean"], game.encode(x, label=labels))
    result = run("reconstruct", vae, tmp_path / "b.npz", "--num=6")
    np.testing.assert_array_equal(result["images"], game.reconstruct(x, label=labels))


def test_a_label_takes_the_place_of_the_sources(vae, tmp_path):
    game, x = checkpoints.load_game(vae), models.examples(vae, "digits", 6).x
    result = run("reconstruct", vae, tmp_path / "a.npz", "--num=6", "--label=4")
    np.testing.assert_array_equal(result["images"], game.reconstruct(x, label=4))
    assert not np.allclose(result["images"], game.reconstruct(x, label=5))


def test_walks_between_examples_stay_in_one_class(vae, tmp_path):
    game = checkpoints.load_game(vae)
    result = run("interpolate", vae, tmp_path / "a.npz", "--num=5", "--steps=3")["images"]
    x, labels = models.examples(vae, "digits")
    first, second = walks.pairs(len(x), 5, labels)
    np.testing.assert_array_equal(labels[first], labels[second])
    for end, rows in ((0, first), (-1, second)):
        ends = game.reconstruct(x[rows], label=labels[rows])
        np.testing.assert_allclose(result[:, end], ends, atol=1e-6)


def test_a_source_without_labels_asks_for_one(vae, tmp_path, capsys):
    np.savez(tmp_path / "made.npz", images=np.zeros((4, 8, 8, 1), np.uint8))
    words = ["reconstruct", str(vae.directory), f"--input=npz:{tmp_path}/made.npz"]
    assert __main__.main([*words, f"--out={tmp_path}/a.npz"]) == 2
    assert "--label=CLASS" in capsys.readouterr().err


def test_views_of_training_are_given_the_labels_in_order(vae):
    game = checkpoints.load_game(vae)
    x, labels = models.examples(vae, "digits", 20)
    shown, made = codes.viewer(game, 0, {"x": x[:5], "label": labels[:5]})()["reconstruct"]
    np.testing.assert_array_equal(shown, x[:5])
    np.testing.assert_array_equal(made, game.reconstruct(x[:5], label=labels[:5]))


def test_inversion_is_given_the_labels(gan):
    game = checkpoints.load_game(gan)
    label = np.array([3, 8])
    x = game.sample(2, seed=5, label=label)
    with game.averaged_weights():
        own = inversion.invert(game, x, label=label, restarts=1, verbose=False)
        made = game.generate(own["z"], label=label)
    error = np.sum((made - x).reshape(2, -1) ** 2, axis=1)
    np.testing.assert_allclose(own["error"], error, rtol=1e-3, atol=1e-4)
