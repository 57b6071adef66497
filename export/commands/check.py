"""`zoo check`: checks a bundle against what it says of itself."""

import argparse
import os

from export.runtime import places
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument(
        "bundle",
        metavar="DIR",
        help="Directory of the bundle. Neither its run nor its data set is needed.",
    )
    parser.add_argument(
        "--key",
        metavar="PUBLIC",
        help="PEM file of the public key of whoever must have signed the bundle. Take it from a "
        "source that you trust, not from the bundle's.",
    )


def run(values: argparse.Namespace) -> int:
    """Prints what failed.

    Returns:
        0 if every check passed, 1 if one did not.
    """
    if not os.path.isdir(values.bundle):
        there = "a file" if os.path.exists(values.bundle) else "which does not exist"
        raise ValueError(
            "`zoo check` takes the directory of a bundle, as `zoo export` writes one. "
            f"Received: {values.bundle!r}, {there}"
        )
    places.check_no_run(values.bundle)
    from export.runtime import checks

    failures = checks.check(values.bundle, key=values.key)
    if failures:
        print("\n  ".join([f"{values.bundle}: {len(failures)} checks failed:", *failures]))
        return 1
    print(f"{values.bundle}: every check passed")
    return 0
