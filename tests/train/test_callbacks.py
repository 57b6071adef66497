"""What happens besides the steps: stopping, history, samples."""

import csv
import math
import os
import signal
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from configs import schema
from train import callbacks, checkpoints, runs
from zoo import losses, priors
from zoo.games import GAN


def game(rate=0.1):
    keras.utils.set_random_seed(0)
    made = GAN(
        generator=keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]),
        critic=keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]),
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        value_range=None,
    )
    made.compile(
        {"critic": keras.optimizers.SGD(rate), "generator": keras.optimizers.SGD(rate)},
        run_eagerly=True,
    )
    return made


X = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")


class Poison(keras.callbacks.Callback):
    """Puts NaN into a network before a step."""

    def __init__(self, network, step):
        super().__init__()
        self.network, self.step = network, step

    def on_train_batch_begin(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            weight = self.network.trainable_variables[0]
            weight.assign(np.full(weight.shape, np.nan))


def epochs(run, made, **options):
    settings = {"epochs": 3, "sample_every": 2, "checkpoint_every": 2, "samples": 16}
    settings |= {name: options.pop(name) for name in settings if name in options}
    options = {
        "settings": schema.Train(**settings),
        "steps_per_epoch": 4,
        "examples_per_step": 8,
        "x": X,
        "draw": lambda count: np.resize(X / 2, (count, 2)),
        "views": lambda: {},
        "saved": checkpoints.Checkpoints(run.checkpoints, made),
        "value_range": None,
    } | options
    return callbacks.Epochs(run=run, **options)


@pytest.fixture
def run(tmp_path):
    (tmp_path / "run").mkdir()
    return runs.Run(tmp_path / "run")


def fit(made, *used, epochs=3, initial=0, steps=4):
    made.fit(
        X[: 8 * steps],
        batch_size=8,
        steps_per_epoch=steps,
        epochs=epochs,
        initial_epoch=initial,
        callbacks=list(used),
        verbose=0,
    )


def rows(run):
    with run.history.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_loss_that_is_not_finite_stops_and_names_player_step_and_checkpoint(run):
    made = game()
    kept = checkpoints.Checkpoints(run.checkpoints, made)
    fit(made, epochs=1)
    kept.save()
    stop = callbacks.Stop(kept)
    fit(made, stop, Poison(made.generator, 6), initial=1, epochs=9)
    assert int(made.step.numpy()) == 7
    assert "'critic'" in stop.failure  # moves first, and sees the generator's NaN
    assert "by step 7" in stop.failure
    assert str(run.checkpoints / "step-4") in stop.failure


def test_the_player_whose_loss_it_is_is_named():
    stop = callbacks.Stop(types.SimpleNamespace(newest=None))
    players = {"critic": None, "generator": None}
    stop.set_model(
        types.SimpleNamespace(players=lambda: players, step=np.array(3), stop_training=False)
    )
    stop.model.step = types.SimpleNamespace(numpy=lambda: 3)
    stop.on_train_batch_end(0, {"critic_loss": 1.0, "generator_loss": math.inf})
    assert (
        stop.failure
        == "Not finite: generator_loss of 'generator' by step 3. Last good checkpoint: none yet"
    )
    assert stop.model.stop_training


def test_finite_losses_do_not_stop(run):
    made = game()
    stop = callbacks.Stop(checkpoints.Checkpoints(run.checkpoints, made))
    fit(made, stop, epochs=2)
    assert stop.failure is None and stop.signal is None
    assert int(made.step.numpy()) == 8


@pytest.mark.parametrize("poisoned", [5, 7], ids=["inside_an_epoch", "last_step_of_an_epoch"])
def test_a_run_that_is_not_finite_saves_nothing_more(run, poisoned):
    made = game()
    every = epochs(run, made, checkpoint_every=1)
    stop = callbacks.Stop(every._saved)
    fit(made, stop, every, Poison(made.critic, poisoned))
    assert f"by step {poisoned + 1}" in stop.failure
    assert str(run.checkpoints / "step-4") in stop.failure
    assert [path.name for path in run.checkpoints.glob("*.index")] == ["step-4.index"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_the_step_and_the_handlers_come_back(run, number):
    made = game()
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    send = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: (
            os.kill(os.getpid(), number) if made.step.numpy() == 2 else None
        )
    )
    with callbacks.Stop(checkpoints.Checkpoints(run.checkpoints, made)) as stop:
        fit(made, stop, send)
    assert stop.signal == number
    assert int(made.step.numpy()) == 3
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_a_second_signal_exits_at_once(monkeypatch):
    codes = []
    monkeypatch.setattr(os, "_exit", codes.append)
    stop = callbacks.Stop(types.SimpleNamespace(newest=None))
    stop._caught(signal.SIGTERM, None)
    assert codes == []
    stop._caught(signal.SIGINT, None)
    assert codes == [130]


def test_history_has_a_row_an_epoch(run, capsys):
    made = game()
    fit(made, epochs(run, made))
    written = rows(run)
    assert [(row["epoch"], row["step"]) for row in written] == [("1", "4"), ("2", "8"), ("3", "12")]
    assert {
        "critic_loss",
        "generator_loss",
        "critic_gradient_norm",
        "images_per_second",
        "seconds",
        "verdict",
    } <= set(written[0])
    # samples are the data halved
    np.testing.assert_allclose([float(row["diversity"]) for row in written], 0.5, rtol=1e-2)
    assert [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "epoch 1/3",
        "epoch 2/3",
        "epoch 3/3",
    ]


def test_samples_and_checkpoints_keep_their_cadence_and_the_last_epoch(run):
    made = game()
    fit(made, epochs(run, made))
    assert sorted(path.name for path in run.samples.iterdir()) == [
        "examples.png",
        "step_00000008.png",
        "step_00000012.png",
    ]
    assert sorted(path.stem for path in run.checkpoints.glob("*.index")) == ["step-12", "step-8"]


def test_what_the_game_makes_of_examples_is_drawn_next_to_its_samples(run, monkeypatch):
    made, written = game(), []
    monkeypatch.setattr(
        callbacks.grids,
        "write_pairs",
        lambda path, x, made, value_range: written.append((path.name, x, made)),
    )
    fit(made, epochs(run, made, views=lambda: {"mirror": (X[:16], -X[:16])}))
    assert [name for name, *_ in written] == [
        "step_00000008_mirror.png",
        "step_00000012_mirror.png",
    ]
    np.testing.assert_array_equal(written[0][1], X[:16])
    np.testing.assert_array_equal(written[0][2], -X[:16])


def test_an_epoch_that_was_stopped_inside_leaves_no_row(run):
    made = game()
    halt = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: setattr(
            made, "stop_training", bool(made.step.numpy() == 6)
        )
    )
    fit(made, halt, epochs(run, made))
    assert [row["epoch"] for row in rows(run)] == ["1"]


