"""Statistics of batch normalization that were gathered when a training was done, in their file."""

import io
import pathlib
import zipfile
from collections.abc import Sequence

import numpy as np

from export.runtime import files
from train import runs

FILE = "statistics.npz"  # in the folder of the checkpoints


def write(run: runs.Run, step: int, batches: int, values: Sequence[np.ndarray]) -> None:
    """Writes the statistics of batch normalization that a game has after its training.

    Args:
        run: A run.
        step: Step of the checkpoint that they belong to.
        batches: Number of batches from which they were gathered.
        values: What `zoo.games.statistics.gathered` returned.
    """
    arrays = {f"value_{at}": value for at, value in enumerate(values)}
    content = io.BytesIO()
    np.savez(content, step=step, batches=batches, **arrays)
    files.write_bytes(run.checkpoints / FILE, content.getvalue())


def batches(run: runs.Run, step: int) -> int | None:
    """Returns from how many batches the statistics of a step's checkpoint were gathered, or None.

    A best checkpoint has its moving averages, as training left them.

    Raises:
        ValueError: If the file is damaged.
    """
    path = run.checkpoints / FILE
    if run.best or not path.is_file():
        return None
    arrays = _read(path)
    return int(arrays["batches"]) if int(arrays["step"]) == step else None


def values(run: runs.Run) -> list[np.ndarray]:
    """Returns the values that `write` wrote.

    Raises:
        ValueError: If the file is damaged.
    """
    arrays = _read(run.checkpoints / FILE)
    return [arrays[f"value_{at}"] for at in range(len(arrays) - 2)]  # next to step and batches


def _read(path: pathlib.Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path) as arrays:
            return dict(arrays)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"The statistics of a run must be readable; `zoo train --workdir={path.parents[1]}` "
            f"gathers them anew. Received: {path} ({error!r})"
        ) from error
