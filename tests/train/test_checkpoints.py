"""Checkpoints: all state comes back, and a damaged or foreign checkpoint is passed over."""

import os
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from train import checkpoints, gathered, runs
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


@pytest.mark.parametrize("content", [None, "", 'model_checkpoint_path: "step-1"\n', "\x00"])
def test_the_newest_is_the_one_in_the_folder_whatever_the_file_checkpoint_says(tmp_path, content):
    _, _, states = saved(tmp_path)
    (tmp_path / "checkpoint").unlink()
    if content is not None:
        (tmp_path / "checkpoint").write_text(content)
    game = made(seed=1)
    kept = checkpoints.Checkpoints(tmp_path, game)
    assert (kept.newest, kept.restore()) == (str(tmp_path / "step-3"), 3)
    assert_equal(values(game), states[3])


def test_the_tenth_step_is_newer_than_the_ninth(tmp_path):
    _, kept, _ = saved(tmp_path, steps=(9, 10))
    assert kept.newest == str(tmp_path / "step-10")
    assert checkpoints.Checkpoints(tmp_path, made()).restore() == 10


def test_a_folder_may_be_moved(tmp_path):
    _, _, states = saved(tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    game = made(seed=1)
    assert checkpoints.Checkpoints(tmp_path / "new", game).restore() == 3
    assert_equal(values(game), states[3])


def test_files_are_on_the_disk_before_they_have_their_names(tmp_path, monkeypatch):
    """Data and index are synced before they are renamed, and the folder after."""
    names, events = {}, []
    opened, synced, renamed = os.open, os.fsync, os.replace

    def record_open(path, *rest, **options):
        number = opened(path, *rest, **options)
        names[number] = str(path)
        return number

    monkeypatch.setattr(os, "open", record_open)
    monkeypatch.setattr(os, "fsync", lambda n: events.append(("sync", names[n])) or synced(n))
    monkeypatch.setattr(
        os, "replace", lambda a, b: events.append(("rename", str(b))) or renamed(a, b)
    )
    kept = checkpoints.Checkpoints(tmp_path, stepped(made()))
    kept.save()
    index, data = str(tmp_path / "step-1.index"), str(tmp_path / "step-1.data-00000-of-00001")
    partial = tmp_path / "step-1.partial"
    order = [
        events.index(("sync", str(partial / pathlib.Path(path).name))) for path in (data, index)
    ]
    order += [events.index(("rename", path)) for path in (data, index)]
    assert order == sorted(order)
    assert events[order[-1] + 1] == ("sync", str(tmp_path))


def test_what_broken_saves_left_is_swept_and_what_is_whole_stays(tmp_path):
    _, kept, states = saved(tmp_path)
    (tmp_path / "step-4.partial").mkdir()
    (tmp_path / "step-4.partial" / "step-4.index").touch()
    (tmp_path / "step-4_temp").mkdir()  # of the writer before this one
    (tmp_path / "checkpoint.tmp0a1b").touch()
    (tmp_path / "step-4.data-00000-of-00001").touch()
    game = made(seed=1)
    again = checkpoints.Checkpoints(tmp_path, game)
    again.sweep()
    assert again.restore() == 3
    assert_equal(values(game), states[3])
    stepped(game, 2)
    again.save()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoint",
        *(f"step-{n}.{end}" for n in (3, 5) for end in ("data-00000-of-00001", "index")),
    ]


def test_a_damaged_checkpoint_is_not_one_of_the_kept_ones(tmp_path):
    _, kept, _ = saved(tmp_path, steps=(2, 6))
    damage(kept.newest, "cut")
    game = made(seed=1)
    again = checkpoints.Checkpoints(tmp_path, game)
    again.restore()
    assert again.newest == str(tmp_path / "step-2")
    stepped(game)
    again.save()
    names = sorted(path.name for path in tmp_path.glob("*.index"))
    assert names == ["step-2.index", "step-3.index"]


def test_the_best_is_the_one_that_its_record_names(tmp_path):
    game, kept, states = saved(tmp_path, steps=(1,))
    kept.save_best("elbo", 1.0, "train")
    stepped(game)
    kept._write(tmp_path / "best")  # as a process that is killed before it writes best.json
    fresh = made(seed=1)
    again = checkpoints.Checkpoints(tmp_path, fresh)
    assert (again.best["step"], again.restore(best=True)) == (1, 1)
    assert_equal(values(fresh), states[1])
    stepped(fresh, 2)
    again.save_best("elbo", 2.0, "train")
    assert [path.name for path in (tmp_path / "best").glob("*.index")] == ["step-3.index"]


def test_a_checkpoint_holds_the_files_that_are_copied_with_it(tmp_path):
    table = tmp_path / "history.csv"
    kept = checkpoints.Checkpoints(tmp_path / "kept", stepped(made()), copied=[table])
    assert kept.copies(1) == {}
    table.write_text("a")
    kept.save()
    table.write_text("b")
    assert kept.copies(1) == {table: tmp_path / "kept" / "step-1.history.csv"}
    assert kept.copies(1)[table].read_text() == "a"
    kept.copy()
    assert kept.copies(1)[table].read_text() == "b"
    kept.copies(1)[table].write_text("c")  # damage is seen
    assert kept.copies(1) == {}


@pytest.mark.parametrize("size", [0, 40])
def test_damaged_statistics_are_named_with_the_command_that_gathers_them(tmp_path, size):
    run = runs.Run(tmp_path)
    gathered.write(run, 3, 5, [np.ones(2)])
    assert gathered.batches(run, 3) == 5
    path = run.checkpoints / gathered.FILE
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ValueError, match=f"zoo train --workdir={tmp_path}` gathers them anew"):
        gathered.batches(run, 3)
