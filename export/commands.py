"""The verbs of export/: options are read here, and what needs TensorFlow is imported after them."""

import os

from absl import flags

from zoo.command import options


def export(argv: list[str]) -> int:
    """`zoo export`: makes a bundle of a run."""

    def define(values):
        flags.DEFINE_string(
            "out", None, "Directory of the bundle; must not exist.", flag_values=values
        )
        flags.DEFINE_bool(
            "best", False, "Of the best checkpoint, not the newest.", flag_values=values
        )
        flags.DEFINE_integer(
            "version",
            1,
            "Names the directories that servers look for.",
            lower_bound=1,
            flag_values=values,
        )

    parsed = options.parse(
        "export",
        argv,
        define,
        "RUN --out=DIR [--version=N] [--best]\n\nA SavedModel, ONNX graphs, golden values and a card, checked.",
    )
    if parsed is None:
        return 0
    values, rest = parsed
    if len(rest) != 1 or not values.out:
        raise ValueError(
            f"`zoo export` takes one run directory and --out=DIR. Received: {rest}, --out={values.out}"
        )
    from export.runtime import manifests

    manifests.refuse_existing(values.out)
    from train import runs

    run = runs.Run(rest[0], best=values.best)
    run.record()  # a wrong path is an error now, not after the imports
    from export import bundle

    bundle.write(run, values.out, version=values.version)
    return 0


def check(argv: list[str]) -> int:
    """`zoo check`: tests a bundle against what it says of itself."""
    parsed = options.parse(
        "check",
        argv,
        lambda values: None,
        "DIR\n\nTests a bundle; needs neither its run nor its data.",
    )
    if parsed is None:
        return 0
    _, rest = parsed
    if len(rest) != 1 or not os.path.isdir(rest[0]):
        raise ValueError(f"`zoo check` takes one bundle directory. Received: {rest}")
    from export.runtime import checks

    failures = checks.check(rest[0])
    print(
        f"{rest[0]}: "
        + (
            f"{len(failures)} failed:\n  " + "\n  ".join(failures)
            if failures
            else "every check passed"
        )
    )
    return 1 if failures else 0
