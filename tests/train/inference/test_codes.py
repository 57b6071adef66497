"""Codes, reconstructions and walks of a run, from the examples that a user gives."""

import re

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from sklearn import datasets

import configs
import zoo.trained
from train import checkpoints, experiments, runs
from train.inference import models, walks
from zoo import __main__, priors, seeds


@pytest.fixture(scope="module")
def trained(untrained, tmp_path_factory):
    """A run on the digits at its initial weights."""
    directory = tmp_path_factory.mktemp("vae") / "run"
    return untrained(directory, configs.load("vae_digits"), shape=[8, 8, 1], value_range=[0.0, 1.0])


def digits(count):
    # 0 to 16 in the package, 0 to 255 in uint8 here
    return np.rint(datasets.load_digits().images[:count, :, :, None] * 255.0 / 16.0) / 255.0


def test_examples_are_the_first_of_the_source_in_the_runs_range(trained):
    np.testing.assert_allclose(models.examples(trained, "digits", 5).x, digits(5), atol=0.5 / 255)


def test_codes_are_the_encoders_whatever_their_number(trained, tmp_path):
    assert (
        __main__.main(
            [
                "encode",
                str(trained.directory),
                "--input=digits",
                "--num=300",
                f"--out={tmp_path}/codes.npz",
            ]
        )
        == 0
    )
    game = checkpoints.load_game(trained)
    expected = game.encoder(digits(300).astype(np.float32)).numpy()
    with np.load(tmp_path / "codes.npz") as file:
        many = dict(file)
    assert set(many) == {"mean", "std"}
    np.testing.assert_allclose(many["mean"], expected[:, :8], atol=1e-2)
    np.testing.assert_allclose(many["std"], np.exp(0.5 * expected[:, 8:]), atol=1e-2)
    for count in (1, 3, 257):
        few = game.run("encode", {"x": models.examples(trained, "digits", count).x})
        np.testing.assert_array_equal(few["mean"], many["mean"][:count])


def test_reconstructions_stand_beside_their_examples(trained, tmp_path):
    assert (
        __main__.main(
            [
                "reconstruct",
                str(trained.directory),
                "--input=digits",
                "--num=8",
                f"--out={tmp_path}/r.npz",
            ]
        )
        == 0
    )
    with np.load(tmp_path / "r.npz") as file:
        x, images = file["examples"], file["images"]
    game = checkpoints.load_game(trained)
    outputs = game.decoder(game.encoder(x)[:, :8]).numpy()
    np.testing.assert_allclose(images, 1.0 / (1.0 + np.exp(-outputs)), atol=1e-5)
    assert (
        __main__.main(
            [
                "reconstruct",
                str(trained.directory),
                "--input=digits",
                "--num=8",
                f"--out={tmp_path}/r.png",
            ]
        )
        == 0
    )
    picture = np.asarray(Image.open(tmp_path / "r.png"))
    assert picture.shape == (
        4 * 34 - 2,
        4 * 34 - 2,
    )  # four pairs of 32x32 and gaps of 2: two pairs a row
    np.testing.assert_array_equal(picture[0:32:4, 0:32:4], np.rint(x[0, :, :, 0] * 255))
    np.testing.assert_array_equal(picture[0:32:4, 34:66:4], np.rint(images[0, :, :, 0] * 255))


def test_walks_begin_and_end_at_reconstructions(trained, tmp_path):
    words = ["interpolate", str(trained.directory), "--input=digits", "--num=2", "--steps=3"]
    assert __main__.main([*words, f"--out={tmp_path}/walk.npz"]) == 0
    with np.load(tmp_path / "walk.npz") as file:
        images = file["images"]
    assert images.shape == (2, 3, 8, 8, 1)
    ends = checkpoints.load_game(trained).reconstruct(models.examples(trained, "digits", 4).x)
    np.testing.assert_allclose(images[:, [0, 2]], ends.reshape(2, 2, 8, 8, 1), atol=1e-6)
    assert __main__.main([*words, f"--out={tmp_path}/walk.png"]) == 0
    assert Image.open(tmp_path / "walk.png").size == (3 * 34 - 2, 2 * 34 - 2)


def test_walks_through_latents_begin_and_end_at_samples(trained):
    game = checkpoints.load_game(trained)
    result = walks.between_samples(game, seed=3, count=2, steps=4)
    assert result.shape == (2, 4, 8, 8, 1)
    ends = game.sample(4, seed=3)
    np.testing.assert_allclose(result[:, 0], ends[0::2], atol=1e-5)
    np.testing.assert_allclose(result[:, -1], ends[1::2], atol=1e-5)


class Shown(zoo.trained.Trained):
    """A game that generates its latents."""

    def __init__(self, prior):
        self.prior = prior

    def latents(self, rows):
        return self.prior.sample(seeds.Rows(tf.constant(rows))).numpy()

    def offered(self):
        return {"generate": ("z",)}

    def run(self, endpoint, inputs, *, seed=0):
        return {"image": inputs["z"]}

    def classes(self):
        return None


def test_walks_on_a_sphere_stay_on_it():
    z = walks.between_samples(Shown(priors.sphere(3)), seed=0, count=50, steps=9)
    np.testing.assert_allclose(
        np.linalg.norm(z, axis=-1), 1.0, atol=1e-3
    )  # 256 draws come that near to the poles
    angles = np.arccos(np.clip(np.sum(z[:, 1:] * z[:, :-1], axis=-1), -1.0, 1.0))
    np.testing.assert_allclose(angles, angles[:, :1].repeat(8, axis=1), atol=5e-3)


