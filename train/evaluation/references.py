"""The examples that a candidate is compared with, and their labels.

They are those of the split `test`. Data without that split have examples that were held out of
training (`data.held_out`).
"""

import functools

import numpy as np

from configs import schema
from train import experiments
from train.data import sources, splits, table, toys
from train.evaluation import candidates

# Before the name of a split of data without a test split: which of its examples. Those of the last
# two were all trained on, by a run that holds nothing out; they are divided as the default does.
HELD_OUT, DRAWN, REST = "held out of ", "drawn from ", "rest of "


def examples(candidate: candidates.Candidate, split: str, count: int | None = None) -> np.ndarray:
    """Returns the first examples of a split of the candidate's data.

    Args:
        candidate: What is measured.
        split: Name of a split or of a slice, as in `sources.load`; the split that was trained on
            is without the examples that were held out. Or a name that `held_out` or `learned_on`
            returned.
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
    return _read(data.name, count, **_options(data, split))


def labels(candidate: candidates.Candidate, split: str, count: int | None = None) -> np.ndarray:
    """Returns the labels [N] int64 of the examples that `examples` gives.

    Raises:
        ValueError: If the data have no labels.
    """
    data = candidate.data
    source = sources.load(data.name, memory_limit=0, **_options(data, split))
    if source.labels is None:
        raise ValueError(
            "This metric needs data with labels: digits, TFDS with one feature of class labels, "
            "class folders, npz files with `labels` or idx files with label files. "
            f"Received: {data.name!r}"
        )
    return source.labels[:count]


def held_out(candidate: candidates.Candidate, count: int | None = None) -> tuple[np.ndarray, str]:
    """Returns the first examples that samples are compared with, and the name of their split.

    The split is the candidate's own, or else `test`. Of data without a test split it is what was
    held out of training, or, where nothing was, a part of what was trained on (see `warnings`); of
    points it is what was trained on.

    Args:
        candidate: What is measured.
        count: Number of examples; all of the split if None.
    """
    split = _split(candidate)
    return examples(candidate, split, count), split


def learned_on(candidate: candidates.Candidate, split: str) -> str:
    """Returns the name of the split that a probe may learn from, if it is tested on `split`."""
    own = candidate.data.split
    return f"{REST}{own}" if split.startswith(DRAWN) else own


def were_trained_on(candidate: candidates.Candidate, split: str) -> bool:
    """Returns whether all examples of a split are among those that were trained on."""
    return split == candidate.data.split or split.startswith((DRAWN, REST))


def protocol(candidate: candidates.Candidate, split: str) -> dict:
    """Returns what a protocol says of the examples of a split besides its name.

    Returns:
        `held_out`, the fraction, of data without a test split; `warnings`, if there are any.
    """
    data = candidate.data
    if split.startswith((HELD_OUT, DRAWN)):
        said = {"held_out": data.held_out}
        if split.startswith(HELD_OUT):
            return said
        sentence = (
            "the references were trained on, since nothing was held out (data.held_out=0): "
            "the value may flatter what was measured"
        )
        return said | {"warnings": [sentence]}
    chosen = candidate.split is not None or data.name in toys.TOYS  # what was trained on, knowingly
    if chosen or not splits.parts(split) & splits.parts(data.split):
        return {}
    sentence = f"the references may have been trained on: training took {data.split!r}"
    return {"warnings": [sentence]}


def _split(candidate: candidates.Candidate) -> str:
    data = candidate.data
    if candidate.split is not None or data is None:
        return candidate.split or "test"
    if data.name in toys.TOYS:
        return data.split
    if not table.holds_out(data.name):
        return "test"
    return f"{HELD_OUT if data.held_out else DRAWN}{data.split}"


def _options(data: schema.Data, split: str) -> dict:
    """Returns the arguments of `sources.load` for a split or a part of it."""
    options = experiments.options(data)
    for word in (HELD_OUT, DRAWN, REST):
        if split.startswith(word):
            held_out = data.held_out or schema.HELD_OUT
            part = {"split": split.removeprefix(word), "held_out": held_out}
            return options | part | {"unseen": word != REST}
    return options | {"split": split, "held_out": data.held_out if split == data.split else 0.0}


# several metrics in a row, and those during training, look at the same examples
@functools.lru_cache(maxsize=2)
def _read(name: str, count: int | None, **options) -> np.ndarray:
    x = sources.examples(sources.load(name, **options), count)["x"]
    x.flags.writeable = False
    return x
