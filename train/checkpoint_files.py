"""The files of checkpoints in a folder: listed, put in place as a whole, and swept.

A checkpoint `step-12` is its index and its data. Copies of other files lie next to them, as
`step-12.history.csv`, and `step-12.sums` has the digests of these. It loads no TensorFlow.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator

from export.runtime import files

NAME = "step"
SUMS = "sums"
STATE_FILE = "checkpoint"  # which TensorFlow's own tools read; nothing in this project does
_FILE = re.compile(rf"({NAME}-(\d+))\.(index|data-\d+-of-\d+)")
# of this project, of TensorFlow's saver, and of the file `checkpoint`
_LEFT_OVER = ("*.partial", f"{NAME}-*_temp", f"{STATE_FILE}.tmp*")


def listed(folder: pathlib.Path) -> list[pathlib.Path]:
    """Returns the checkpoints in a folder, the highest step first, by their path without an ending.

    One of which only the index or only the data is there is listed too; it cannot be read.
    """
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    steps = {int(found[2]) for found in map(_FILE.fullmatch, names) if found}
    return [folder / f"{NAME}-{step}" for step in sorted(steps, reverse=True)]


def newest(folder: pathlib.Path) -> pathlib.Path | None:
    """Returns the checkpoint of the highest step that has its index and its data, or None."""
    whole = (
        path
        for path in listed(folder)
        if path.with_name(f"{path.name}.index").is_file()
        and any(folder.glob(f"{path.name}.data-*"))
    )
    return next(whole, None)


def step(path: pathlib.Path) -> int:
    """Returns the step of a checkpoint by its path."""
    return int(path.name.rpartition("-")[2])


@contextlib.contextmanager
def placed(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Makes a folder to write a checkpoint's files into, which are then put in place.

    They are synced to the disk before they get their names, the index last, and the folder after:
    whatever ends the process, or the power, a checkpoint is there as a whole or not at all. If the
    block raises, nothing is left.

    Args:
        path: The checkpoint, without an ending, whose files the block writes under its name.
    """
    partial = path.with_name(f"{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    files.make_folder(partial)
    try:
        yield partial
        written = sorted(partial.iterdir(), key=lambda file: file.suffix == ".index")
        for file in written:
            files.sync(file)
        for file in written:
            os.replace(file, path.parent / file.name)
        files.sync(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def copy(
    path: pathlib.Path,
    originals: Iterable[pathlib.Path],
    *,
    write: Callable[[pathlib.Path, bytes], object] = files.write_bytes,
) -> None:
    """Copies files next to a checkpoint, and notes their digests.

    Args:
        path: The checkpoint.
        originals: The files; one that is missing has no copy.
        write: Writes a file; `pathlib.Path.write_bytes` in a folder that `placed` made, which
            syncs them all.
    """
    sums = {}
    for original in filter(pathlib.Path.exists, originals):
        content = original.read_bytes()
        write(path.with_name(f"{path.name}.{original.name}"), content)
        sums[original.name] = files.digest(content)
    write(path.with_name(f"{path.name}.{SUMS}"), json.dumps(sums, indent=1).encode())


def copy_of(path: pathlib.Path, name: str) -> pathlib.Path | None:
    """Returns the copy of a file next to a checkpoint; None if there is none that is whole.

    Args:
        path: The checkpoint.
        name: Name of the file that was copied.
    """
    kept = path.with_name(f"{path.name}.{name}")
    try:
        sums = files.read_json(path.with_name(f"{path.name}.{SUMS}"))
        return kept if sums[name] == files.digest(kept) else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def write_state(folder: pathlib.Path) -> None:
    """Writes the file `checkpoint`, by which TensorFlow's own tools know the newest one."""
    names = [path.name for path in listed(folder)]
    lines = [f'model_checkpoint_path: "{names[0]}"'] if names else []
    lines += [f'all_model_checkpoint_paths: "{name}"' for name in reversed(names)]
    files.write_text(folder / STATE_FILE, "".join(f"{line}\n" for line in lines))


def remove(path: pathlib.Path) -> None:
    """Removes a checkpoint, its index first, so that none is whole by its names and yet broken."""
    own = list(path.parent.glob(f"{path.name}.*"))
    for file in sorted(own, key=lambda file: file.suffix != ".index"):
        file.unlink(missing_ok=True)


def sweep(folder: pathlib.Path) -> None:
    """Removes what broken saves left in a folder: partial files, and copies without a checkpoint.

    Nobody else may write to the folder.
    """
    known = {path.name for path in listed(folder)}
    orphans = (p for p in folder.glob(f"{NAME}-*.*") if p.name.partition(".")[0] not in known)
    for path in [*orphans, *(path for pattern in _LEFT_OVER for path in folder.glob(pattern))]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