def test_a_broken_epochs_means_go_on_from_its_sums(run, tmp_path):
    other = runs.Run(tmp_path / "other")
    other.directory.mkdir()
    broken = game()

    # as the loop does: the first half of an epoch, then the rest with the sums so far
    def batches(start):
        return (
            tf.data.Dataset.from_tensor_slices(X[:32])
            .batch(8, drop_remainder=True)
            .skip(start)
            .repeat()
        )

    whole = game()
    whole.fit(batches(0), steps_per_epoch=4, epochs=2, callbacks=[epochs(run, whole)], verbose=0)
    broken.fit(batches(0), steps_per_epoch=2, epochs=1, verbose=0)
    before = callbacks.Totals([v.numpy() for v in broken.metrics_variables])
    every = epochs(other, broken)
    broken.fit(batches(2), steps_per_epoch=2, epochs=1, callbacks=[before, every], verbose=0)
    broken.fit(
        batches(0), steps_per_epoch=4, initial_epoch=1, epochs=2, callbacks=[every], verbose=0
    )
    for expected, actual in zip(rows(run), rows(other), strict=True):
        for key in (
            "step",
            "critic_loss",
            "generator_loss",
            "critic_gradient_norm",
            "critic_accuracy",
        ):
            np.testing.assert_allclose(float(actual[key]), float(expected[key]), rtol=1e-6)


def test_spread_is_how_far_examples_differ():
    x = (
        np.random.default_rng(0).normal(size=(50, 4, 4, 1))
        * np.array([1.0, 2.0, 3.0, 4.0])[None, None, :, None]
    )
    assert callbacks.spread(np.ones((5, 4, 4, 1))) == 0.0
    np.testing.assert_allclose(callbacks.spread(x), np.sqrt(x.var(axis=0).mean()), rtol=1e-12)
    np.testing.assert_allclose(callbacks.spread(3 * x + 1), 3 * callbacks.spread(x), rtol=1e-12)


def test_an_epoch_of_one_call_has_a_speed_but_where_the_graph_is_made(run, capsys):
    made = game()
    made.fit(
        tf.data.Dataset.from_tensor_slices(X).batch(8).repeat(),
        steps_per_epoch=1,
        epochs=3,
        callbacks=[epochs(run, made, steps_per_epoch=1)],
        verbose=0,
    )
    speeds = [row["images_per_second"] for row in rows(run)]
    assert speeds[0] == "" and all(float(speed) > 0 for speed in speeds[1:])
    first, *others = capsys.readouterr().out.splitlines()
    assert "images/s" not in first and all("images/s" in line for line in others)
    assert "nan" not in run.history.read_text()
