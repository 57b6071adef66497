"""The extras of the package, and the sentence that says which one is missing.

`pip install keras-generative-zoo` brings what opens, checks and runs bundles. Everything else
needs an extra, as in `pip install 'keras-generative-zoo[train]'`.
"""

import importlib.util

PACKAGE = "keras-generative-zoo"
# extra -> what it brings, in a sentence, and the modules that are imported of it; the first one
# stands for all of them
EXTRAS = {
    "train": (
        "TensorFlow and all that training, measuring and exporting need",
        (
            "tensorflow",
            "keras",
            "tensorflow_datasets",
            "tensorflow_gan",
            "tensorboard",
            "tf2onnx",
            "onnx",
            "jinja2",
            "scipy",
            "sklearn",
        ),
    ),
    "serve": (
        "the web server of `zoo serve`",
        ("starlette", "uvicorn", "httptools", "anyio", "orjson", "prometheus_client"),
    ),
    "litert": ("LiteRT's interpreter", ("ai_edge_litert",)),
    "sign": ("signatures of bundles", ("model_signing", "OpenSSL")),
}


class MissingExtraError(ModuleNotFoundError):
    """Something needs a module that an extra of the package brings, and that is not installed."""


def check(extra: str, what: str) -> None:
    """Raises MissingExtraError if an extra is not installed; it imports nothing.

    Args:
        extra: Name of the extra, a key of EXTRAS.
        what: What needs it, as the subject of a sentence: "The metric 'fd'".
    """
    module = EXTRAS[extra][1][0]
    if importlib.util.find_spec(module) is None:
        raise _missing(extra, what, module)


def explained(error: ModuleNotFoundError, what: str) -> ModuleNotFoundError:
    """Returns the error that says which extra brings the module that an import did not find.

    Args:
        error: What the import raised.
        what: What was imported or called, as the subject of a sentence.

    Returns:
        A MissingExtraError; the error itself if no extra brings the module, or the error says so
        already.

    Example:
        >>> error = ModuleNotFoundError("No module named 'keras'", name="keras")
        >>> str(explained(error, "`zoo.games`")).partition(",")[0]
        "`zoo.games` needs the extra 'train'"
    """
    root = (error.name or "").partition(".")[0]
    for extra, (_, modules) in EXTRAS.items():
        if root in modules and not isinstance(error, MissingExtraError):
            return _missing(extra, what, root)
    return error


def _missing(extra: str, what: str, module: str) -> MissingExtraError:
    return MissingExtraError(
        f"{what} needs the extra {extra!r}, which brings {EXTRAS[extra][0]}: run "
        f"`pip install '{PACKAGE}[{extra}]'`. Received: no module {module!r}",
        name=module,
    )
