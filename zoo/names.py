"""Errors that name the nearest right name."""

import difflib
from collections.abc import Iterable


def unknown(kind: str, name: str, available: Iterable[str]) -> str:
    """Returns the sentence for a name that does not exist, with those that do and the nearest.

    Example:
        >>> unknown("loss", "hing", ["hinge", "minimax"])
        "Unknown loss 'hing'. Available: hinge, minimax. Did you mean 'hinge'?"
    """
    names = sorted(available)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    return f"Unknown {kind} {name!r}. Available: {', '.join(names) or 'none'}." + (
        f" Did you mean {near[0]!r}?" if near else ""
    )
