"""`zoo verify`: the known answers of every objective, worked out where it runs."""

from collections.abc import Iterable

from absl import flags

from zoo import names
from zoo.command import options

COLUMNS = ("objective", "what", "expected", "found", "error", "")
TEXT, MARKDOWN = "text", "md"


def main(argv: list[str]) -> int:
    """Prints the table of laws.

    Returns:
        0 if every law holds, 1 if one does not.
    """

    def define(values):
        flags.DEFINE_enum(
            "format", TEXT, [TEXT, MARKDOWN], "md is a page of Markdown.", flag_values=values
        )

    usage = "[OBJECTIVE…] [--format=text|md]\n\nCheck the maths of every objective, or of those named, against known answers: seconds."
    parsed = options.parse("verify", argv, define, usage)
    if parsed is None:
        return 0
    values, wanted = parsed
    from zoo.laws import table  # after --help, which needs no TensorFlow

    rows = []
    for name in chosen(wanted, table.LAWS):
        found = list(table.LAWS[name]())
        if values.format == TEXT:
            print(*(_text(name, law) for law in found), sep="\n", flush=True)
        rows += [(name, law) for law in found]
    wrong = sum(not law.holds for _, law in rows)
    if values.format == MARKDOWN:
        print(_page(rows))
    else:
        print(f"{len(rows) - wrong} of {len(rows)} laws hold")
    return 1 if wrong else 0


def chosen(wanted: list[str], every: Iterable[str]) -> list[str]:
    """Returns the objectives to check, in the table's order: those named, or whose part before the dot or bracket is named; all for none.

    Raises:
        ValueError: If a name stands for none; names the nearest.
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
    expected, found, error, word = _values(law)
    return f"{name:34} {law.what:82} {expected:>14} {found:>14} {error:>8}  {word}"


def _page(rows) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---|---|---|---|---|---|"]
    lines += [
        "| " + " | ".join([name, law.what.replace("|", "\\|"), *_values(law)]) + " |"
        for name, law in rows
    ]
    return "\n".join(lines)
