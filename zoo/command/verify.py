"""`zoo verify`: compares every objective with its known answers, on the machine where it runs."""

import argparse
from collections.abc import Iterable

from zoo import names, progress
from zoo.command import parsers

COLUMNS = ("objective", "what", "expected", "computed", "error", "")
TEXT, MARKDOWN = "text", "md"


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument(
        "objectives",
        nargs="*",
        metavar="OBJECTIVE",
        help="Objective to check, such as hinge, f_gan or f_gan.kl. "
        "Every objective is checked if none is named.",
    )
    parser.add_argument(
        "--format",
        type=parsers.choice("format", (TEXT, MARKDOWN)),
        default=TEXT,
        metavar=f"{{{TEXT},{MARKDOWN}}}",
        help="Form of the table: text, or md for a page of Markdown (default: %(default)s).",
    )


def run(values: argparse.Namespace) -> int:
    """Prints the table of laws.

    Returns:
        0 if every law holds, 1 if one does not.
    """
    from zoo.laws import table  # after --help, which needs no TensorFlow

    rows, objectives = [], chosen(values.objectives, table.LAWS)
    with progress.bar(len(objectives), "Checking", "objectives") as bar:
        for name in objectives:
            laws = list(table.LAWS[name]())
            if values.format == TEXT:
                bar.write("\n".join(_text(name, law) for law in laws))
            rows += [(name, law) for law in laws]
            bar.update(1)
    wrong = sum(not law.holds for _, law in rows)
    if values.format == MARKDOWN:
        print(_page(rows))
    else:
        print(f"{len(rows) - wrong} of {len(rows)} laws hold")
    return 1 if wrong else 0


def chosen(wanted: list[str], every: Iterable[str]) -> list[str]:
    """Returns the objectives to check, in the order of the table.

    Args:
        wanted: Full names, or their part before a dot or a bracket (`f_gan` stands for every
            `f_gan.NAME`), or their part after the dot; empty for every objective.
        every: All objectives.

    Raises:
        ValueError: If a name fits no objective; the message names the nearest one.
    """
    every = list(every)
    accepted = {
        name: {
            name,
            *name.partition("(")[0].split("."),
            name.partition("(")[0],
            name.rpartition(".")[2],
        }
        for name in every
    }
    for name in wanted:
        if not any(name in words for words in accepted.values()):
            raise ValueError(
                names.unknown("objective", name, sorted(set().union(*accepted.values())))
            )
    return [name for name in every if not wanted or accepted[name] & set(wanted)]


def _values(law) -> tuple[str, str, str, str]:
    return (
        f"{law.expected:.9g}",
        f"{law.computed:.9g}",
        f"{law.error:.1e}",
        "ok" if law.holds else f"WRONG (allowed {law.tolerance:.0e})",
    )


def _text(name: str, law) -> str:
    expected, computed, error, word = _values(law)
    return f"{name:34} {law.what:82} {expected:>14} {computed:>14} {error:>8}  {word}"


def _page(rows) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---|---|---|---|---|---|"]
    lines += [
        "| " + " | ".join([name, law.what.replace("|", "\\|"), *_values(law)]) + " |"
        for name, law in rows
    ]
    return "\n".join(lines)
