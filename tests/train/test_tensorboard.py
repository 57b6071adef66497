"""The files that TensorBoard reads."""

import functools
import types

import pytest
import tensorflow as tf
from PIL import Image
from tensorboard.backend.event_processing import event_accumulator

from train import history, runs, tensorboard


@pytest.fixture
def run(tmp_path):
    run = runs.Run(tmp_path)
    run.samples.mkdir()
    return run


def end_epochs(run, *rows):
    """Makes the calls of a training whose epochs have these rows; returns what was written."""
    callback = tensorboard.TensorBoard(run)
    players = {"critic": None, "generator": None}
    game = types.SimpleNamespace(players=lambda: players)
    callback.set_model(game)
    for number, row in enumerate(rows, start=1):
        history.write(run.history, {"epoch": number, "verdict": "healthy", **row})
        game.step = types.SimpleNamespace(numpy=functools.partial(int, 10 * number))
        callback.on_epoch_end(number - 1)
    callback.on_train_end()
    run.logs.mkdir(exist_ok=True)
    written = event_accumulator.EventAccumulator(str(run.logs), size_guidance={"tensors": 0})
    written.Reload()
    return written


def test_numbers_of_an_epoch_are_grouped_by_player(run):
    row = {"step": 10, "critic_loss": 0.5, "generator_loss": 2.0, "diversity": 0.25}
    written = end_epochs(run, row, row | {"step": 20, "critic_loss": 0.75})
    tags = {"critic/loss", "generator/loss", "diversity"}
    assert set(written.Tags()["tensors"]) == tags
    events = written.Tensors("critic/loss")
    assert [event.step for event in events] == [10, 20]
    values = [float(tf.make_ndarray(event.tensor_proto)) for event in events]
    assert values == [0.5, 0.75]


def test_grids_are_shown_where_the_epoch_wrote_some(run):
    Image.new("L", (4, 3), 7).save(run.samples / "step_00000020.png")
    Image.new("RGB", (2, 2), (1, 2, 3)).save(run.samples / "step_00000020_reconstruct.png")
    written = end_epochs(run, {"step": 10}, {"step": 20})
    assert set(written.Tags()["tensors"]) == {"samples", "reconstruct"}
    (event,) = written.Tensors("samples")
    width, height, png = event.tensor_proto.string_val
    assert (event.step, width, height) == (20, b"4", b"3")
    assert png.startswith(b"\x89PNG")


def test_nothing_is_written_of_an_epoch_that_was_stopped(run):
    written = end_epochs(run, {"step": 7, "critic_loss": 1.0})
    assert written.Tags()["tensors"] == []
