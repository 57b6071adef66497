"""TF-GAN's evaluation functions, without its package as a whole.

Importing `tensorflow_gan` fails under a TensorFlow that has no `tf.estimator`; the modules that
hold the evaluation functions need nothing of the kind.
"""

import contextlib
import functools
import importlib
import importlib.util
import sys
import types
from collections.abc import Iterator

PACKAGE = "tensorflow_gan"


@functools.cache
def module(name: str) -> types.ModuleType:
    """Returns a private copy of a module of `tensorflow_gan.python`.

    It is loaded with what it imports itself and nothing else. `sys.modules` is left as it was, so
    that a program's own `import tensorflow_gan` is not affected, before or after.

    Args:
        name: The module's name below `tensorflow_gan.python`, such as "eval.classifier_metrics".

    Raises:
        ImportError: If tensorflow-gan is not installed.
    """
    with _set_aside():
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None:
            raise ImportError(
                "Distances of features need the package tensorflow-gan. "
                "Received: a Python without it"
            )
        package, folder = PACKAGE, spec.submodule_search_locations[0]
        _put(package, folder)
        for part in ("python", *name.split(".")[:-1]):
            package, folder = f"{package}.{part}", f"{folder}/{part}"
            _put(package, folder)
        return importlib.import_module(f"{PACKAGE}.python.{name}")


@contextlib.contextmanager
def _set_aside() -> Iterator[None]:
    """Takes what is loaded of the package out of `sys.modules`, and puts that alone back."""
    before = _taken()
    try:
        yield
    finally:
        _taken()
        sys.modules.update(before)


def _taken() -> dict[str, types.ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == PACKAGE]
    return {name: sys.modules.pop(name) for name in names}


def _put(package: str, folder: str) -> None:
    """Puts an empty package in place, so that its own `__init__` is not run."""
    sys.modules[package] = types.ModuleType(package)
    sys.modules[package].__path__ = [folder]
