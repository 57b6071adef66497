"""A user's own networks: trained by `fit`, exported from the process, sampled in another one."""

import subprocess
import sys

import keras
import numpy as np
import pytest

import zoo
from export.runtime import golden_rows

DESCRIPTION = zoo.Description(
    name="stripes",
    data={"name": "stripes", "count": 64},
    metrics=[{"metric": "modes", "value": 2.0}],
    licence="CC0-1.0",
)


def networks():
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [
            keras.Input([3]),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Reshape([4, 4, 1]),
        ]
    )
    critic = keras.Sequential(
        [keras.Input([4, 4, 1]), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    return {"generator": generator, "critic": critic}


def new_game():
    return zoo.games.GAN(**networks(), prior=zoo.priors.normal(3), loss=zoo.losses.non_saturating())


@pytest.fixture(scope="module")
def game():
    game = new_game()
    game.compile(
        {
            "critic": keras.optimizers.Adam(1e-2),
            "generator": keras.optimizers.Adam(1e-1, use_ema=True, ema_momentum=0.9),
        }
    )
    images = np.sign(np.random.default_rng(0).normal(size=(64, 4, 1, 1))) * np.ones((1, 4, 4, 1))
    game.fit(images.astype(np.float32), batch_size=16, epochs=2, verbose=0)
    return game


@pytest.fixture(scope="module")
def written(game, tmp_path_factory):
    return zoo.export(game, tmp_path_factory.mktemp("own") / "bundle", description=DESCRIPTION)


def test_another_process_samples_what_the_game_samples(game, written, tmp_path):
    code = (
        "import sys, numpy, zoo; "
        "numpy.save(sys.argv[2], zoo.load(sys.argv[1]).sample(5, seed=3)); "
        "sys.exit('tensorflow' in sys.modules)"
    )
    file = tmp_path / "samples.npy"
    done = subprocess.run(
        [sys.executable, "-c", code, str(written), str(file)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    expected = game.sample(5, seed=3)
    assert expected.std(axis=0).mean() > 1e-2
    np.testing.assert_allclose(np.load(file), expected, rtol=0, atol=1e-5)


def test_the_averaged_weights_are_exported_and_the_game_keeps_its_own(game, written):
    z = golden_rows.read(written / "golden.npz")["generate"].inputs["z"]
    own = game.generator(z, training=False).numpy()
    with game.averaged_weights():
        averaged = game.generator(z, training=False).numpy()
    assert np.abs(own - averaged).max() > 1e-2
    np.testing.assert_allclose(zoo.load(written).generate(z), averaged, rtol=0, atol=1e-5)


def test_the_manifest_says_what_the_description_says_and_no_more(written):
    manifest = zoo.load(written).manifest
    assert manifest["name"] == "stripes" and manifest["licence"] == "CC0-1.0"
    assert manifest["data"] == {"name": "stripes", "count": 64}
    assert manifest["metrics"] == [{"metric": "modes", "value": 2.0}]
    assert manifest["source"] == {"step": 8}
    assert manifest["prior"] == {"name": "normal", "size": 3, "bounds": None}
    assert manifest["provenance"] is manifest["commit"] is manifest["classes"] is None
    assert (manifest["weights"], manifest["finished"]) == ("averaged", True)


def test_the_card_has_no_none(written):
    card = (written / "README.md").read_text()
    assert card.startswith("# stripes, version 1\n") and "None" not in card
    assert "The licence of the weights: CC0-1.0." in card


@pytest.mark.parametrize("compiled", [False, True], ids=["bare", "compiled"])
def test_a_game_that_never_trained_is_exported(compiled, tmp_path):
    game = new_game()
    if compiled:
        game.compile({"critic": "sgd", "generator": keras.optimizers.Adam(use_ema=True)})
    bundle = zoo.load(zoo.export(game, tmp_path / "bundle"))
    np.testing.assert_allclose(bundle.sample(5, seed=3), game.sample(5, seed=3), rtol=0, atol=1e-5)
    assert bundle.manifest["name"] == "GAN" and bundle.manifest["source"] == {"step": 0}
    assert (bundle.manifest["data"], bundle.manifest["weights"]) == ({}, "last")
    assert "None" not in (bundle.path / "README.md").read_text()


def test_versions_are_positive(game, tmp_path):
    with pytest.raises(ValueError, match="`version` must be at least 1. Received: 0"):
        zoo.export(game, tmp_path / "bundle", version=0)
