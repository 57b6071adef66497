"""The web page of each model that is served, written by `zoo web` in a process of its own."""

import asyncio
import logging
import pathlib
import shutil
import sys
import time
import weakref

from export.server import repository, served

_LOG = logging.getLogger("zoo.serve")
_LOOK_SECONDS = 1.0
_KEPT_SECONDS = 60.0  # longer than a browser takes to load all files of a page


class Pages:
    """Keeps a page of the newest version of each model.

    Args:
        root: An empty folder for the pages.

    Attributes:
        folders: The folder of the page, by the name of the model; only of pages that are whole.
    """

    def __init__(self, root: pathlib.Path):
        self.folders: dict[str, pathlib.Path] = {}
        self._root, self._count = root, 0
        self._tried: dict[str, weakref.ref] = {}
        self._replaced: list[tuple[float, pathlib.Path]] = []

    async def follow(self, models: repository.Repository) -> None:
        """Writes what is missing, and goes on as models are loaded and replaced."""
        while True:
            await self.refresh(models)
            await asyncio.sleep(_LOOK_SECONDS)

    async def refresh(self, models: repository.Repository) -> None:
        """Writes the page of each model that has none of its newest version.

        The page of an older version stays until then, and its files a minute longer, for browsers
        that have loaded a part of them. A page that cannot be written is not tried again, and the
        log says why.
        """
        for name, versions in models.models.items():
            newest = next(iter(versions.values()))
            if name in self._tried and self._tried[name]() is newest:
                continue
            self._tried[name] = weakref.ref(newest)
            self._count += 1
            out = self._root / str(self._count)
            why = await _written(newest, out)
            old = self.folders.pop(name, None)
            if why is None:
                self.folders[name] = out
            else:
                _LOG.warning("%s has no web page: %s", name, why)
            if old is not None:
                self._replaced.append((time.monotonic(), old))
        while self._replaced and time.monotonic() - self._replaced[0][0] >= _KEPT_SECONDS:
            _, old = self._replaced.pop(0)
            await asyncio.to_thread(shutil.rmtree, old, ignore_errors=True)


async def _written(model: served.Served, out: pathlib.Path) -> str | None:
    """Writes a page; returns why it is not there, None if it is."""
    words = [sys.executable, "-m", "zoo", "web", str(model.path), f"--out={out}"]
    quiet = {"stdin": asyncio.subprocess.DEVNULL, "stdout": asyncio.subprocess.DEVNULL}
    process = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.PIPE, **quiet)
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:  # the server ends
            process.kill()
    if process.returncode == 0:
        return None
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"`zoo web` ended with status {process.returncode}"
