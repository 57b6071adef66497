"""The experiments: one file each, named after the variant of the game and the data set."""

import importlib
import importlib.util
import pathlib
import pkgutil

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
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.experiment()
    if name not in available():
        raise ValueError(names.unknown("config", name, available()))
    return importlib.import_module(f"configs.{name}").experiment()
