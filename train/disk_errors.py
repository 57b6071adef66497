"""What a disk does not do for a training, said in one sentence."""

import errno
import os
import re

import tensorflow as tf

from export.runtime import files
from train import checkpoint_files, runs

ERRORS = (OSError, tf.errors.OpError)
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE}
_READING = re.compile(
    r"with iterator: [\w:]+: (.+)|(?:DataLossError: )?((?:corrupted|truncated) .+)"
)


class StoppedError(OSError):
    """A training that stopped because of the disk."""


def explained(error: Exception, run: runs.Run) -> StoppedError | None:
    """Returns the error that says in one sentence what is wrong and what to do.

    Args:
        error: One of `ERRORS`, which ended the training.
        run: The run.

    Returns:
        The error; None if the disk is not the reason.
    """
    text = str(error)
    reading = isinstance(error, tf.errors.OpError) and _READING.search(text)
    newest = checkpoint_files.newest(run.checkpoints)
    if files.is_full(error):
        rule, cure = "A run needs room on the disk", "make room"
    elif reading:
        text = reading[1] or reading[2]
        rule, cure = "Examples must stay readable while a run trains", "put them back"
    elif _closed(error, run):
        rule, cure = "A run directory must stay writable", "make it writable"
    else:
        return None
    reason = next(line for line in text.splitlines() if line.strip()).strip()
    return StoppedError(
        f"{rule}. Received: {reason}. Last good checkpoint: {newest or 'none yet'}; {cure}, "
        "and the same command continues the run"
    )


def _closed(error: Exception, run: runs.Run) -> bool:
    """Returns whether a file of the run could not be written."""
    if isinstance(error, OSError):
        own = error.filename is None or os.fspath(run.directory) in os.fspath(error.filename)
        return own and error.errno in _CLOSED
    text = str(error)
    return os.fspath(run.directory) in text and any(os.strerror(n) in text for n in _CLOSED)
