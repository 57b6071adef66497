"""Faults other than interruptions: damaged files, disks, data, numbers and clocks."""

import functools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterator

import fault_data
import fault_points
import fault_runs

SHORT = ("history.csv, deleted", "newest data, flipped")
STEP = 4  # of the newest checkpoint of the run that is damaged


def cut(path: pathlib.Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: pathlib.Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)


HARMS = {
    "truncated": cut,
    "flipped": flip,
    "emptied": lambda path: path.write_bytes(b""),
    "deleted": pathlib.Path.unlink,
}
DATA, INDEX = "data-00000-of-00001", "index"
FILES = {
    "experiment.json": "experiment.json",
    "history.csv": "history.csv",
    "metrics.jsonl": "metrics.jsonl",
    "report.html": "report.html",
    "newest index": f"checkpoints/step-{STEP}.{INDEX}",
    "newest data": f"checkpoints/step-{STEP}.{DATA}",
    "text file checkpoint": "checkpoints/checkpoint",
    "best.json": "checkpoints/best/best.json",
    "best index": f"checkpoints/best/step-*.{INDEX}",
    "best data": f"checkpoints/best/step-*.{DATA}",
    "copy of history.csv": f"checkpoints/step-{STEP}.history.csv",
    "digests of copies": f"checkpoints/step-{STEP}.sums",
    "events of TensorBoard": "logs/events.*",
}


def run(folder: pathlib.Path, known: Collection[str], *, short: bool = False) -> Iterator[dict]:
    """Yields a row for each fault.

    Args:
        folder: Folder for the runs.
        known: Faults that are left out.
        short: Whether to make few of them.

    Returns:
        Rows: `fault`, `end` (what happened) and `good` (whether that is as it must be).
    """
    whole, killed = folder / "whole", folder / "killed"
    expected = fault_runs.attempt(fault_runs.words("gan", whole)).outcome
    # dies after its second epoch's checkpoint and measurement, in the third epoch's first write
    fault = fault_points.Interruption("history", "before", 5, "KILL")
    if not fault_runs.attempt(fault_runs.words("gan", killed), fault).struck:
        raise RuntimeError("The run that is damaged must have been killed.")
    place = folder / "run"
    for name, case in cases(folder).items():
        if name in known or (short and name not in SHORT):
            continue
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(killed, place)
        yield {"fault": name} | dict(zip(("good", "end"), case(place, expected)))


def cases(folder: pathlib.Path) -> dict[str, Callable]:
    """Returns by name functions of (run directory, expected outcome) to (good, end)."""
    rows = {
        f"{file}, {harm}": functools.partial(damaged, pattern=pattern, harm=HARMS[harm])
        for file, pattern in FILES.items()
        for harm in HARMS
    }
    rows["a picture of an earlier step, truncated"] = functools.partial(picture, harm=cut)
    for size in (300, 3000, 8000, 20000):
        rows[f"no file over {size} bytes"] = functools.partial(
            disk, fault=fault_points.Disk("limit", size)
        )
    for count in (1, 6, 15, 40, 80):
        rows[f"read-only from write {count} of the process on"] = functools.partial(
            disk, fault=fault_points.Disk("read-only", count)
        )
    for more in (4, 12, 24, 40):
        rows[f"a disk with {more} KB of room"] = functools.partial(full, more=more)
    rows["a picture that vanishes between two processes"] = fault_data.vanished_between
    rows["pictures that vanish while a process reads them"] = fault_data.vanished_within
    rows["a second training in the directory"] = second
    rows["NaN after a good checkpoint"] = functools.partial(prepared, prepare=poison, code=3)
    for years in (-10, 10):
        rows[f"a clock that jumps by {years} years"] = functools.partial(
            prepared, prepare=functools.partial(jump, years), code=0
        )
    return rows


