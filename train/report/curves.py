"""Charts of a run's history: which columns of history.csv share a panel."""

import math
import re
from collections.abc import Collection, Mapping, Sequence

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
SPEED = ("images_per_second", "seconds")
_NOT_DRAWN = ("epoch", "step", "verdict")


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
    order = [*_FIRST, *(title for title in titles if title not in _FIRST)]
    return {title: titles[title] for title in order if title in titles}


def columns(rows: Sequence[Mapping[str, float]]) -> list[str]:
    """Returns the columns of history.csv that say how the training goes, but not how fast."""
    every = dict.fromkeys(key for row in rows for key in row)
    return [name for name in every if name not in (*_NOT_DRAWN, *SPEED)]


def charts(
    rows: Sequence[Mapping[str, float]],
    names: Collection[str],
    references: Mapping[str, float] | None = None,
) -> list[plots.Chart]:
    """Returns a chart of each panel, or of each column where lines cannot share an axis.

    Args:
        rows: Rows of history.csv, one for each epoch.
        names: The columns to draw.
        references: Values at which something is known, by column: see `Game.references`.
    """
    references = references or {}
    epochs, drawn = [row["epoch"] for row in rows], []
    for title, columns in panels(names).items():
        lines = [
            plots.Series(
                column.replace("_", " "),
                epochs,
                [row.get(column, math.nan) for row in rows],
                reference=references.get(column),
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
