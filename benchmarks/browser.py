"""Headless Chromium, driven over a pipe by the DevTools protocol, and a server of static files.

It needs Chromium and Python's standard library.
"""

import base64
import contextlib
import functools
import http.server
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-pipe",
)


def executable() -> str | None:
    """Returns the path of Chromium; None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *values):
        pass


@contextlib.contextmanager
def served(directory: str | os.PathLike) -> Iterator[str]:
    """Serves a folder on a free port of the loopback interface; yields its address."""
    handler = functools.partial(_Quiet, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class Page:
    """One page of a browser.

    Args:
        send, receive: File descriptors of the browser's pipe.
    """

    def __init__(self, send: int, receive: int):
        self._send, self._receive = send, receive
        self._rest, self._count, self.events = b"", 0, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    _session = None

    def call(self, method: str, *, seconds: float = 120.0, **parameters) -> dict:
        """Returns the result of a method of the DevTools protocol; other messages become events.

        Raises:
            RuntimeError: If the browser answers with an error.
            TimeoutError: If it does not answer in time.
        """
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + seconds
        while True:
            answer = self._message(end - time.monotonic(), method)
            if answer.get("id") != self._count:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def _message(self, seconds: float, method: str) -> dict:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._receive], [], [], max(0.0, seconds))
            part = os.read(self._receive, 2**20) if ready else b""
            if not part:
                raise TimeoutError(f"Chromium gave no answer to {method}")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def open(self, url: str, *, width: int = 1440, height: int = 900, dark: bool = False) -> None:
        """Opens an address in a window of a size; narrow ones are telephones."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if width < 600 else 1,
            mobile=width < 600,
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call("Page.navigate", url=url)
        self.run("new Promise(go => document.readyState === 'complete' ? go() : onload = go)")

    def run(self, expression: str):
        """Returns the value of an expression in the page, awaited if it is a promise.

        Raises:
            RuntimeError: If the expression throws.
        """
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            said = details.get("exception", {}).get("description", details.get("text"))
            raise RuntimeError(f"The page failed: {said}")
        return answer["result"].get("value")

    def screenshot(self, path: str | os.PathLike, *, whole: bool = False) -> None:
        """Writes a PNG of what is seen, or of the whole page."""
        taken = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        pathlib.Path(path).write_bytes(base64.b64decode(taken["data"]))

    def requested(self) -> list[str]:
        """Returns the addresses that the page has asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """Returns the errors and warnings of the page's console."""
        entries = [event["params"] for event in self.events if "params" in event]
        logged = [entry["entry"] for entry in entries if "entry" in entry]
        thrown = [entry["exceptionDetails"] for entry in entries if "exceptionDetails" in entry]
        return [entry["text"] for entry in [*logged, *thrown]]


@contextlib.contextmanager
def opened() -> Iterator[Page]:
    """Starts Chromium with a new profile; yields its page; ends it.

    Raises:
        FileNotFoundError: If there is no Chromium.
    """
    program = executable()
    if program is None:
        raise FileNotFoundError(f"Chromium must be installed, as one of {', '.join(NAMES)}")
    their_input, send = os.pipe()
    receive, their_output = os.pipe()

    def pipe():  # Chromium reads from descriptor 3 and writes to 4
        moved = [os.dup(their_input), os.dup(their_output)]
        for number, descriptor in zip((3, 4), moved):
            os.dup2(descriptor, number)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=pipe,
            close_fds=False,
        )
        os.close(their_input)
        os.close(their_output)
        try:
            yield Page(send, receive)
        finally:
            os.close(send)
            os.close(receive)
            process.terminate()
            process.wait(30)
