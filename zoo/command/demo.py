"""`zoo demo`: trains, samples, exports and checks, by the commands that a user would type."""

import argparse
import pathlib

from zoo.command import parsers, verbs


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument(
        "--config",
        default="dcgan_digits",
        metavar="NAME",
        help="Config to train (default: %(default)s, whose data set comes with scikit-learn).",
    )
    parser.add_argument(
        "--out",
        default="runs/demo",
        metavar="DIR",
        help="Directory for the run, the samples and the bundle (default: %(default)s). "
        "A directory that exists is continued.",
    )
    parser.add_argument(
        "--epochs",
        type=parsers.integer(1),
        metavar="N",
        help="Number of epochs, where the config's own number takes too long.",
    )


def run(values: argparse.Namespace) -> int:
    """Runs the commands one after the other; a demo that was stopped is continued.

    Returns:
        0, or the exit status of the first command that did not succeed.
    """
    out = pathlib.Path(values.out)
    directory, grid, bundle = out / "run", out / "samples.png", out / "bundle"
    train = ["train", f"--config={values.config}", f"--workdir={directory}", "--noprogress"]
    train += [f"--set=train.epochs={values.epochs}"] if values.epochs else []
    export = ["export", str(directory), f"--out={bundle}"]
    if bundle.exists():
        export = ["check", str(bundle)]
    for words in (train, ["sample", str(directory), "--num=100", f"--out={grid}"], export):
        print(f"$ zoo {' '.join(words)}", flush=True)
        status = verbs.run(words)
        if status:
            return status
    print(f"Samples: {grid}\nBundle:  {bundle}", flush=True)
    return 0
