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


def read(run):
    """Returns the steps of each tag's events, in the order in which they lie in the files."""
    steps = {}
    for path in sorted(run.logs.glob("events.*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                steps.setdefault(value.tag, []).append(event.step)
    return steps


def rows(run, count):
    for number in range(1, count + 1):
        row = {"epoch": number, "step": 10 * number, "critic_loss": 0.5, "verdict": "healthy"}
        history.write(run.history, row)


def test_a_run_that_goes_on_has_each_event_once(run):
    end_epochs(run, *({"step": 10 * n, "critic_loss": float(n)} for n in (1, 2, 3)))
    (path,) = run.logs.iterdir()
    whole = path.read_bytes()
    path.with_name(f"{path.name}.v2").write_bytes(whole)  # the same events in a second file
    tensorboard.resume(run, 20, ["critic", "generator"])
    assert read(run) == {"critic/loss": [10, 20]}
    (path,) = run.logs.iterdir()
    tensorboard.resume(run, 20, ["critic", "generator"])
    assert [path] == list(run.logs.iterdir())  # nothing to mend


def test_what_a_kill_left_out_is_made_from_history_and_grids(run):
    end_epochs(run, {"step": 10, "critic_loss": 0.5})
    rows(run, 3)
    Image.new("L", (4, 3), 7).save(run.samples / "step_00000020.png")
    Image.new("L", (4, 3), 7).save(run.samples / "step_00000030.png")
    tensorboard.resume(run, 20, ["critic", "generator"])
    assert read(run) == {"critic/loss": [10, 20], "samples": [20]}


def test_a_broken_event_file_is_read_as_far_as_it_goes(run):
    end_epochs(run, *({"step": 10 * n, "critic_loss": 0.5} for n in (1, 2)))
    (path,) = run.logs.iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    tensorboard.resume(run, 20, ["critic", "generator"])
    assert read(run) == {"critic/loss": [10, 20]}


def test_other_files_of_the_folder_stay(run):
    end_epochs(run, *({"step": 10 * n, "critic_loss": 0.5} for n in (1, 2)))
    other = run.logs / "notes.txt"
    other.touch()
    tensorboard.resume(run, 10, ["critic"])
    assert other.exists() and read(run) == {"critic/loss": [10]}


def test_a_run_without_events_needs_none(run):
    tensorboard.resume(run, 10, ["critic"])
    assert not run.logs.exists()
