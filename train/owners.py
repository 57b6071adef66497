"""The one process that trains in a run directory."""

import contextlib
import errno
import json
import os
import pathlib
import socket
from collections.abc import Iterator

from export.runtime import files

try:
    import fcntl
except ImportError:  # not on Windows, where a run has no owner
    fcntl = None

FILE = "owner.json"
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


class OwnedError(ValueError):
    """Another process trains in the run directory."""


@contextlib.contextmanager
def held(directory: pathlib.Path) -> Iterator[None]:
    """Makes this process the owner of a run directory, and refuses if it has another one.

    The owner holds an operating system's lock on owner.json, which names its host and process. The
    lock ends with the process, however that ends; so whoever gets it may follow an owner that was
    killed. It holds between the hosts of a shared file system, unless that is mounted with locks
    of each host alone. Where a file system has no locks, the names decide: of an owner on this
    host one can see whether it is alive, and one on another host is refused.

    Args:
        directory: The run directory. It is made if it is missing, and removed at the end if it is
            empty then.

    Raises:
        OwnedError: If another process owns it.
    """
    if fcntl is None:
        yield
        return
    missing = [folder for folder in (directory, *directory.parents) if not folder.exists()]
    files.make_folder(directory)
    path, number = directory / FILE, None
    try:
        number = _locked(path)
        os.ftruncate(number, 0)
        os.pwrite(number, (json.dumps(named()) + "\n").encode(), 0)
        os.fsync(number)
        yield
    finally:
        if number is not None:
            with contextlib.suppress(OSError):  # gone, or in a folder that became read-only
                path.unlink()  # before the lock is given up: the next owner makes its own
            os.close(number)
        with contextlib.suppress(OSError):  # not empty
            for folder in missing:
                folder.rmdir()


def host() -> str:
    """Returns the name of this machine."""
    return socket.gethostname()


def named() -> dict:
    """Returns what names this process: its `host`, its `process` number, and when it `began`."""
    return {"host": host(), "process": os.getpid(), "began": began(os.getpid())}


def began(process: int) -> str | None:
    """Returns when a process of this host began, by which its number is told from a later one's.

    None where the operating system does not say.
    """
    try:
        stat = pathlib.Path(f"/proc/{process}/stat").read_text()
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return f"{boot} {stat.rpartition(')')[2].split()[19]}"  # field 22, in ticks since the boot


def _locked(path: pathlib.Path) -> int:
    """Returns the number of the open file, on which this process holds the lock."""
    while True:
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            owner = _owner(number)
            if _taken(number, owner):
                raise OwnedError(_refusal(path, owner))
            # the owner before may have removed the file between the two lines above
            if path.exists() and os.path.samestat(os.fstat(number), path.stat()):
                if owner:
                    print(
                        f"{path.parent} was owned by {_text(owner)}, which ended without giving "
                        "it up; this process follows it",
                        flush=True,
                    )
                return number
        except BaseException:
            os.close(number)
            raise
        os.close(number)


def _taken(number: int, owner: dict | None) -> bool:
    """Returns whether another process owns the file; if not, this one has the lock on it."""
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return owner is not None and (owner["host"] != host() or _alive(owner))


def _alive(owner: dict) -> bool:
    try:
        os.kill(owner["process"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    return owner.get("began") in (None, began(owner["process"]))


def _owner(number: int) -> dict | None:
    """Returns what the file says of the owner; None if it names nobody."""
    try:
        owner = json.loads(os.pread(number, 10000, 0))
    except ValueError:
        return None
    whole = isinstance(owner, dict) and {"host", "process"} <= set(owner)
    return owner if whole else None


def _text(owner: dict | None) -> str:
    return f"process {owner['process']} on {owner['host']}" if owner else "a process without a name"


def _refusal(path: pathlib.Path, owner: dict | None) -> str:
    cure = ""
    if owner and owner["host"] != host():
        cure = f"; if that one has ended, remove {path}"
    return (
        "A run directory is trained in by one process at a time. "
        f"Received: {path.parent}, which {_text(owner)} owns{cure}"
    )
