"""`zoo sample`: draws from a run or a bundle."""

import argparse

from export.runtime import places
from train.commands import arguments
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    arguments.add_place(parser)
    arguments.add_num(
        parser,
        64,
        "Number of samples (default: %(default)s). With the same seed, fewer samples are the first "
        "ones of more.",
    )
    arguments.add_seed(parser, "Seed of the samples, in [0, 2**31) (default: %(default)s).")
    parser.add_argument(
        "--label",
        type=parsers.integer(0),
        metavar="K",
        help="Class of every sample, of a model that is trained with labels. Without it a picture "
        "has a class in each row.",
    )
    arguments.add_best(parser)
    parser.add_argument(
        "--out",
        default="samples.png",
        metavar="FILE",
        help="File to write: FILE.png for a grid of pictures, FILE.npz for arrays "
        "(default: %(default)s).",
    )


def run(values: argparse.Namespace) -> int:
    """Writes the samples and prints the path of their file."""
    places.check_model(values.place)  # a wrong path is an error now, not after the imports
    from train.inference import models, samples

    place = models.find(values.place, best=values.best, threads=values.threads)
    samples.write(
        models.load(place), values.out, count=values.num, seed=values.seed, label=values.label
    )
    print(values.out)
    return 0
