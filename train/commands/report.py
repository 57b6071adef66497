"""`zoo report`: writes one page about a run, a bundle or a folder of records."""

import argparse

from export.runtime import places
from train import runs
from train.commands import arguments
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument(
        "place",
        metavar="RUN|BUNDLE|FOLDER",
        help="Run directory, directory of a bundle, or folder of records such as results/.",
    )
    arguments.add_page(
        parser,
        "File to write (default: report.html in the run or in the folder, and BUNDLE.html next to "
        "a bundle, which holds its own files alone).",
    )


def run(values: argparse.Namespace) -> int:
    """Writes the page, which is one file without links to others, and prints its path."""
    arguments.check_page(values.out)
    if places.kind(values.place) == places.BUNDLE:
        from train.report import bundle_page

        print(bundle_page.write(values.place, values.out))
        return 0
    target = runs.Run(values.place)
    if not target.exists:
        from train.report import folder_page

        print(folder_page.write(values.place, values.out))
        return 0
    from train import checkpoints
    from train.report import run_page

    game = None
    try:
        game = checkpoints.load_game(target)
    # no checkpoint yet, a damaged file, or a config of another version
    except (OSError, ValueError, LookupError, TypeError) as error:
        print(f"The page has no latent interpolation. {type(error).__name__}: {error}")
    print(run_page.write(target, game, values.out))
    return 0
