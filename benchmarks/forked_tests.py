"""Runs tests in a child of this process, which has the libraries loaded and the project not yet.

A child starts at once, imports the project anew from a folder, and can neither hang nor harm the
parent. It has a limit of processor time, so that a busy machine changes no result.
"""

import contextlib
import json
import os
import pathlib
import signal
import sys
import tempfile
import threading
import time

import pytest

PATIENCE = 40  # seconds by the clock for each second of processor time, for a child that waits


def run(root: pathlib.Path, tests: list[str], *, seconds: float, trace: bool = False) -> dict:
    """Runs tests of a folder in a child process.

    Args:
        root: Folder with the project, which is imported from there and from nowhere else.
        tests: Files to run as a whole, or names of tests as pytest prints them, relative to the
            folder. They run in this order, grouped by file, up to the first failure.
        seconds: Limit of the child's processor time.
        trace: Whether to run on after a failure, and to note which functions each test calls.

    Returns:
        `status`: "passed", "failed" or "timed out"; `test`: the first test that failed, or the file
        that cannot be imported; `tests`: by name `seconds`, `passed` and, with `trace`, `calls`,
        a list of [file, function].
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        answer = pathlib.Path(folder, "answer.json")
        sys.stdout.flush()
        child = os.fork()
        if not child:
            try:
                _child(root, tests, seconds, trace, answer)
            finally:
                os._exit(1)
        status = _wait(child, seconds * PATIENCE)
        if answer.is_file():
            return json.loads(answer.read_text())
        late = status is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF)
        return {"status": "timed out" if late else "failed", "test": "the process", "tests": {}}


def _wait(child: int, seconds: float) -> int | None:
    """Waits for a child and ends what it leaves; None if it took too long by the clock."""
    end, status = time.monotonic() + seconds, None
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        status = None
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
    return status


def _child(root, tests, seconds, trace, answer) -> None:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.chdir(root)
    sys.path.insert(0, str(root))
    os.environ["PYTHONPATH"] = str(root)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    watcher = Watcher(root, tests, trace)
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    code = pytest.main(
        [
            *("-o", "addopts=", "--import-mode=importlib", f"--rootdir={root}"),
            *("-p", "no:xdist", "-p", "no:cacheprovider", f"--basetemp={answer.parent / 'tests'}"),
            *([] if trace else ["-x"]),
            *files,
        ],
        plugins=[watcher],
    )
    sys.settrace(None)
    if code not in (0, 1, 2):
        watcher.failed = watcher.failed or f"pytest, with exit code {int(code)}"
    result = {
        "status": "failed" if watcher.failed or code else "passed",
        "test": watcher.failed,
        "tests": watcher.tests,
    }
    answer.with_suffix(".part").write_text(json.dumps(result))
    answer.with_suffix(".part").rename(answer)
    os._exit(0)


class Watcher:
    """A plugin of pytest that picks the tests, and notes what they take, call and find."""

    def __init__(self, root: pathlib.Path, tests: list[str], trace: bool):
        self.folder, self.trace = f"{root}/", trace
        self.order = {test: i for i, test in enumerate(tests)}
        self.tests, self.failed = {}, ""
        self.calls, self.names = set(), {}

    def pytest_collection_modifyitems(self, items):
        files = list(dict.fromkeys(test.partition("::")[0] for test in self.order))
        rank = {file: i for i, file in enumerate(files)}

        def place(item):
            return rank[item.nodeid.partition("::")[0]], self.order.get(item.nodeid, 0)

        items[:] = sorted(
            (
                item
                for item in items
                if item.nodeid in self.order or item.nodeid.partition("::")[0] in self.order
            ),
            key=place,
        )

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed = self.failed or report.nodeid

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        self.calls, began = set(), time.process_time()
        if self.trace:
            threading.settrace(self._called)
            sys.settrace(self._called)
        yield
        sys.settrace(None)
        threading.settrace(None)
        row = self.tests.setdefault(item.nodeid, {"passed": True})
        row["seconds"] = round(time.process_time() - began, 3)
        if self.trace:
            row["calls"] = sorted(self.calls)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed = self.failed or report.nodeid
            self.tests.setdefault(report.nodeid, {})["passed"] = False

    def _called(self, frame, event, argument):
        code = frame.f_code
        if code not in self.names:
            self.names[code] = self._name(code)
        if self.names[code]:
            self.calls.add(self.names[code])

    def _name(self, code) -> tuple[str, str] | None:
        """The file and the function of code of the project; None for all other code."""
        if not code.co_filename.startswith(self.folder):
            return None
        file = code.co_filename.removeprefix(self.folder)
        words = code.co_qualname.split(".")
        return file, ".".join(word for word in words if not word.startswith("<"))
