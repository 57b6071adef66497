"""Checkpoints: all state comes back, and a damaged or foreign checkpoint is passed over."""

import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from train import checkpoints
from zoo import losses, priors
from zoo.games import GAN


def made(units=4, optimizer="adam", use_ema=True, seed=0):
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    generator = [layers.Dense(units), layers.BatchNormalization(synchronized=True), layers.Dense(2)]
    game = GAN(
        generator=keras.Sequential([keras.Input((3,)), *generator]),
        critic=keras.Sequential(
            [keras.Input((2,)), layers.Dense(4, activation="relu"), layers.Dense(1)]
        ),
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        value_range=None,
    )
    game.compile(
        {"critic": optimizer, "generator": keras.optimizers.SGD(0.1, momentum=0.5, use_ema=use_ema)}
    )
    return game


def stepped(game, steps=1):
    x = tf.constant(np.random.default_rng(0).normal(size=(8, 2)).astype("float32"))
    for _ in range(steps):
        game.train_step(x)
    return game


def values(game):
    return [v.numpy() for v in game.state()]


def saved(folder, steps=(1, 2, 3), **options):
    """Returns a game, its checkpoints after each of the steps, and the state at each."""
    game = made(**options)
    kept, states = checkpoints.Checkpoints(folder, game), {}
    for step in range(1, max(steps) + 1):
        stepped(game)
        if step in steps:
            kept.save()
            states[step] = values(game)
    return game, kept, states


def damage(path, how):
    file = pathlib.Path(f"{path}.data-00000-of-00001")
    if how == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif how == "flipped":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0xFF
        file.write_bytes(content)
    elif how == "empty":
        file.write_bytes(b"")
    else:
        pathlib.Path(f"{path}.index").unlink()


def assert_equal(actual, expected):
    for one, two in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(one, two)


def test_everything_comes_back_bit_for_bit(tmp_path):
    _, _, states = saved(tmp_path)
    game = made(seed=1)
    assert checkpoints.Checkpoints(tmp_path, game).restore() == 3
    assert int(game.step.numpy()) == 3
    assert_equal(values(game), states[3])


def test_the_state_holds_optimizers_moving_statistics_averages_and_the_step():
    game = stepped(made())
    held = {id(v) for v in game.state()}
    for optimizer in game.optimizers.values():
        assert {id(v) for v in optimizer.variables} <= held
        assert {id(v) for v in getattr(optimizer, "_model_variables_moving_average", [])} <= held
    assert {id(v) for v in game.variables} <= held
    assert id(game.step) in held
    assert len(held) == len(game.state())


def test_the_newest_two_are_kept(tmp_path):
    _, kept, _ = saved(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.index")) == [
        "step-2.index",
        "step-3.index",
    ]
    assert kept.newest == str(tmp_path / "step-3")


def test_a_new_folder_has_nothing_to_restore(tmp_path):
    kept = checkpoints.Checkpoints(tmp_path / "new", made())
    assert kept.restore() is None
    assert kept.newest is None


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "missing"])
def test_a_damaged_newest_falls_back_to_the_one_before_and_says_so(tmp_path, how, capsys):
    _, kept, states = saved(tmp_path)
    damage(kept.newest, how)
    game = made(seed=1)
    assert checkpoints.Checkpoints(tmp_path, game).restore() == 2
    assert_equal(values(game), states[2])
    assert "step-3 cannot be read, the one before it is tried" in capsys.readouterr().out


def test_a_run_goes_on_over_a_damaged_checkpoint(tmp_path):
    _, kept, _ = saved(tmp_path)
    damage(kept.newest, "cut")
    game = made(seed=1)
    again = checkpoints.Checkpoints(tmp_path, game)
    again.restore()
    stepped(game)
    assert again.save() == str(tmp_path / "step-3")
    fresh = made(seed=2)
    assert checkpoints.Checkpoints(tmp_path, fresh).restore() == 3
    assert_equal(values(fresh), values(game))


def test_two_damaged_ones_are_an_error(tmp_path):
    saved(tmp_path)
    for step in (2, 3):
        damage(tmp_path / f"step-{step}", "cut")
    with pytest.raises(ValueError, match="one readable checkpoint. Received: 2, damaged"):
        checkpoints.Checkpoints(tmp_path, made()).restore()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_not_saved(tmp_path, value):
    game, kept, states = saved(tmp_path)
    weight = game.generator.trainable_variables[0]
    weight.assign(np.full(weight.shape, value))
    game.step.assign(4)
    with pytest.raises(
        FloatingPointError, match=rf"{weight.path} with NaN or infinity. Last good: .*step-3"
    ):
        kept.save()
    fresh = made(seed=1)
    assert checkpoints.Checkpoints(tmp_path, fresh).restore() == 3
    assert_equal(values(fresh), states[3])


def test_an_optimizer_that_is_not_finite_is_not_saved(tmp_path):
    game, kept, _ = saved(tmp_path)
    momentum = next(v for v in game.optimizers["critic"].variables if len(v.shape))
    momentum.assign(np.full(momentum.shape, np.nan))
    with pytest.raises(FloatingPointError):
        kept.save()


@pytest.mark.parametrize(
    "options", [{"units": 5}, {"optimizer": "sgd"}], ids=["network", "optimizer"]
)
def test_a_game_of_other_parts_is_refused(tmp_path, options):
    saved(tmp_path)
    with pytest.raises(ValueError, match="one readable checkpoint"):
        checkpoints.Checkpoints(tmp_path, made(**options)).restore()


def test_a_game_of_more_parts_is_refused(tmp_path):
    saved(tmp_path, optimizer="sgd")
    with pytest.raises(ValueError, match="one readable checkpoint"):
        checkpoints.Checkpoints(tmp_path, made(optimizer="adam")).restore()


@pytest.mark.parametrize("averaged", [False, True], ids=["gone", "new"])
def test_averages_that_only_one_side_has_are_refused(tmp_path, averaged):
    # they come last, so that everything before them fits
    saved(tmp_path, use_ema=not averaged)
    with pytest.raises(ValueError, match="one readable checkpoint"):
        checkpoints.Checkpoints(tmp_path, made(use_ema=averaged)).restore()


def test_a_restored_game_trains_on_as_the_one_that_went_on(tmp_path):
    game, _, _ = saved(tmp_path)
    fresh = made(seed=1)
    checkpoints.Checkpoints(tmp_path, fresh).restore()
    assert_equal(values(stepped(fresh, 2)), values(stepped(game, 2)))
