"""What a trained model is measured by: pure functions of arrays, in numpy."""

import importlib

from zoo import extras


def __getattr__(name: str):
    # each at its first use, since some need scikit-learn or tensorflow-gan
    module = f"{__name__}.{name}"
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise extras.explained(error, f"`{module}`") from None
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from error
