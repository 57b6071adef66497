"""What a run must know of its data to work without it."""

from collections.abc import Sequence

from train.data import loading, opened, table


def describe(source: opened.Source) -> dict:
    """Returns what a run must know of its data to work without it, as values of JSON.

    Returns:
        `shape`, `count`, `value_range` (None for points) and, where there are labels, `classes`.
    """
    described = {
        "shape": list(source.shape),
        "count": source.count,
        "value_range": source.value_range and list(source.value_range),
    }
    return described if source.classes is None else described | {"classes": source.classes}


def expect(
    name: str,
    *,
    size: Sequence[int] | None = None,
    crop: int | None = None,
    value_range: Sequence[float] = (-1.0, 1.0),
) -> dict:
    """Returns what `describe` would say of a data set of TFDS, with None for the count.

    TFDS needs a program for it, and it need not be prepared on this machine. Of two domains, the
    first that TFDS has is described.
    """
    shape, classes = loading.expected(table.domains(name), size=size, crop=crop)
    described = {"shape": list(shape), "count": None, "value_range": list(value_range)}
    return described if classes is None else described | {"classes": classes}
