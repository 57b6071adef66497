"""Imports TensorFlow without the lines that it prints when it starts.

TensorFlow writes them from C++, before any of its own settings can stop them.
"""

import contextlib
import importlib.abc
import importlib.machinery
import os
import sys
import tempfile
from collections.abc import Iterator

GPU = "/dev/nvidia0"  # the first GPU, where the driver of one is installed


def install() -> None:
    """Makes the first import of TensorFlow in this process a quiet one.

    What it prints is shown all the same if the import fails, or if the machine has a GPU that
    TensorFlow cannot use: the lines say why.
    """
    sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader  # as if nothing had happened
        with _held_back() as lines:
            self._loader.exec_module(module)
            # the first look for devices prints lines of its own
            found = module.config.list_physical_devices("GPU")
            lines.wanted = not found and os.path.exists(GPU)


class _Lines:
    wanted = True


@contextlib.contextmanager
def _held_back() -> Iterator[_Lines]:
    """Holds back what is written to standard error, by C++ too; shows it at the end if wanted."""
    lines = _Lines()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        shown = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield lines
        finally:
            sys.stderr.flush()
            os.dup2(shown, 2)
            os.close(shown)
            if lines.wanted:
                held.seek(0)
                sys.stderr.write(held.read().decode(errors="replace"))
                sys.stderr.flush()
