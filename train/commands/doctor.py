"""`zoo doctor`: examines a data set before a model is trained on it."""

import argparse

from train.data import table
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument(
        "data",
        metavar="DATA",
        help="Data set, as below. Two domains, NAME,NAME, are examined one after the other.",
    )
    parser.add_argument(
        "--split",
        default="train",
        metavar="SPLIT",
        help="Part of the data set, such as train, test or train[:500] (default: %(default)s).",
    )
    parser.add_argument(
        "--size",
        type=parsers.size,
        metavar="H,W",
        help="Height and width that training would resize images to, as in 64,64.",
    )
    parser.add_argument(
        "--crop",
        type=parsers.integer(1),
        metavar="N",
        help="Side of the square that training would cut out of the middle first.",
    )
    parser.add_argument(
        "--background",
        default="white",
        metavar="COLOUR",
        help="Colour that training would put behind transparent pixels: a name that web pages use, "
        "or #RRGGBB (default: %(default)s).",
    )
    parser.add_argument(
        "--bits",
        type=parsers.integer(1),
        metavar="N",
        help="Number of bits, from 8 to 16, that training would take the values of 16-bit pictures "
        "to use. Without it they are as many as the largest value needs.",
    )
    parser.epilog = f"DATA is one of:\n{table.text()}"


def run(values: argparse.Namespace) -> int:
    """Prints what is in the data set, what is wrong with it, and which model would take it.

    Returns:
        0, or 1 if the data set has problems that stop training.
    """
    from train.data import diagnosis, doctor

    findings = doctor.examine(
        values.data,
        split=values.split,
        size=values.size,
        crop=values.crop,
        background=values.background,
        bits=values.bits,
    )
    print(diagnosis.text(findings))
    return 1 if findings["problems"] else 0
