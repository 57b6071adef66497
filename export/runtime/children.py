"""Tries a bundle in a process of its own, which may die without ending the one that checks."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from export.runtime import trials
from zoo import siblings

LIMITS = "runs within its limits"  # the end of the name of the check that a dead process fails
_MEMORY, _SECONDS = 704, 25  # MiB and seconds of processor time for a bundle of no size
_COPIES = 6  # of its programs and golden values, that a runtime may hold in memory
_WAITED = 3  # a busy machine gives a process a part of the time
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PATH", "SYSTEMROOT")
_SET = {
    "LANG": "C.UTF-8",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # memory of a thread counts, and so does its time
    **dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
        "1",
    ),
    **dict.fromkeys(("TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"), "1"),
}


def results(directory: pathlib.Path, size: int, runtimes: list[str]) -> Iterator[trials.Result]:
    """Yields what `trials.results` yields in a process with limits on memory and time.

    The limit on memory is that of data (RLIMIT_DATA) on Linux: ONNX Runtime takes 110 MiB of it
    and TensorFlow 480 before a bundle is loaded. Other systems have no such limit, or do not keep
    to it. The process has no other variables of the environment than it needs.

    Args:
        directory: The bundle.
        size: Bytes of the programs and the golden values that are loaded, which the limits follow.
        runtimes: Names of the runtimes.
    """
    mebibytes, seconds = _MEMORY + (_COPIES * size >> 20), _SECONDS + (size >> 20)
    words = [sys.executable, "-m", siblings.__name__, trials.__name__, str(directory.resolve())]
    words += [str(mebibytes), str(seconds), *runtimes]
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as out:
        child = subprocess.Popen(
            words,
            cwd=empty,
            env=environment(empty),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            child.wait(_WAITED * seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            late = child.poll() is None
            child.kill()
            child.wait()
        out.seek(0)
        lines = out.read().splitlines()
    ended = False
    for line in lines:
        result = json.loads(line)
        ended = ended or not result
        if result:
            yield trials.Result(**result)
    if not ended:
        what = f"{runtimes[0]}: {LIMITS}"
        yield trials.Result(
            what, reason(child.returncode, late, mebibytes=mebibytes, seconds=seconds)
        )


def reason(status: int, late: bool, *, mebibytes: int, seconds: int) -> str:
    """Returns why a process has not done its work: its exit status, or whether it was late."""
    rule = (
        f"A bundle of this size must be tried in {mebibytes} MiB of memory and {seconds} seconds "
        "of processor time. Received: "
    )
    if late:
        return rule + f"no end after {_WAITED * seconds} seconds"
    if status >= 0:
        return rule + f"an end with status {status} before the last check"
    name = signal.Signals(-status).name
    if name == "SIGXCPU":
        return rule + "more time (SIGXCPU)"
    return rule + f"a crash ({name}), as when memory runs out or a program is broken"


def environment(home: str) -> dict[str, str]:
    """Returns the variables of a process whose home is this folder."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # where this process has its packages from, those of the project among them
    path = os.pathsep.join(os.path.abspath(place) for place in sys.path)
    return kept | _SET | {"PYTHONPATH": path, "HOME": home, "TMPDIR": home}
