"""TF-GAN's evaluation functions, without the rest of its package, which needs a part that TensorFlow no longer has."""

import functools
import importlib
import importlib.util
import sys
import types


@functools.cache
def module(name: str) -> types.ModuleType:
    """Returns a module of `tensorflow_gan.python`, such as "eval.classifier_metrics".

    Packages on the way to it are put in place empty, so that only what the module itself imports is loaded.

    Raises:
        ImportError: If tensorflow-gan is not installed.
    """
    package = "tensorflow_gan"
    if package not in sys.modules:
        spec = importlib.util.find_spec(package)
        if spec is None:
            raise ImportError(
                "Distances of features need the package tensorflow-gan. Received: a Python without it"
            )
        _put(package, spec.submodule_search_locations[0])
    for part in ("python", *name.split(".")[:-1]):
        folder = f"{sys.modules[package].__path__[0]}/{part}"
        package = f"{package}.{part}"
        if package not in sys.modules:
            _put(package, folder)
    return importlib.import_module(f"tensorflow_gan.python.{name}")


def _put(package: str, folder: str) -> None:
    sys.modules[package] = types.ModuleType(package)
    sys.modules[package].__path__ = [folder]
