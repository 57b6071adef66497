"""A line on the terminal that shows how far a long piece of work is, and how long it will take."""

import shutil
import sys

import tqdm

WIDE = 120  # columns of a terminal, from which on a line shows more numbers


def bar(
    total: int, doing: str, unit: str, *, first: int = 0, delay: float = 0.5, shown: bool = True
) -> tqdm.tqdm:
    """Returns a bar that is drawn on standard error, and removed when it is closed.

    In a pipe, a file or a log nothing is drawn.

    Args:
        total: How many pieces there are, such as files.
        doing: What is being done, in a few words: "Reading images".
        unit: Plural of what is counted: "images".
        first: How many are done already.
        delay: Seconds until it is drawn, so that short work draws nothing.
        shown: Whether to draw it at all.

    Returns:
        A bar with `update(count)` and `close()`; it is a context manager too.

    Example:
        >>> with bar(3, "Reading images", "images") as reading:
        ...     _ = reading.update(3)
    """
    return tqdm.tqdm(
        total=total,
        initial=first,
        delay=delay,
        desc=doing,
        bar_format="{desc} {bar} {n_fmt}/{total_fmt} " + unit + ", {remaining} left{postfix}",
        disable=None if shown else True,
        dynamic_ncols=True,
        leave=False,
        file=sys.stderr,
    )


def width() -> int | None:
    """Returns the columns of the terminal that standard output is; None if it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
