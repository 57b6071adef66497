"""The classes of a data set's examples, in the order of `data.load`: for probes of what a model has learned, never for training."""

import numpy as np

from train.data import prepared, splits


def load(name: str, *, split: str = "train") -> np.ndarray:
    """Returns the class of each example [N], an integer.

    Args:
        name: `digits`, or a TFDS name with a feature of class labels.
        split: As in `data.load`.

    Raises:
        ValueError: If the data set is another, has no such split or no classes.
    """
    if name == "digits":
        from sklearn import datasets  # slow to import, and needed for this data set only

        found = datasets.load_digits().target
        return found[splits.rows(*splits.parse(split, ["train"])[1:], len(found))]
    try:
        return prepared.labels(name, split)
    except LookupError as error:
        raise ValueError(
            f"Classes are known of 'digits' and of prepared TFDS data sets. Received: {name!r}"
        ) from error
