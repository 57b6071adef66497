"""`zoo reconstruct`: writes examples next to their reconstructions."""

import argparse

from train.commands import infer
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    infer.add_arguments(
        parser,
        out="reconstructions.png",
        endings=".npz or .png",
        num=64,
        text="Number of examples, from the first one on (default: %(default)s).",
    )


def run(values: argparse.Namespace) -> int:
    """Writes the reconstructions and prints the path of their file."""
    return infer.run("reconstruct", values)
