"""The verbs of the `zoo` command: each is a module that is imported only when the verb is called.

A verb's module has two functions: `add_arguments(parser)` declares its arguments, and
`run(values) -> int` does the work and returns the exit status. Modules that need TensorFlow are
imported inside `run`, so that help is printed at once.
"""

import importlib
import pathlib
import sys
import traceback
from collections.abc import Sequence
from typing import NamedTuple

from absl import flags

import zoo
from zoo import extras, names
from zoo.command import parsers

ROOT = pathlib.Path(__file__).parents[2]
PACKAGES = ("zoo", "train", "export", "configs")


class Verb(NamedTuple):
    """A row of the table.

    Attributes:
        module: Name of the module with `add_arguments` and `run`.
        text: One sentence that says what the verb does.
        extra: Extra of the package that the verb needs, whatever it is called with; None if it
            needs none, or only for some of its arguments.
    """

    module: str
    text: str
    extra: str | None = None


VERBS = {
    "demo": Verb(
        "zoo.command.demo",
        "Train on small digits, draw samples and export a checked bundle, in a few minutes.",
        "train",
    ),
    "train": Verb(
        "train.commands.train",
        "Train a config in a new run directory, or continue a run.",
        "train",
    ),
    "list": Verb(
        "train.commands.list", "Print every config with its game, loss, data set and paper."
    ),
    "sample": Verb(
        "train.commands.sample",
        "Draw samples from a run or a bundle, as a grid of pictures or as arrays.",
    ),
    "encode": Verb("train.commands.encode", "Write the codes of examples to an npz file."),
    "reconstruct": Verb(
        "train.commands.reconstruct", "Write examples next to their reconstructions."
    ),
    "interpolate": Verb(
        "train.commands.interpolate", "Write walks from the code of one example to another's."
    ),
    "score": Verb(
        "train.commands.score",
        "Write how unlike the training data each example is, to an npz file.",
    ),
    "evaluate": Verb(
        "train.commands.evaluate", "Measure a run, a bundle, pictures or a data set by metrics."
    ),
    "report": Verb(
        "train.commands.report",
        "Write one page about a run, a bundle or a folder of records such as results/.",
        "train",
    ),
    "compare": Verb(
        "train.commands.compare",
        "Rank runs and records that were measured in the same way.",
        "train",
    ),
    "export": Verb(
        "train.commands.export",
        "Export a run to a bundle: SavedModel, ONNX, golden values and a card.",
        "train",
    ),
    "check": Verb(
        "export.commands.check", "Check a bundle against its own manifest and golden values."
    ),
    "serve": Verb(
        "export.commands.serve",
        "Serve bundles over HTTP: TensorFlow Serving's REST and the Open Inference Protocol.",
        "serve",
    ),
    "web": Verb(
        "export.commands.web", "Write a web page that runs a bundle in the browser, offline too."
    ),
    "verify": Verb(
        "zoo.command.verify",
        "Check the maths of every objective against known answers.",
        "train",
    ),
    "doctor": Verb("train.commands.doctor", "Examine a data set before training on it."),
}


def run(words: Sequence[str]) -> int:
    """Runs one verb.

    Args:
        words: The verb and its arguments.

    Returns:
        The exit status: 0, 2 for input that cannot be used, or what the verb returns.
    """
    if not words or words[0] in ("-h", "--help", "help"):
        print("usage: zoo VERB [--help] ...\n       zoo --version\n")
        print("\n".join(f"  {name:11} {verb.text}" for name, verb in VERBS.items()))
        return 0
    name = words[0]
    if name == "--version":
        print(f"{extras.PACKAGE} {zoo.__version__}")
        return 0
    if name not in VERBS:
        print(f"zoo: {names.unknown('verb', name, VERBS)}", file=sys.stderr)
        return 2
    try:
        module = importlib.import_module(VERBS[name].module)
        parser = parsers.Parser(name, VERBS[name].text)
        module.add_arguments(parser)
        try:
            values = parser.parse(words[1:])
        except SystemExit as ended:  # after --help
            return ended.code
        if VERBS[name].extra is not None:
            extras.check(VERBS[name].extra, "This")
        return module.run(values)
    except ModuleNotFoundError as missing:
        error = extras.explained(missing, "This")
        if not isinstance(error, extras.MissingExtraError):
            raise
        print(f"zoo {name}: {error}", file=sys.stderr)
        return 2
    except (flags.Error, ValueError, OSError) as error:
        if not _ours(error):
            raise
        print(f"zoo {name}: {error}", file=sys.stderr)
        return 2


def _ours(error: Exception) -> bool:
    """Whether the project itself raised an error about its input; others keep their traceback."""
    place = pathlib.Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    return isinstance(error, flags.Error) or any(
        place.is_relative_to(ROOT / package) for package in PACKAGES
    )
