"""`zoo score`: writes how unlike the training data examples are."""

import argparse

from train.commands import infer
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    text = "Number of examples, from the first one on (default: %(default)s)."
    infer.add_arguments(parser, out="scores.npz", endings=".npz", num=64, text=text)
    parser.epilog = (
        "The file holds `scores`, a number for each example, which is higher for what is less\n"
        "like the training data; and `labels` where the examples have them."
    )


def run(values: argparse.Namespace) -> int:
    """Writes the scores and prints the path of their file."""
    return infer.run("score", values)
