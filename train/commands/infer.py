"""What `zoo encode`, `zoo reconstruct` and `zoo interpolate` have in common."""

import argparse
from collections.abc import Callable

from train import runs
from train.commands import arguments
from zoo.command import parsers


def add_arguments(parser: parsers.Parser, *, out: str, endings: str, num: int, text: str) -> None:
    """Declares the run, the examples and the file.

    Args:
        parser: The parser of the verb.
        out: Default path of the file.
        endings: How the path of the file may end.
        num: Default of --num.
        text: Help of --num.
    """
    arguments.add_run(parser)
    parser.add_argument(
        "--input",
        required=True,
        metavar="SOURCE",
        help="Data set that the examples are taken from, as `zoo doctor --help` lists them.",
    )
    parser.add_argument(
        "--crop",
        type=parsers.integer(1),
        metavar="N",
        help="Side of the square that is cut out of the middle of every image before it is "
        "resized to the run's size. Without it the run's own data.crop is cut out.",
    )
    arguments.add_num(parser, num, text)
    arguments.add_seed(
        parser, "Seed of an encoder that draws its codes, in [0, 2**31) (default: %(default)s)."
    )
    parser.add_argument(
        "--label",
        type=parsers.integer(0),
        metavar="K",
        help="Class of every example, for a game that is trained with labels. Without it the "
        "labels are those of the data set.",
    )
    parser.add_argument(
        "--out",
        default=out,
        metavar="FILE",
        help=f"File to write, which ends in {endings} (default: %(default)s).",
    )


def run(function: Callable[..., None], values: argparse.Namespace, **options) -> int:
    """Calls a function of `codes` and prints the path of the file that it has written."""
    function(
        runs.Run(values.run),
        values.input,
        values.out,
        count=values.num,
        seed=values.seed,
        label=values.label,
        crop=values.crop,
        **options,
    )
    print(values.out)
    return 0
