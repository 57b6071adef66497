"""The `zoo` command: a table of verbs, each imported only when it is called."""

import importlib
import os
import pathlib
import sys
import traceback

from absl import flags

from zoo import names

ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("zoo", "train", "export", "configs")
# of TensorFlow, where the user has not set them: read when it is imported
ENVIRONMENT = {
    "TF_ENABLE_ONEDNN_OPTS": "1",  # on by itself only on the newest processors; convolutions are slow without it on others
    "TF_CPP_MIN_LOG_LEVEL": "2",  # errors only
}
VERBS = {
    "demo": (
        "zoo.command.demo:main",
        "Train on small digits, draw samples and export a checked bundle, in a few minutes.",
    ),
    "train": ("train.commands:train", "Make a run directory from a config, or continue it."),
    "list": (
        "train.commands:show_configs",
        "Print every config with its paper, game, loss and data.",
    ),
    "sample": ("train.commands:sample", "Draw from a run: a picture grid or an npz file."),
    "encode": ("train.commands:encode", "Write the codes of examples."),
    "reconstruct": ("train.commands:reconstruct", "Write examples beside their reconstructions."),
    "interpolate": ("train.commands:interpolate", "Write walks between the codes of examples."),
    "evaluate": (
        "train.commands:evaluate",
        "Measure a run: a line of metrics.jsonl for each number.",
    ),
    "report": (
        "train.commands:report",
        "Write one page of a run, or of a folder of records such as results/.",
    ),
    "compare": ("train.commands:compare", "Rank what was measured alike, and show the rest apart."),
    "export": (
        "train.commands:export",
        "Make a bundle of a run: SavedModel, ONNX, golden values, a card.",
    ),
    "check": ("export.commands:check", "Test a bundle against what it says of itself."),
    "verify": (
        "zoo.command.verify:main",
        "Check the maths of every objective against known answers.",
    ),
    "doctor": ("train.data.doctor:main", "Examine a data set before training on it."),
}


def main(argv: list[str] | None = None) -> int:
    """Runs one verb.

    Args:
        argv: The words after `zoo`; the process's own if None.

    Returns:
        The exit status: 0, 2 for input that cannot be used, or what the verb says.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] in ("-h", "--help", "help"):
        print("usage: zoo VERB [--help] ...\n")
        for verb, (_, line) in VERBS.items():
            print(f"  {verb:11} {line}")
        return 0
    verb = argv[0]
    if verb not in VERBS:
        print(f"zoo: {names.unknown('verb', verb, VERBS)}", file=sys.stderr)
        return 2
    module, function = VERBS[verb][0].split(":")
    try:
        return getattr(importlib.import_module(module), function)(argv[1:])
    except (flags.Error, ValueError, OSError) as error:
        if not _ours(error):
            raise
        print(f"zoo {verb}: {error}", file=sys.stderr)
        return 2


def _ours(error: Exception) -> bool:
    """Whether the project raised the error itself, about what the user gave; any other is shown with its traceback."""
    where = pathlib.Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    return isinstance(error, flags.Error) or any(
        where.is_relative_to(ROOT / package) for package in PACKAGES
    )


if __name__ == "__main__":
    sys.exit(main())
