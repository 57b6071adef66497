"""Errors that name the nearest right name."""

import difflib
from collections.abc import Iterable


def unknown(kind: str, name: str, available: Iterable[str]) -> str:
    """Returns the sentence for a name that does not exist, with those that do and the nearest.

    Example:
        >>> unknown("loss", "hing", ["hinge", "minimax"])
        "Unknown loss 'hing'. Available: hinge, minimax. Did you mean 'hinge'?"
        >>> unknown("field", "steps", ["epochs", "steps_per_epoch"]).partition(". ")[2]
        "Available: epochs, steps_per_epoch. Did you mean 'steps_per_epoch'?"
    """
    names = sorted(available)
    begun = [each for each in names if name and each.startswith(name)]
    near = begun[:1] or difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    return f"Unknown {kind} {name!r}. Available: {', '.join(names) or 'none'}." + (
        f" Did you mean {near[0]!r}?" if near else ""
    )
