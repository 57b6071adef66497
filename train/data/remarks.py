"""Sentences about what becomes of the pictures of a data set, for training and `zoo doctor`."""

import collections
import functools
from collections.abc import Iterable


def left_out(counts: Iterable[tuple[str, int]]) -> list[str]:
    """Returns a sentence on the files of a folder that are not read.

    Args:
        counts: Kinds of files, in the plural, with the number of each.

    Example:
        >>> left_out([("files that end in .txt", 2), ("hidden files and folders", 1)])
        ['left out: files that end in .txt (2), hidden files and folders (1)']
    """
    text = ", ".join(f"{kind} ({count})" for kind, count in counts)
    return [f"left out: {text}"] if text else []


def alpha(count: int, total: int, background: str) -> list[str]:
    """Returns a sentence on files that may be transparent in part, which nobody has decoded yet."""
    text = f"{count} of {total} pictures have an alpha channel or a transparent colour"
    return _behind(text, count, background)


def transparency(count: int, total: int, background: str) -> list[str]:
    """Returns a sentence on pictures that are transparent in part."""
    return _behind(f"{count} of {total} pictures have transparent pixels", count, background)


def depth(count: int, total: int, bits: int | None, largest: int | None) -> list[str]:
    """Returns a sentence on pictures whose values have 16 bits.

    Args:
        count: Number of these pictures.
        total: Number of all pictures.
        bits: Number of bits that are used.
        largest: Largest value of the whole folder; None if nobody has looked.
    """
    if not count:
        return []
    seen = "" if largest is None else f", of which the largest in the folder is {largest}"
    more = " and all above it" if largest is not None and largest >= 2**bits else ""
    return [
        f"{count} of {total} pictures have values of 16 bits{seen}: the lower {bits} bits are "
        f"used, so that {2**bits - 1}{more} becomes 255; data.bits sets another number"
    ]


def squeezed(
    sizes: collections.Counter, size: tuple[int, int] | None, crop: int | None
) -> list[str]:
    """Returns a sentence on images whose proportions change when they are resized.

    Args:
        sizes: Counts of (height, width).
        size: Height and width that all are resized to; None keeps the size.
        crop: Side of the square that is cut out first; None keeps everything.

    Example:
        >>> squeezed(collections.Counter({(33, 47): 2, (64, 64): 1}), (32, 32), None)[0][:62]
        '2 of 3 images change their proportions, such as 33x47 to 32x32'
        >>> squeezed(collections.Counter({(600, 800): 2}), (64, 85), None)
        []
    """
    if size is None:
        return []
    height, width = size
    changed = collections.Counter()
    for own, count in sizes.items():
        rows, columns = (crop, crop) if crop else own
        # off by a whole pixel of the result: rounding a side is no change of the proportions
        if abs(rows * width - columns * height) >= max(rows, columns):
            changed[own] = count
    if not changed:
        return []
    (rows, columns), _ = changed.most_common(1)[0]
    side = min(min(own) for own in sizes)
    offer = (
        f"; crop={side} cuts the middle square of {side}x{side} out of each first"
        if height == width and crop is None
        else ""
    )
    return [
        f"{changed.total()} of {sizes.total()} images change their proportions, such as "
        f"{rows}x{columns} to {height}x{width}{offer}"
    ]


def say(name: str, sentences: Iterable[str]) -> None:
    """Prints sentences on a data set, each once in a process, which may open it several times."""
    for sentence in sentences:
        _say(f"{name}: {sentence}")


@functools.cache
def _say(line: str) -> None:
    print(line, flush=True)


def _behind(text: str, count: int, background: str) -> list[str]:
    if not count:
        return []
    return [
        f"{text}: they are put on a {background} background; data.background sets another colour"
    ]
