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
    pictures, name, expected = streamed(place)
    gone = next(pictures.glob("*.png"))
    content = gone.read_bytes()
    gone.unlink()
    done = fault_runs.attempt(fault_runs.words("gan", place, 1, name), prepare=stream)
    gone.write_bytes(content)
    said = "digest.files: 60 -> 59" in done.output and "Traceback" not in done.output
    good, end = fault_runs.ends(place, expected, name, prepare=stream)
    return good and said, f"refused, with the number of files; with the picture it {end}"


def vanished_within(place, expected) -> tuple[bool, str]:
    pictures, name, expected = streamed(place)
    away = pictures.with_name("away")
    prepare = functools.partial(stream, lambda: pictures.rename(away))
    done = fault_runs.attempt(fault_runs.words("gan", place, 1, name), prepare=prepare)
    away.rename(pictures)
    if "Examples must stay readable" not in done.sentence:
        return False, f"exit code {done.code}: {done.output[-500:]}"
    good, end = fault_runs.ends(place, expected, name, prepare=stream)
    return good, f"one sentence; with the pictures it {end}"


def streamed(place: pathlib.Path) -> tuple[pathlib.Path, str, dict]:
    """Makes the run one on a folder of pictures that are read when their turn comes.

    Returns:
        The folder, the setting that names it, and the outcome of the undisturbed run.
    """
    pictures = place.parent / "pictures"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir()
    draw = np.random.default_rng(0)
    for number in range(60):
        pixels = draw.integers(0, 256, (8, 8), np.uint8)
        Image.fromarray(pixels).save(pictures / f"{number:02d}.png")
    name, whole = f"data.name=folder:{pictures}", place.parent / "whole_streamed"
    for directory in (place, whole):
        shutil.rmtree(directory, ignore_errors=True)
    words = fault_runs.words("gan", whole, 1, name)
    expected = fault_runs.attempt(words, prepare=stream).outcome
    fault = fault_points.Interruption("history", "before", 5, "KILL")
    fault_runs.attempt(fault_runs.words("gan", place, 1, name), fault, prepare=stream)
    return pictures, name, expected


def stream(before: Callable = lambda: None) -> None:
    """Makes this process hold no pictures in memory, and call a function before it reads some."""
    from train.data import sources

    load, batches = sources.load, sources.batches
    sources.load = functools.partial(load, memory_limit=0)
    sources.batches = lambda *args, **options: (before(), batches(*args, **options))[1]
