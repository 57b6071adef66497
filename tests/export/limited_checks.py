"""Runs `zoo check` of stranger's bundles in processes with limits, and says what each took.

As a program, `python tests/export/limited_checks.py light|whole`, it reads a directory from each
line of its input and prints one line of JSON: status and output of `zoo check`, the largest
resident memory of any of its processes in bytes, and the processor time of all in seconds. It forks
each check, so that nothing is imported twice. A `light` one has no TensorFlow.
"""

import contextlib
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import NamedTuple

MOST_BYTES, MOST_SECONDS = 10**9, 30
# what ends a check whose own limits are broken; it is measured before that
_END_BYTES = 4 * MOST_BYTES
_DEADLINE = 300  # seconds of waiting for a check that sleeps; none comes near it


class Outcome(NamedTuple):
    """What a check printed and took. A status below 0 is the signal that ended it."""

    status: int
    output: str
    bytes: int
    seconds: float

    def failures(self) -> list[str]:
        """Returns the sentence of each check that failed.

        Raises:
            AssertionError: If the bundle passed, or the check took more than it may, crashed, or
                printed anything but sentences.
        """
        assert self.status == 1, self
        assert self.bytes < MOST_BYTES and self.seconds < MOST_SECONDS, self
        marks = ("ok  ", "note  ", "FAIL  ")
        lines, _, summary = self.output.partition(" checks failed:\n")
        *lines, _ = lines.splitlines()
        assert all(line.startswith(marks) for line in lines), self.output[-4000:]
        failed = [line.removeprefix("FAIL  ") for line in lines if line.startswith("FAIL  ")]
        assert failed and summary.splitlines() == [f"  {line}" for line in failed], self.output
        assert all("Received: " in line and len(line) < 1000 for line in failed), failed
        assert "Traceback" not in self.output
        return failed


class Checker:
    """A program as above that runs."""

    def __init__(self, program: subprocess.Popen):
        self._program = program

    def check(self, directory: pathlib.Path) -> Outcome:
        """Returns what `zoo check` of a directory printed and took.

        Raises:
            TimeoutError: If it does not end.
        """
        self._program.stdin.write(f"{directory}\n".encode())
        self._program.stdin.flush()
        ready, _, _ = select.select([self._program.stdout], [], [], _DEADLINE)
        if not ready:
            raise TimeoutError(f"`zoo check {directory}` gave no answer in {_DEADLINE} seconds")
        return Outcome(**json.loads(self._program.stdout.readline()))


@contextlib.contextmanager
def started(kind: str) -> Iterator[Checker]:
    """Starts a program that is `light` or `whole`; ends it and what it has started."""
    program = subprocess.Popen(
        [sys.executable, __file__, kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
    )
    try:
        yield Checker(program)
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.communicate()


def _limited(directory: str, main, output: int) -> None:
    import resource

    limits = {resource.RLIMIT_DATA: _END_BYTES, resource.RLIMIT_CPU: MOST_SECONDS}
    for name, most in {**limits, resource.RLIMIT_CORE: 0}.items():
        resource.setrlimit(name, (most, most + 1))
    for stream in (1, 2):
        os.dup2(output, stream)
    status = main(["check", directory])
    sys.stdout.flush()
    os._exit(status)


def _forked(directory: str, main) -> Outcome:
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            try:
                _limited(directory, main, output.fileno())
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(70)
        _, status, used = os.wait4(child, 0)
        output.seek(0)
        return Outcome(
            os.waitstatus_to_exitcode(status),
            output.read().decode(errors="replace"),
            used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            used.ru_utime + used.ru_stime,
        )


def _main(kind: str) -> None:
    if kind == "light":
        sys.modules["tensorflow"] = None
    from export.runtime import checks
    from zoo import __main__

    assert checks
    for line in sys.stdin:
        print(json.dumps(_forked(line[:-1], __main__.main)._asdict()), flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