def damaged(place, expected, *, pattern: str, harm: Callable) -> tuple[bool, str]:
    """Damages a file; the run ends as the undisturbed one, or says the cure, which is made."""
    (path,) = place.glob(pattern)
    harm(path)
    done = fault_runs.attempt(fault_runs.words("gan", place))
    if done.outcome is not None:
        differing = fault_runs.differences(expected, done.outcome)
        end = f"differs: {differing}" if differing else "equals the undisturbed run"
        return not differing, end
    if not done.sentence or "Last good checkpoint: " not in done.sentence:
        return False, f"exit code {done.code}: {done.output[-500:]}"
    copy = re.search(r"; (\S+) is the copy of the file", done.sentence)
    if copy:
        name = copy[1].partition(f"step-{STEP}.")[2]
        target = {"best.json": "checkpoints/best/best.json"}.get(name, name)
        shutil.copyfile(copy[1], place / target)
        good, end = fault_runs.ends(place, expected)
        if good:
            return True, f"one sentence; with the copy that it names, {end}"
    if f"remove {place}/checkpoints/best" in done.sentence:
        shutil.rmtree(place / "checkpoints/best")
        # the best so far is gone; a later measurement may choose another
        good, end = fault_runs.ends(place, expected, without=("best",))
        return good, f"one sentence; without the folder best, all but the best {end}"
    return False, f"no cure in: {done.sentence}"


def picture(place, expected, *, harm: Callable) -> tuple[bool, str]:
    path = sorted((place / "samples").glob("step_*.png"))[0]
    harm(path)
    good, end = fault_runs.ends(place, expected, without=("samples",))
    return good, f"all but this picture {end}"


def disk(place, expected, *, fault: fault_points.Disk) -> tuple[bool, str]:
    done = fault_runs.attempt(fault_runs.words("gan", place), fault)
    for path in (place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return after(done, place, expected)


def after(done, place: pathlib.Path, expected: dict) -> tuple[bool, str]:
    """Says whether a process stopped with a sentence, and its run then ends undisturbed."""
    if done.outcome is None and not done.sentence:
        return False, f"exit code {done.code}: {done.output[-500:]}"
    good, end = fault_runs.ends(place, expected)
    said = "one sentence; then it" if done.sentence else "not reached; it"
    return good, f"{said} {end}"


def full(place, expected, *, more: int) -> tuple[bool, str]:
    """Trains on a file system of its own, of the run's size and some more."""
    small = place.parent / "small"
    small.mkdir(exist_ok=True)
    size = sum(-(-p.stat().st_size // 4096) * 4 for p in place.rglob("*")) + more
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(small)], capture_output=True
    )
    if mounted.returncode:
        return True, "not run: this user may not mount"
    try:
        target = small / "run"
        shutil.copytree(place, target)
        done = fault_runs.attempt(fault_runs.words("gan", target))
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        return after(done, target, expected)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def second(place, expected) -> tuple[bool, str]:
    """Starts a second training in the directory while the first one runs."""
    words = fault_runs.words("gan", place)
    first = fault_runs.started(words, prepare=wait_at_the_first_epoch)
    while not (place / "owner.json").exists():
        time.sleep(0.05)
    refused = fault_runs.attempt(words[:2] + [f"--workdir={place}", *words[3:]])
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    said = f"process {first} on" in refused.sentence
    good, end = fault_runs.ends(place, expected)
    return good and said, f"one sentence; after the first one was killed, it {end}" if said else (
        f"exit code {refused.code}: {refused.output[-500:]}"
    )


def wait_at_the_first_epoch() -> None:
    from train import callbacks

    callbacks.Epochs.on_epoch_begin = lambda *_, **__: time.sleep(600)


def prepared(place, expected, *, prepare: Callable, code: int) -> tuple[bool, str]:
    done = fault_runs.attempt(fault_runs.words("gan", place), prepare=prepare)
    if done.code != code:
        return False, f"exit code {done.code}: {done.output[-500:]}"
    said = "Last good" in done.output or code == 0
    good, end = fault_runs.ends(place, expected)
    return good and said, f"exit code {code}; then it {end}"


def poison() -> None:
    """Puts NaN into a network before the second step of the process."""
    import numpy as np

    from train import callbacks

    ended = callbacks.Stop.on_train_batch_end

    def poisoned(stop, batch, logs=None):
        ended(stop, batch, logs)
        weight = stop.model.generator.trainable_variables[0]
        weight.assign(np.full(weight.shape, np.nan))

    callbacks.Stop.on_train_batch_end = poisoned


def jump(years: int) -> None:
    now = time.time
    time.time = lambda: now() + years * 365 * 86400
