"""history.csv of a run: a row for each epoch, with its logs by name and the verdict on it."""

import csv
import io
import pathlib

from export.runtime import files

VERDICT = "verdict"  # the one column of text


def read(path: pathlib.Path, *, before: int | None = None) -> list[dict[str, float | str]]:
    """Returns the rows of history.csv, the first epoch's first; none where there is no file yet.

    Args:
        path: history.csv.
        before: Only epochs below this one; the first epoch is 1. All of them if None.

    Returns:
        Rows as they were written: numbers by name, and the text `verdict`. A row does not have
        the names that its cells leave empty, such as the loss of a player who had stopped.
    """
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [
            {
                name: cell if name == VERDICT else float(cell)
                for name, cell in row.items()
                if cell != ""
            }
            for row in csv.DictReader(file)
        ]
    return [row for row in rows if before is None or row["epoch"] < before]


def write(path: pathlib.Path, row: dict[str, float | str]) -> None:
    """Adds an epoch's row to history.csv.

    Rows of the same epoch and of later ones, which a run wrote that was killed and then continued
    from an older checkpoint, are replaced.

    Args:
        path: history.csv.
        row: `epoch`, numbers by name, and the text `verdict`.
    """
    old = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            # the cells as they stand: an epoch's numbers are written once and never rounded again
            old = [r for r in csv.DictReader(file) if int(r["epoch"]) < row["epoch"]]
    rows = [*old, row]
    text = io.StringIO(newline="")
    names = dict.fromkeys(name for each in rows for name in each)
    writer = csv.DictWriter(text, fieldnames=list(names))
    writer.writeheader()
    writer.writerows(rows)
    files.write_text(path, text.getvalue())
