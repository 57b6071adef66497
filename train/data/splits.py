"""Parts of a data set by name, spelled as TFDS spells them.

Such as `train`, `test[:100]`, `train[10%:50%]`, `train[-500:]`.
"""

import re
from collections.abc import Iterable

SPELLING = re.compile(r"(?P<part>\w+)(?:\[(?P<start>-?\d+%?)?:(?P<stop>-?\d+%?)?\])?")


def parse(split: str, parts: Iterable[str]) -> tuple[str, str, str]:
    """Splits `part[start:stop]` into its three words; the bounds may be empty.

    Args:
        split: What the user wrote.
        parts: The names of the parts that the source has.

    Raises:
        ValueError: If it is spelled otherwise or the source has no such part.

    Example:
        >>> parse("train[:50%]", ["train"])
        ('train', '', '50%')
    """
    match = SPELLING.fullmatch(split.replace(" ", ""))
    parts = sorted(parts, reverse=True)
    if match is None or match["part"] not in parts:
        spelled = ", ".join(f"{part!r}" for part in parts)
        raise ValueError(
            f"`split` must be one of {spelled}, or a slice of one such as '{parts[0]}[:500]' or "
            f"'{parts[0]}[80%:]'. Received: split={split!r}"
        )
    return match["part"], match["start"] or "", match["stop"] or ""


def rows(start: str, stop: str, count: int) -> slice:
    """Turns the bounds of a split into a slice of `count` rows, as Python and TFDS read them.

    Percentages are rounded to whole rows.

    Raises:
        ValueError: If no row is left.
    """

    def bound(word: str, default: int) -> int:
        if not word:
            return default
        value = round(count * int(word[:-1]) / 100) if word.endswith("%") else int(word)
        return min(max(value + count if value < 0 else value, 0), count)

    chosen = slice(bound(start, 0), bound(stop, count))
    if chosen.stop <= chosen.start:
        raise ValueError(
            f"`split` must leave at least one example. Received: [{start}:{stop}] of {count}"
        )
    return chosen
