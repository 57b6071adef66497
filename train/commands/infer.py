"""What `zoo encode`, `zoo reconstruct`, `zoo interpolate` and `zoo score` have in common."""

import argparse

from export.runtime import places
from train.commands import arguments
from zoo.command import parsers


def add_arguments(parser: parsers.Parser, *, out: str, endings: str, num: int, text: str) -> None:
    """Declares the model, the examples and the file.

    Args:
        parser: The parser of the verb.
        out: Default path of the file.
        endings: How the path of the file may end.
        num: Default of --num.
        text: Help of --num.
    """
    arguments.add_place(parser)
    parser.add_argument(
        "--input",
        required=True,
        metavar="SOURCE",
        help="What the examples are taken from: a folder of pictures, a picture, an npz file with "
        "an array `images`, or a data set, as `zoo doctor --help` lists them.",
    )
    parser.add_argument(
        "--crop",
        type=parsers.integer(1),
        metavar="N",
        help="Side of the square that is cut out of the middle of every image before it is "
        "resized to the model's size. Without it the square is that of the model's own data.",
    )
    arguments.add_num(parser, num, text)
    arguments.add_seed(
        parser, "Seed of an encoder that draws its codes, in [0, 2**31) (default: %(default)s)."
    )
    parser.add_argument(
        "--label",
        type=parsers.integer(0),
        metavar="K",
        help="Class of every example, for a model that is trained with labels. Without it the "
        "labels are those of the data set.",
    )
    parser.add_argument(
        "--out",
        default=out,
        metavar="FILE",
        help=f"File to write, which ends in {endings} (default: %(default)s).",
    )


def run(function: str, values: argparse.Namespace, **options) -> int:
    """Calls a function of `codes`, by name, and prints the path of the file that it has written."""
    places.check_model(values.place)  # a wrong path is an error now, not after the imports
    from train.inference import codes, models

    getattr(codes, function)(
        models.find(values.place, threads=values.threads),
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
