"""The examples that a candidate is compared with, and their labels."""

import functools

import numpy as np

from train.data import sources, toys
from train.evaluation import candidates

# In the place of train and test, of data that has no test split.
FIRST, LAST = "train[:84%]", "train[84%:]"


def examples(candidate: candidates.Candidate, split: str, count: int | None = None) -> np.ndarray:
    """Returns the first examples of a split of the candidate's data.

    Args:
        candidate: What is measured.
        split: Name of a split or of a slice, as in `sources.load`.
        count: Number of examples; all of the split if None.

    Returns:
        Read-only float32 [N, ...] in the value range of the data.

    Raises:
        ValueError: If there is no such split, or nobody said which data.
    """
    data = candidate.data
    if data is None:
        raise ValueError(
            "Images are compared with a data set; name it by --data=NAME. "
            f"Received: {candidate.name!r} and no data set"
        )
    options = {
        "size": data.size and tuple(data.size),
        "value_range": data.value_range and tuple(data.value_range),
        "background": data.background,
        "bits": data.bits,
    }
    return _read(data.name, split, count, crop=data.crop, **options)


def labels(candidate: candidates.Candidate, split: str, count: int | None = None) -> np.ndarray:
    """Returns the labels [N] int64 of the examples that `examples` gives.

    Raises:
        ValueError: If the data have no labels.
    """
    data = candidate.data
    size = data.size and tuple(data.size)
    source = sources.load(
        data.name,
        split=split,
        size=size,
        crop=data.crop,
        memory_limit=0,
        background=data.background,
        bits=data.bits,
    )
    if source.labels is None:
        raise ValueError(
            "This metric needs data with labels: digits, TFDS with one feature of class labels, "
            "class folders, npz files with `labels` or idx files with label files. "
            f"Received: {data.name!r}"
        )
    return source.labels[:count]


def held_out(candidate: candidates.Candidate, count: int | None = None) -> tuple[np.ndarray, str]:
    """Returns the first examples that samples are compared with, and the name of their split.

    The split is the candidate's own, or else `test`. Of data without a test split it is the last
    sixth of `train`, which may have been trained on; of points it is what was trained on.

    Args:
        candidate: What is measured.
        count: Number of examples; all of the split if None.
    """
    if candidate.split is not None:
        return examples(candidate, candidate.split, count), candidate.split
    split = candidate.data.split if candidate.data and candidate.data.name in toys.TOYS else "test"
    try:
        return examples(candidate, split, count), split
    except ValueError:
        return examples(candidate, LAST, count), LAST


# several metrics in a row, and those during training, look at the same examples
@functools.lru_cache(maxsize=2)
def _read(name: str, split: str, count: int | None, **options) -> np.ndarray:
    x = sources.examples(sources.load(name, split=split, **options), count)["x"]
    x.flags.writeable = False
    return x
