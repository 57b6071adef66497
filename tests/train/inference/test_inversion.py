"""Latents found by optimisation, for a linear generator whose inverse is known."""

import keras
import numpy as np
import pytest

import configs
from train.inference import inversion
from zoo import __main__, losses, priors
from zoo.games import GAN

KERNEL = np.random.default_rng(0).normal(size=(3, 16))


def made():
    generator = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(16), keras.layers.Reshape((4, 4, 1))]
    )
    generator.layers[0].set_weights([KERNEL, np.zeros(16)])
    critic = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    return GAN(
        generator=generator,
        critic=critic,
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        value_range=None,
    )


def test_latents_of_generated_examples_are_found_again():
    z = np.random.default_rng(1).normal(size=(300, 3))
    result = inversion.invert(made(), (z @ KERNEL).reshape(-1, 4, 4, 1), restarts=1, verbose=False)
    np.testing.assert_allclose(result["z"], z, atol=1e-2)
    np.testing.assert_allclose(result["error"], 0.0, atol=1e-2)


def test_others_get_the_least_squares_latent_and_its_error():
    x = np.random.default_rng(2).normal(size=(5, 16))
    result = inversion.invert(made(), x.reshape(-1, 4, 4, 1), restarts=2, verbose=False)
    expected = x @ np.linalg.pinv(KERNEL)
    np.testing.assert_allclose(result["z"], expected, atol=1e-2)
    np.testing.assert_allclose(
        result["error"], np.sum((x - expected @ KERNEL) ** 2, axis=1), rtol=1e-3
    )


def test_the_command_writes_codes_of_a_gan(untrained, tmp_path):
    experiment = configs.load("dcgan_digits").override(
        ["game.generator=mlp_generator", "game.generator.units=8"]
    )
    run = untrained(tmp_path / "run", experiment, shape=[8, 8, 1], value_range=[-1.0, 1.0])
    out = tmp_path / "codes.npz"
    assert (
        __main__.main(
            [
                "encode",
                str(run.directory),
                "--input=digits",
                "--num=3",
                "--by=inversion",
                f"--out={out}",
            ]
        )
        == 0
    )
    with np.load(out) as file:
        assert file["z"].shape == (3, 100) and file["error"].shape == (3,)


def test_a_wrong_way_names_the_right_ones(tmp_path, capsys):
    assert __main__.main(["encode", str(tmp_path), "--input=digits", "--by=inverse"]) == 2
    assert "inversion" in capsys.readouterr().err


@pytest.mark.parametrize("by", ["encoder", "features"])
def test_a_gan_offers_its_features_and_no_codes(untrained, tmp_path, by, capsys):
    run = untrained(
        tmp_path / "run", configs.load("dcgan_digits"), shape=[8, 8, 1], value_range=[-1.0, 1.0]
    )
    out = tmp_path / "codes.npz"
    code = __main__.main(
        ["encode", str(run.directory), "--input=digits", "--num=3", f"--by={by}", f"--out={out}"]
    )
    if by == "encoder":
        assert code == 2 and "--by=inversion" in capsys.readouterr().err
    else:
        assert code == 0
        with np.load(out) as file:
            assert file["features"].shape[0] == 3
