"""The line that moves while a training goes on."""

import io
import types

import pytest

from train import live_line
from zoo import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def train(*, epochs=2, steps=4, start=0, shown=True):
    """Makes the calls of a training, and returns the line between them."""
    line = live_line.LiveLine(epochs, steps, shown=shown)
    model = types.SimpleNamespace(step=types.SimpleNamespace(numpy=lambda: step))
    line.set_model(model)
    for epoch in range(start // steps, epochs):
        step = max(start, epoch * steps)
        line.on_epoch_begin(epoch)
        yield
        while step < (epoch + 1) * steps:
            step += 1
            line.on_train_batch_end(step, {"critic_loss": 0.25, "critic_accuracy": 0.5})
            yield
        line.on_epoch_end(epoch)
        yield


@pytest.fixture
def terminal(monkeypatch):
    made = Terminal()
    monkeypatch.setattr(progress, "sys", types.SimpleNamespace(stderr=made, stdout=made))
    monkeypatch.setattr(live_line, "EVERY", 0.0)
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # no thread that draws besides
    return made


def looks(terminal):
    return [look.strip() for look in terminal.getvalue().split("\r") if look.strip()]


def test_the_line_names_the_epoch_and_begins_at_nothing(terminal):
    next(train())
    assert looks(terminal)[0].startswith("epoch 1/2")
    assert "0/4 steps" in looks(terminal)[0]


def test_a_continued_epoch_begins_where_it_stopped(terminal):
    next(train(start=6))
    assert looks(terminal)[0].startswith("epoch 2/2")
    assert "2/4 steps" in looks(terminal)[0]


def test_the_line_says_how_long_the_run_will_take(terminal, monkeypatch):
    clock = iter(range(0, 10_000, 60))
    monkeypatch.setattr(live_line.time, "monotonic", lambda: next(clock))
    calls = train()
    for _ in range(4):  # begin, and three steps of a minute; the first is not timed
        next(calls)
    live = calls.gi_frame.f_locals["line"]
    live._bar.refresh()
    assert looks(terminal)[-1].endswith("05:00 for the whole run")  # five of eight steps are left


def test_the_line_is_gone_when_the_epoch_has_ended(terminal):
    calls = train(epochs=1)
    for _ in calls:
        pass
    assert terminal.getvalue().endswith("\r")
    assert terminal.getvalue().rsplit("\r", 2)[-2].strip() == ""


@pytest.mark.parametrize("columns", [80, 150])
def test_a_wide_terminal_shows_losses_too(columns, terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    calls = train()
    for _ in range(3):
        next(calls)
    calls.gi_frame.f_locals["line"]._bar.refresh()
    assert ("critic loss 0.25" in looks(terminal)[-1]) == (columns == 150)
    assert "accuracy" not in looks(terminal)[-1]


def test_nothing_is_drawn_where_the_line_is_hidden(terminal):
    for _ in train(shown=False):
        pass
    assert terminal.getvalue() == ""


def test_nothing_is_drawn_in_a_pipe(monkeypatch):
    pipe = io.StringIO()
    monkeypatch.setattr(progress, "sys", types.SimpleNamespace(stderr=pipe))
    for _ in train():
        pass
    assert pipe.getvalue() == ""