def test_walks_stay_in_a_box():
    z = walks.between_samples(
        Shown(priors.uniform(2, low=-3.0, high=3.0)), seed=0, count=50, steps=9
    )
    assert z.min() >= -3.0 and z.max() <= 3.0
    arcs = walks.great_circle(z[:, 0], z[:, -1], 9)
    assert arcs.min() < -3.0 and arcs.max() > 3.0  # some would have left it


def test_walks_under_a_normal_prior_are_the_arcs():
    z = walks.between_samples(Shown(priors.normal(20)), seed=0, count=50, steps=9)
    np.testing.assert_allclose(z, walks.great_circle(z[:, 0], z[:, -1], 9), atol=1e-5)


def test_great_circles_turn_and_grow_evenly():
    (walk,) = walks.great_circle(np.array([[1.0, 0.0]]), np.array([[0.0, 3.0]]), 3)
    np.testing.assert_allclose(walk, [[1.0, 0.0], [2**0.5, 2**0.5], [0.0, 3.0]], atol=1e-6)


@pytest.mark.parametrize(
    ("z0", "z1", "middle"),
    [
        ([1.0, 1.0], [3.0, 3.0], [2.0, 2.0]),
        ([1.0], [-2.0], [-0.5]),
        ([2.0, 0.0], [-2.0, 0.0], [0.0, 0.0]),
        ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0]),
    ],
    ids=["same direction", "line", "opposite", "zero"],
)
def test_walks_on_one_line_are_straight(z0, z1, middle):
    walk = walks.great_circle(np.array([z0]), np.array([z1]), 3)
    np.testing.assert_allclose(walk, [[z0, middle, z1]], atol=1e-6)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["encode", "RUN"], "arguments are required: --input"),
        (
            ["encode", "RUN", "--input=digits", "--out=codes.png"],
            "must end in .npz. Received: 'codes.png'",
        ),
        (["reconstruct", "RUN", "--input=digits", "--out=grid.jpg"], "must end in .npz or .png"),
        (
            ["encode", "RUN", "--input=ring"],
            r"must have examples of the shape \[8, 8, 1\]. Received: 'ring' with \[2\]",
        ),
        (
            ["interpolate", "RUN", "--input=digits", "--num=1000"],
            "2000 examples for 1000 walks. Received: 1797",
        ),
    ],
    ids=["no input", "codes as a picture", "jpg", "shape", "too many"],
)
def test_what_does_not_fit_is_refused(trained, words, message, capsys):
    assert __main__.main([str(trained.directory) if word == "RUN" else word for word in words]) == 2
    assert re.search(message, capsys.readouterr().err)


def test_a_game_without_an_encoder_says_what_it_has(tmp_path):
    experiment, run = configs.load("dcgan_digits"), runs.Run(tmp_path / "run")
    run.start(experiment, {"shape": [8, 8, 1], "count": 1797, "value_range": [-1.0, 1.0]})
    game = experiments.compiled(experiment, run.record()["data"])
    with pytest.raises(ValueError, match="'encode'. Available: features, generate, sample"):
        game.encode(np.zeros((1, 8, 8, 1), np.float32))


def test_pictures_are_cut_and_read_as_asked(untrained, tmp_path, capsys):
    """--crop cuts first; the run's own background and number of bits hold."""
    random = np.random.default_rng(0)
    tall = np.dstack([random.integers(0, 256, (8, 12)), np.resize([0, 51, 255], (8, 12))]).astype(
        np.uint8
    )
    (tmp_path / "tall").mkdir()
    Image.fromarray(tall, mode="LA").save(tmp_path / "tall" / "a.png")
    (tmp_path / "deep").mkdir()
    deep = random.integers(0, 300, (8, 8)).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep" / "a.png")
    experiment = configs.load("vae_digits").override(["data.background=black", "data.bits=12"])
    run = untrained(tmp_path / "run", experiment, shape=[8, 8, 1], value_range=[0.0, 1.0])
    words = ["reconstruct", str(run.directory), f"--input=folder:{tmp_path / 'tall'}", "--num=1"]
    assert __main__.main([*words, "--crop=8", f"--out={tmp_path}/cut.npz"]) == 0
    printed = capsys.readouterr().out
    assert "a black background" in printed and "proportions" not in printed
    middle = tall[:, 2:10].astype(float)
    expected = np.rint(middle[..., :1] * middle[..., 1:] / 255.0) / 255.0
    with np.load(tmp_path / "cut.npz") as file:
        np.testing.assert_allclose(file["examples"][0], expected, atol=1e-6)
    assert __main__.main([*words, f"--out={tmp_path}/squeezed.npz"]) == 0
    assert "such as 8x12 to 8x8; crop=8 cuts" in capsys.readouterr().out
    scaled = models.examples(run, f"folder:{tmp_path / 'deep'}").x
    np.testing.assert_allclose(scaled[0, ..., 0], deep // 16 / 255.0, atol=1e-6)


def test_two_domains_are_refused_as_examples(trained, tmp_path, capsys):
    words = ["encode", str(trained.directory), "--input=digits,inverted:digits"]
    assert __main__.main([*words, f"--out={tmp_path}/codes.npz"]) == 2
    assert "`inputs` of 'digits,inverted:digits' must be some of a, b" in capsys.readouterr().err
