"""Arguments that several verbs have."""

from zoo.command import parsers


def add_run(parser: parsers.Parser) -> None:
    """Declares the run directory that a verb works on."""
    parser.add_argument("run", metavar="RUN", help="Run directory, made by `zoo train`.")


def add_place(parser: parsers.Parser) -> None:
    """Declares the run or the bundle that a verb works on, and the threads of a bundle."""
    parser.add_argument(
        "place",
        metavar="RUN|BUNDLE",
        help="Run directory, made by `zoo train`, or directory of a bundle, made by `zoo export`. "
        "A bundle needs no TensorFlow.",
    )
    parser.add_argument(
        "--threads",
        type=parsers.integer(1),
        metavar="N",
        help="Number of threads that compute the graphs of a bundle (default: 1).",
    )


def add_best(parser: parsers.Parser) -> None:
    """Declares the choice of the best checkpoint."""
    parser.add_argument(
        "--best",
        action=parsers.Switch,
        help="Use the best checkpoint, which a run has when it is trained with "
        "train.evaluate_every, instead of the newest one.",
    )


def add_num(parser: parsers.Parser, default: int | None, text: str) -> None:
    """Declares how many examples or samples a verb takes."""
    parser.add_argument("--num", type=parsers.integer(1), default=default, metavar="N", help=text)


def add_seed(parser: parsers.Parser, text: str) -> None:
    """Declares the seed of what a verb draws."""
    parser.add_argument("--seed", type=int, default=0, metavar="SEED", help=text)


def add_page(parser: parsers.Parser, text: str) -> None:
    """Declares the HTML file that a verb writes."""
    parser.add_argument("--out", metavar="FILE.html", help=text)


def check_page(out: str | None) -> None:
    """Raises ValueError for the path of a page that does not end in .html."""
    if out is not None and not out.endswith(".html"):
        raise ValueError(f"`out` must end in .html. Received: {out!r}")
