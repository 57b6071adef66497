"""Files of a run that are not as the run wrote them, said in one sentence. No TensorFlow."""

import pathlib

from train import checkpoint_files


class DamagedError(ValueError):
    """A file of a run is damaged."""


def error(path: pathlib.Path, why: object, checkpoints: pathlib.Path) -> DamagedError:
    """Returns the error for a damaged file of a run.

    It names the last good checkpoint, and the copy of the file that was saved with it.

    Args:
        path: The file.
        why: What is wrong with it, one line.
        checkpoints: Folder of the run's checkpoints.
    """
    newest = checkpoint_files.newest(checkpoints)
    copy = newest and checkpoint_files.copy_of(newest, path.name)
    cure = "put a copy back, or train in another --workdir"
    if copy:
        cure = f"{copy} is the copy of the file that was saved with it: put it in its place"
    return DamagedError(
        f"{path.name} of a run must be as the run wrote it. Received: {path}, {why}. "
        f"Last good checkpoint: {newest or 'none yet'}; {cure}"
    )
