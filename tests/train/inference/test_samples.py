"""Samples of a game: row seeds, heads of longer draws, and what is written."""

import keras
import numpy as np
import pytest
from PIL import Image

from export.runtime import grids
from train.inference import samples
from zoo import losses, priors, trained
from zoo.games import GAN


def made(shape=(4, 4, 1), value_range=(-1.0, 1.0), **optimizer):
    keras.utils.set_random_seed(0)
    units = int(np.prod(shape))
    game = GAN(
        generator=keras.Sequential(
            [
                keras.Input((3,)),
                keras.layers.Dense(units, activation=None if value_range is None else "tanh"),
                keras.layers.Reshape(shape),
            ]
        ),
        critic=keras.Sequential(
            [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(1)]
        ),
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        value_range=value_range,
    )
    game.compile({name: keras.optimizers.SGD(0.5, **optimizer) for name in ("critic", "generator")})
    return game


def test_row_seeds_hold_the_seed_above_and_the_row_below():
    result = trained.row_seeds(5, 3)
    assert result.dtype == np.int64
    assert result.tolist() == [5 * 2**32, 5 * 2**32 + 1, 5 * 2**32 + 2]


@pytest.mark.parametrize(("seed", "count"), [(-1, 1), (2**31, 1), (0, 0)])
def test_seeds_outside_their_range_are_refused(seed, count):
    with pytest.raises(ValueError, match=rf"Received: seed={seed}, num={count}"):
        trained.row_seeds(seed, count)


def test_fewer_samples_are_the_head_of_more():
    model = made()
    many = model.sample(300, seed=7)  # more than one batch
    for count in (1, 3, 256, 257):
        np.testing.assert_array_equal(model.sample(count, seed=7), many[:count])


def test_a_row_is_the_generators_image_of_its_own_seed():
    game = made()
    seeds = trained.row_seeds(7, 3)
    expected = game.endpoints()["sample"].function(seeds)["image"].numpy()
    np.testing.assert_allclose(game.sample(3, seed=7), expected, atol=1e-6)


def test_rows_and_seeds_give_different_images():
    game = made()
    both = np.concatenate([game.sample(20, seed=seed) for seed in (0, 1)]).reshape(40, -1)
    assert len(np.unique(both, axis=0)) == 40


def test_samples_follow_the_weights():
    game = made()
    model = game
    before = model.sample(4)
    for weight in game.generator.trainable_variables:
        weight.assign(weight.numpy() * 2.0)
    assert not np.allclose(model.sample(4), before)


def test_averaged_weights_are_drawn_with_and_put_back():
    game = made(use_ema=True, ema_momentum=0.5)
    x = np.random.default_rng(0).uniform(-1, 1, (8, 4, 4, 1)).astype("float32")
    after = []
    for _ in range(2):
        game.train_step(x)
        after.append([v.numpy() for v in game.generator.trainable_variables])
    drawn = game.sample(4, seed=0)
    for old, v in zip(after[1], game.generator.trainable_variables):
        np.testing.assert_array_equal(old, v.numpy())
    for variable, first, second in zip(game.generator.trainable_variables, *after):
        variable.assign(0.5 * first + 0.5 * second)
    game.compile({name: "sgd" for name in ("critic", "generator")})
    np.testing.assert_allclose(drawn, game.sample(4, seed=0), atol=1e-6)


def test_npz_holds_the_pixels_and_the_seeds(tmp_path):
    game, path = made(), tmp_path / "deep" / "a.npz"
    samples.write(game, str(path), count=5, seed=3)
    with np.load(path) as file:
        assert sorted(file.files) == ["images", "seeds"]
        np.testing.assert_array_equal(
            file["images"], grids.pixels(game.sample(5, seed=3), (-1.0, 1.0))
        )
        np.testing.assert_array_equal(file["seeds"], trained.row_seeds(3, 5))


def test_npz_of_points_holds_them_as_they_are(tmp_path):
    game = made(shape=(2,), value_range=None)
    samples.write(game, str(tmp_path / "a.npz"), count=5, seed=3)
    with np.load(tmp_path / "a.npz") as file:
        assert sorted(file.files) == ["points", "seeds"]
        np.testing.assert_array_equal(file["points"], game.sample(5, seed=3))


def test_png_is_the_grid(tmp_path):
    game = made()
    samples.write(game, str(tmp_path / "a.PNG"), count=5, seed=3)
    with Image.open(tmp_path / "a.PNG") as image:
        np.testing.assert_array_equal(
            np.asarray(image),
            grids.grid(grids.pixels(game.sample(5, seed=3), (-1.0, 1.0))),
        )


def test_another_ending_is_refused_before_anything_is_drawn(tmp_path):
    with pytest.raises(ValueError, match="`out` must end in .png or .npz. Received: '.*a.jpg'"):
        samples.write(made(), str(tmp_path / "a.jpg"), count=5, seed=3)


def test_a_game_that_does_not_sample_says_what_it_does():
    game = made()
    endpoints = game.endpoints()
    game.endpoints = lambda: {"generate": endpoints["generate"]}
    with pytest.raises(ValueError, match="endpoint of this model 'sample'. Available: generate"):
        game.sample(1)
