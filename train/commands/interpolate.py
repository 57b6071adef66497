"""`zoo interpolate`: writes walks between the codes of examples."""

import argparse

from train.commands import infer
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    infer.add_arguments(
        parser,
        out="interpolations.png",
        endings=".npz or .png",
        num=8,
        text="Number of walks: from example 0 to 1, from 2 to 3, and so on (default: %(default)s).",
    )
    parser.add_argument(
        "--steps",
        type=parsers.integer(2),
        default=10,
        metavar="N",
        help="Number of images in a walk, with both ends (default: %(default)s).",
    )


def run(values: argparse.Namespace) -> int:
    """Writes the walks and prints the path of their file."""
    return infer.run("interpolate", values, steps=values.steps)
