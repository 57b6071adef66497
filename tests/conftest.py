"""What tests of every folder share."""

import fcntl
import os

import pytest


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Returns a function of a name and of what fills a folder; it returns the folder.

    The folder is filled once for all of pytest's processes, by the first one that needs it. A
    fixture of a module is made again by each process that runs one of the module's tests.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def filled(name, fill):
        folder = shared / name
        folder.mkdir(exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "done").exists():
                fill(folder)
                (folder / "done").touch()
        return folder

    return filled
