"""Pictures that vanish, between two processes of a run and while one reads them."""

import functools
import pathlib
import shutil
from collections.abc import Callable

import fault_points
import fault_runs
import numpy as np
from PIL import Image


def vanished_between(place, expected) -> tuple[bool, str]:
    pictures, settings, expected = streamed(place)
    gone = next(pictures.glob("*.png"))
    content = gone.read_bytes()
    gone.unlink()
    done = fault_runs.attempt(fault_runs.words("gan", place, 1, *settings))
    gone.write_bytes(content)
    said = "digest.files: 60 -> 59" in done.output and "Traceback" not in done.output
    good, end = fault_runs.ends(place, expected, *settings)
    return good and said, f"refused, with the number of files; with the picture it {end}"


def vanished_within(place, expected) -> tuple[bool, str]:
    pictures, settings, expected = streamed(place)
    away = pictures.with_name("away")
    prepare = functools.partial(before_reading, lambda: pictures.rename(away))
    done = fault_runs.attempt(fault_runs.words("gan", place, 1, *settings), prepare=prepare)
    away.rename(pictures)
    if "Examples must stay readable" not in done.sentence:
        return False, f"exit code {done.code}: {done.output[-500:]}"
    good, end = fault_runs.ends(place, expected, *settings)
    return good, f"one sentence; with the pictures it {end}"


def streamed(place: pathlib.Path) -> tuple[pathlib.Path, tuple[str, str], dict]:
    """Makes the run one on a folder of pictures that are read when their turn comes.

    Returns:
        The folder, the settings that name it, and the outcome of the undisturbed run.
    """
    pictures = place.parent / "pictures"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir()
    draw = np.random.default_rng(0)
    for number in range(60):
        pixels = draw.integers(0, 256, (8, 8), np.uint8)
        Image.fromarray(pixels).save(pictures / f"{number:02d}.png")
    settings = f"data.name=folder:{pictures}", "data.memory_limit=0"
    whole = place.parent / "whole_streamed"
    for directory in (place, whole):
        shutil.rmtree(directory, ignore_errors=True)
    words = fault_runs.words("gan", whole, 1, *settings)
    expected = fault_runs.attempt(words).outcome
    fault = fault_points.Interruption("history", "before", 5, "KILL")
    fault_runs.attempt(fault_runs.words("gan", place, 1, *settings), fault)
    return pictures, settings, expected


def before_reading(act: Callable) -> None:
    """Makes this process call a function before it reads its batches."""
    from train.data import sources

    batches = sources.batches
    sources.batches = lambda *args, **options: (act(), batches(*args, **options))[1]
