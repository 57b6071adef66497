"""Charts of a run's history: which columns of history.csv share a panel."""

import math
import re
from collections.abc import Mapping, Sequence

from train.report import plots

_FRACTIONS = "accuracies and fractions"
_PANELS = {  # title of a panel by the end of its columns' names
    "_loss": "losses",
    "_gradient_norm": "gradient norms",
    "_accuracy": _FRACTIONS,
    "_fraction": _FRACTIONS,
    "_share": _FRACTIONS,
}
_FIRST = ("losses", "gradient norms", "diversity", _FRACTIONS)
_LAST = ("images per second", "seconds")


def panels(columns: Sequence[str]) -> dict[str, list[str]]:
    """Returns the columns of history.csv that are compared with one another, by panel title.

    Losses share a panel, and so do gradient norms, accuracies with fractions, and columns that
    differ in `real` or `fake` only. Each other column has a panel of its own.

    Example:
        >>> panels(["kl_real", "critic_loss", "kl_fake", "generator_loss"])
        {'losses': ['critic_loss', 'generator_loss'], 'kl': ['kl_real', 'kl_fake']}
    """
    titles: dict[str, list[str]] = {}
    for column in columns:
        title = next((title for ending, title in _PANELS.items() if column.endswith(ending)), None)
        alone = " ".join(word for word in column.split("_") if word not in ("real", "fake"))
        titles.setdefault(title or alone or column, []).append(column)
    order = [*_FIRST, *(title for title in titles if title not in (*_FIRST, *_LAST)), *_LAST]
    return {title: titles[title] for title in order if title in titles}


def charts(rows: Sequence[Mapping[str, float]]) -> list[plots.Chart]:
    """Returns a chart of each panel, or of each column where lines cannot share an axis.

    Args:
        rows: Rows of history.csv, one for each epoch.
    """
    every = dict.fromkeys(key for row in rows for key in row)
    epochs, drawn = [row["epoch"] for row in rows], []
    for title, columns in panels(
        [c for c in every if c not in ("epoch", "step", "verdict")]
    ).items():
        lines = [
            plots.Series(
                column.replace("_", " "), epochs, [row.get(column, math.nan) for row in rows]
            )
            for column in columns
        ]
        if plots.together(lines):
            # the title says the rest
            short = (re.sub(" (loss|gradient norm)$", "", line.name) for line in lines)
            lines = [line._replace(name=name) for line, name in zip(lines, short)]
            drawn.append(plots.chart(title, "epoch", lines))
        else:
            drawn += [plots.chart(line.name, "epoch", [line]) for line in lines]
    return drawn
