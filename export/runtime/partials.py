"""A directory that appears when it is whole, and of which nothing is left if it fails."""

import contextlib
import errno
import os
import pathlib
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator

from export.runtime import files

try:
    import fcntl
except ImportError:  # not on Windows, where nothing that was abandoned is removed
    fcntl = None


@contextlib.contextmanager
def directory(out: pathlib.Path) -> Iterator[pathlib.Path]:
    """Makes `.NAME.partial-…` next to `out`, to write into, and renames it to `out` at the end.

    If the block raises, or SIGTERM or Ctrl-C ends it, the directory is removed. What a killed
    process left of the same `out` is removed at the start; an owner that still runs holds a lock.

    Args:
        out: Where the directory belongs; must not exist.

    Raises:
        FileExistsError: If `out` exists by now.
        OSError: If the disk is full; the error says so.
    """
    prefix = f".{out.name}.partial-"
    out.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(out.parent, prefix)
    partial = pathlib.Path(tempfile.mkdtemp(prefix=prefix, dir=out.parent))
    try:
        with _locked(partial), _terminable():
            partial.chmod(0o755)  # mkdtemp's is for its owner alone
            yield partial
            if os.path.lexists(out):
                raise FileExistsError(f"`out` must not exist. Received: {out}, made by now")
            os.rename(partial, out)
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            print(f"Stopped: {out} is not made, and nothing is left of it", flush=True)
        if files.is_full(error):
            raise OSError(
                errno.ENOSPC,
                f"A bundle needs room on the disk: {out} is not made, and nothing is left of it",
            ) from error
        raise


def _remove_abandoned(folder: pathlib.Path, prefix: str) -> None:
    for path in sorted(folder.glob(f"{prefix}*")) if fcntl else ():
        with contextlib.suppress(OSError), _locked(path):
            shutil.rmtree(path)
            print(f"Removed {path}, which an export left that was killed", flush=True)


@contextlib.contextmanager
def _locked(path: pathlib.Path) -> Iterator[None]:
    """Holds the lock of a directory; raises BlockingIOError if a process holds it."""
    if fcntl is None:
        yield
        return
    opened = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Makes SIGTERM raise SystemExit with the status of a process that it ended."""

    def stop(number, frame):
        raise SystemExit(128 + number)

    mine = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if mine else None
    try:
        yield
    finally:
        if mine:
            signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
