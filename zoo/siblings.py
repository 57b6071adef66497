"""The packages next to `zoo`, imported from there whatever else has their names.

`train`, `export` and `configs` are common names. A file of the user's in the current folder or in
PYTHONPATH comes before an installed package, so these packages are looked up where `zoo` lies.
"""

import importlib
import importlib.machinery
import os
import runpy
import sys

PACKAGES = ("train", "export", "configs")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Finder:
    """Finds packages next to `zoo`, and nothing else.

    Args:
        packages: Names of the packages.
    """

    def __init__(self, packages: tuple[str, ...]):
        self._packages = packages

    def find_spec(self, name: str, path=None, target=None):
        """Returns the spec of a package, as Python's import asks for it; None of other names."""
        if name not in self._packages:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [ROOT])


def claim() -> None:
    """Makes the names of the packages theirs in this process, which is that of the command."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder(PACKAGES))


def leave_current_folder() -> None:
    """Takes the current folder off the import path, where `python -m` has put it.

    The command `zoo` does not have it there either. The folder stays if `zoo` itself lies in it.
    """
    if sys.path and os.path.abspath(sys.path[0]) == os.getcwd() != ROOT:
        del sys.path[0]


def load(module: str):
    """Imports a module of a package next to `zoo`, in a program that may not be the command.

    Args:
        module: Full name of the module.

    Raises:
        ImportError: If the program has imported another module under the name of the package.
    """
    package = module.partition(".")[0]
    there = getattr(sys.modules.get(package), "__file__", None)
    if there is not None and os.path.dirname(os.path.dirname(os.path.abspath(there))) != ROOT:
        raise ImportError(
            f"`zoo` needs its own package {package!r}; rename the module of that name, since a "
            f"program has one module of each name. Received: {there}"
        )
    finder = Finder((package,))
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module(module)
    finally:
        sys.meta_path.remove(finder)


if __name__ == "__main__":  # `python -m zoo.siblings MODULE ARGUMENT…` runs MODULE
    claim()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
