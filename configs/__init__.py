"""The experiments: one file each, named after the variant of the game and the data set."""

import importlib
import importlib.util
import pathlib
import pkgutil
import sys

from configs import schema
from zoo import names


def available() -> list[str]:
    """Returns the names of all configs, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)


def load(name: str) -> schema.Experiment:
    """Returns the experiment of a config.

    Args:
        name: A config's name, or the path of a Python file of your own that defines `experiment()`.

    Raises:
        ValueError: If there is no such config; names the nearest.
    """
    if name.endswith(".py"):
        path = pathlib.Path(name)
        if not path.is_file():
            raise ValueError(
                "A config's path must be a Python file that defines experiment(). "
                f"Received: {name!r}, which does not exist"
            )
        return imported(path).experiment()
    if name not in available():
        raise ValueError(names.unknown("config", name, available()))
    return importlib.import_module(f"configs.{name}").experiment()


def imported(path: pathlib.Path):
    """Returns the module of a Python file of your own, imported under the name of the file.

    Modules in its folder can be imported by it, behind all others of their names.

    Args:
        path: The file.

    Raises:
        ValueError: If it imports a module that is not there.
    """
    name, folder = path.stem, str(path.resolve().parent)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    # under its name, as dataclasses need it, unless another module has it
    sys.modules.setdefault(name, module)
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        raise ValueError(
            "A config's file may import what is installed, and modules that lie next to it. A run "
            "keeps the file alone: put what it needs into the one file, install the module, or set "
            f"PYTHONPATH to its folder. Received: {path}, which imports {error.name!r}"
        ) from error
    return module
