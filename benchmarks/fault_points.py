"""Faults in a training process, each at a chosen moment of its work on the disk.

They are installed in the process that trains, and noted in a file when they happen.
"""

import ctypes
import os
import pathlib
import re
import resource
import signal
import threading
from typing import NamedTuple

# What a path below the run directory belongs to; the first that fits.
PLACES = {
    "checkpoint": r"checkpoints/step-",
    "best": r"checkpoints/best/",
    "history": r"history\.csv",
    "report": r"report\.html",
    "metrics": r"metrics\.jsonl",
    "samples": r"samples/",
}
RANDOM = "random"
SIGNALS = {
    "KILL": (signal.SIGKILL,),
    "TERM": (signal.SIGTERM,),
    "INT": (signal.SIGINT,),
    "TERM twice": (signal.SIGTERM, signal.SIGTERM),
    "INT, then TERM": (signal.SIGINT, signal.SIGTERM),
}
WHEN = ("before", "half", "after")
_DAC_OVERRIDE = 1  # the capability by which root writes where nobody may
_CAPABILITIES = 0x20080522  # version 3 of the call


class Interruption(NamedTuple):
    """Signals that a process sends itself.

    Attributes:
        place: One of `PLACES`, or `RANDOM`.
        when: Before or after a file is synced, renamed or removed there; or "half", when only half
            of the file is written. Of a random moment: seconds.
        count: Which of these moments in the process it is, from 1.
        signals: One of `SIGNALS`.
    """

    place: str
    when: str | float
    count: int
    signals: str


class Disk(NamedTuple):
    """A disk that takes nothing more.

    Attributes:
        kind: "read-only", or "limit": no file may be larger than `count` bytes.
        count: Which work on the disk is the first that fails, from 1.
    """

    kind: str
    count: int


def install(fault: Interruption | Disk | None, directory: pathlib.Path, log: pathlib.Path) -> None:
    """Makes this process suffer a fault.

    Args:
        fault: The fault; None for none.
        directory: The run directory.
        log: File that gets a line when the fault happens.
    """
    note = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    if fault is None:
        return
    if isinstance(fault, Disk):
        _install_disk(fault, directory, note)
    elif fault.place == RANDOM:
        threading.Timer(fault.when, lambda: _send(fault.signals, note)).start()
    else:
        _watch(directory, _Striker(fault, note))


class _Striker:
    """Counts the moments at a place, and sends the signals at the one that is asked for."""

    def __init__(self, fault: Interruption, note: int):
        self._fault, self._note, self._seen = fault, note, 0
        self._pattern = re.compile(PLACES[fault.place])
        self._others = [re.compile(p) for name, p in PLACES.items() if name != fault.place]

    def __call__(self, path: str, when: str, number: int | None) -> None:
        fits = self._pattern.match(path) and not any(
            other.match(path) for other in self._others[: list(PLACES).index(self._fault.place)]
        )
        if not fits or when != self._fault.when:
            return
        self._seen += 1
        if self._seen == self._fault.count:
            if when == "half":
                os.ftruncate(number, _half(number))
            _send(self._fault.signals, self._note)


def _half(number: int) -> int:
    """Returns the size of a file of which half of what is being written is there."""
    path = pathlib.Path(os.readlink(f"/proc/self/fd/{number}"))
    size, kept = path.stat().st_size, 0
    if path.suffix == ".jsonl":  # to which one line is added
        kept = path.read_bytes().rfind(b"\n", 0, size - 1) + 1
    return kept + (size - kept) // 2


def _send(signals: str, note: int) -> None:
    os.write(note, f"{signals}\n".encode())
    for each in SIGNALS[signals]:
        os.kill(os.getpid(), each)


def _watch(directory: pathlib.Path, strike) -> None:
    """Calls `strike(path below the directory, when, number)` around work on the disk."""
    root = f"{directory.resolve()}/"
    fsync, replace, unlink = os.fsync, os.replace, os.unlink

    def around(path, work, *args, number=None, **options):
        path = os.path.realpath(path)
        inner = path.removeprefix(root) if path.startswith(root) else ""
        if number is not None and os.path.isfile(path):
            strike(inner, "half", number)
        strike(inner, "before", number)
        result = work(*args, **options)
        strike(inner, "after", number)
        return result

    os.fsync = lambda n: around(os.readlink(f"/proc/self/fd/{n}"), fsync, n, number=n)
    os.replace = lambda a, b, **options: around(b, replace, a, b, **options)
    os.unlink = lambda path, **options: around(path, unlink, path, **options)


def _install_disk(fault: Disk, directory: pathlib.Path, note: int) -> None:
    if fault.kind == "limit":
        os.write(note, b"limit\n")
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.count, most))
        return
    _honour_permissions()
    seen = []

    def close(path: str, when: str, number: int | None) -> None:
        seen.append(path)
        if len(seen) == fault.count:
            os.write(note, b"read-only\n")
            for folder in (directory, *(p for p in directory.rglob("*") if p.is_dir())):
                folder.chmod(0o555)

    _watch(directory, close)


def _honour_permissions() -> None:
    """Takes from this process what lets root write to a read-only folder."""

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))

    class Sets(ctypes.Structure):
        _fields_ = tuple(
            (name, ctypes.c_uint32) for name in ("effective", "permitted", "inherited")
        )

    header, sets = Header(_CAPABILITIES, 0), (Sets * 2)()
    libc = ctypes.CDLL(None)
    libc.capget(ctypes.byref(header), sets)
    sets[0].effective &= ~(1 << _DAC_OVERRIDE)
    libc.capset(ctypes.byref(header), sets)
