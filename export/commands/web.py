"""`zoo web`: writes a page that runs a bundle in the browser."""

import argparse

from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument("bundle", metavar="BUNDLE", help="Directory of the bundle.")
    parser.add_argument(
        "--out",
        required=True,
        metavar="DIR",
        help="Directory for the page's files; must not exist. Any static server will do, "
        "such as `python -m http.server --directory=DIR`.",
    )
    parser.add_argument(
        "--onnxruntime_web",
        metavar="DIR",
        help="Folder of the npm package onnxruntime-web where it is installed. Without it the "
        "package is downloaded from the npm registry once and kept in the user's cache.",
    )


def run(values: argparse.Namespace) -> int:
    """Writes the page and prints how to see it.

    Returns:
        0.
    """
    from export.web import pages

    out = pages.write(values.bundle, values.out, onnxruntime_package=values.onnxruntime_web)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"Page: {out}  ({size:,} bytes)")
    print(f"See it: python -m http.server --bind=127.0.0.1 --directory={out}")
    return 0
