"""`zoo encode`: writes the codes of examples."""

import argparse

from train.commands import infer
from zoo.command import parsers

WAYS = ("encoder", "features", "inversion")


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    text = "Number of examples, from the first one on (default: %(default)s)."
    infer.add_arguments(parser, out="codes.npz", endings=".npz", num=64, text=text)
    parser.add_argument(
        "--by",
        type=parsers.choice("way to encode", WAYS),
        default=WAYS[0],
        metavar=f"{{{','.join(WAYS)}}}",
        help="What gives the codes: the game's encoder; its features, which in a GAN are the "
        "critic's last hidden layer; or an inversion, which optimises latents until the generator "
        "gives the examples (default: %(default)s).",
    )


def run(values: argparse.Namespace) -> int:
    """Writes the codes and prints the path of their file."""
    return infer.run("encode", values, by=values.by)
