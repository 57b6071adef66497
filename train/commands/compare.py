"""`zoo compare`: prints the measured numbers of several runs and records next to each other."""

import argparse

from export.runtime import places
from train.commands import arguments
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument(
        "places",
        nargs="+",
        metavar="RUN|RECORD.json|FOLDER",
        help="Run directory, record of a measurement, or folder of records.",
    )
    parser.add_argument(
        "--metrics",
        type=parsers.words,
        default=[],
        metavar="NAME[,NAME...]",
        help="Metrics to compare, as `zoo evaluate` names them (default: all).",
    )
    arguments.add_page(
        parser, "File for a page with the same tables and with charts over the steps of training."
    )
    parser.epilog = (
        "Numbers are ranked where they were measured under the same protocol.\n"
        "The others are printed in tables of their own. Two neighbours have different ranks only\n"
        "where their difference is above twice their combined standard error, and above the\n"
        "larger of their spreads over seeds."
    )


def run(values: argparse.Namespace) -> int:
    """Prints the tables and, where asked for, the path of the page."""
    arguments.check_page(values.out)
    for place in values.places:
        places.check_no_bundle(place)
    from train.report import comparison

    print(comparison.table(values.places, values.metrics))
    for sentence in comparison.unmeasured(values.places):
        print(sentence)
    if values.out is not None:
        print(comparison.page(values.places, values.out, values.metrics))
    return 0
