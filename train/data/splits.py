"""Parts of a data set: by name, spelled as TFDS spells them, and what is held out of training.

Names are such as `train`, `test[:100]`, `train[10%:50%]`, `train[-500:]`.
"""

import math
import re
from collections.abc import Iterable

import numpy as np

HELD_OUT_KEY = 2016  # of the permutation below; another key would hold other examples out

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


def parts(split: str) -> set[str]:
    """Returns the names of the parts that a split takes examples of.

    Example:
        >>> sorted(parts("train[:10%] + test")), sorted(parts("all"))  # TFDS's word for every part
        (['test', 'train'], ['all', 'test', 'train'])
    """
    words = {word.partition("[")[0] for word in split.replace(" ", "").split("+")}
    return words | {"train", "test"} if "all" in words else words


def permutation(count: int) -> np.ndarray:
    """Returns the one permutation of `count` positions that decides what is held out.

    It sorts the positions by the first `count` words of the generator Philox4x64-10 under
    `HELD_OUT_KEY`. So it depends on the count alone, not on the seed of a run: runs that differ in
    their seed hold out the same examples. It does not depend on the version of numpy either, which
    keeps the words of its bit generators, but not its own permutations.

    Returns:
        int64 [count].

    Reference: Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3.
    """
    words = np.random.Philox(key=HELD_OUT_KEY).random_raw(count)
    return np.argsort(words, kind="stable")


def check_held_out(fraction: float) -> None:
    """Raises ValueError for a fraction that cannot be held out."""
    if not 0.0 <= fraction < 1.0:
        raise ValueError(
            "`held_out` must be at least 0 and below 1, a fraction of the examples. "
            f"Received: held_out={fraction}"
        )


def held_out_count(count: int, fraction: float) -> int:
    """Returns how many of `count` examples a fraction holds out, rounded up.

    At least one example stays for training.

    Example:
        >>> held_out_count(1797, 0.1), held_out_count(1, 0.1), held_out_count(1797, 0.0)
        (180, 0, 0)
    """
    # 0.07 * 100 is a little above 7 in binary
    return min(math.ceil(round(fraction * count, 6)), count - 1)


def held_out(
    count: int, fraction: float, labels: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Divides examples into those that training sees and those that it never sees.

    The second part is drawn by `permutation`. Where there are labels it has each class in its
    proportion, up to one example, so a class with at least 1 / `fraction` examples is in it.

    Args:
        count: Number of examples.
        fraction: The fraction that is held out, in [0, 1).
        labels: Label of each example, [count]; None if there are none.

    Returns:
        The positions of the first part in their order, and those of the second part in the order
        of the permutation, so that its head has all classes too.
    """
    check_held_out(fraction)
    order = permutation(count)
    by_class = order if labels is None else order[np.argsort(labels[order], kind="stable")]
    kept = np.ones(count, bool)
    number = held_out_count(count, fraction)
    # at equal distances along the classes, in the middle of each distance
    kept[by_class[(2 * np.arange(number) + 1) * count // (2 * max(number, 1))]] = False
    return np.flatnonzero(kept), order[~kept[order]]
