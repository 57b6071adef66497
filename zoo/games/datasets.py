"""What Keras's `fit` and `evaluate` take besides data sets, as data sets of batches by name."""

import itertools
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from zoo.games import feeding


def is_batches(data) -> bool:
    """Returns whether data are batches already: a PyDataset or a Python generator."""
    return isinstance(data, (keras.utils.PyDataset, Iterator))


def in_order(data, inputs: tuple[str, ...], *, size: int, fixed: bool) -> tf.data.Dataset:
    """Returns arrays as batches in their own order, for `evaluate`.

    Args:
        data: Arrays [N, ...]; see `feeding.named`.
        inputs: `Game.inputs`.
        size: Number of rows in a batch.
        fixed: Whether a last batch with fewer rows is left out.

    Raises:
        ValueError: If the arrays differ in length, or have no rows.
    """
    rows, _ = feeding.arrays(data, inputs, least=1)
    return tf.data.Dataset.from_tensor_slices(rows).batch(size, drop_remainder=fixed)


def split(data, inputs: tuple[str, ...], fraction: float) -> tuple[dict, dict]:
    """Divides arrays as Keras's `validation_split` does: the last rows are those of validation.

    Args:
        data: Arrays [N, ...]; see `feeding.named`.
        inputs: `Game.inputs`.
        fraction: Fraction of the rows that is for validation, in (0, 1).

    Raises:
        ValueError: If the fraction is not in (0, 1), or a part would have no row.

    Example:
        >>> train, validation = split(np.arange(4), ("x",), 0.25)
        >>> train["x"].numpy().tolist(), validation["x"].numpy().tolist()
        ([0, 1, 2], [3])
    """
    rows, count = feeding.arrays(data, inputs, least=2)
    at = int(count * (1.0 - fraction))
    if not 0.0 < fraction < 1.0 or not 0 < at < count:
        raise ValueError(
            "`validation_split` must be in (0, 1) and leave rows for both parts. "
            f"Received: validation_split={fraction}, with {count} rows"
        )
    return {name: x[:at] for name, x in rows.items()}, {name: x[at:] for name, x in rows.items()}


def of_batches(
    source: keras.utils.PyDataset | Iterator,
    inputs: tuple[str, ...],
    *,
    fixed: bool,
    begun: Callable[[], bool] = lambda: False,
) -> tf.data.Dataset:
    """Returns the batches of a PyDataset or of a Python generator.

    Args:
        source: What yields batches; see `feeding.named`. A generator can be gone through once.
        inputs: `Game.inputs`.
        fixed: Whether all batches must have the size of the first one; those that have not, as the
            last one of a PyDataset, are left out.
        begun: Returns whether a batch has been used. Until then an iterator that is given up gives
            back what it has taken of a generator; Keras makes two with replicas.

    Raises:
        ValueError: If there is no batch.
    """
    sized = isinstance(source, keras.utils.PyDataset)
    first, again = _of_dataset(source) if sized else _of_generator(source, begun)
    if first is None:
        raise ValueError("Training needs at least one batch. Received: none")
    first = _arrays(first, inputs)
    size = _rows(first)

    def generated():
        for data in again():
            values = _arrays(data, inputs)
            if not fixed or _rows(values) == size:
                yield values

    signature = {
        name: tf.TensorSpec([size if fixed else None, *value.shape[1:]], value.dtype)
        for name, value in first.items()
    }
    data = tf.data.Dataset.from_generator(generated, output_signature=signature)
    count = source.num_batches if sized else None
    if count is None:
        return data
    left_out = fixed and _rows(_arrays(source[count - 1], inputs)) != size
    return data.apply(tf.data.experimental.assert_cardinality(count - left_out))


def _of_dataset(source: keras.utils.PyDataset) -> tuple:
    """Returns the first batch, and the function that goes through all of them, each time anew."""

    def batches():
        endless = source.num_batches is None
        for index in itertools.count() if endless else range(source.num_batches):
            yield source[index]
        source.on_epoch_end()

    return None if source.num_batches == 0 else source[0], batches


def _of_generator(source: Iterator, begun: Callable[[], bool]) -> tuple:
    """Returns the first batch, and the function that goes on where it stopped the last time."""
    taken = list(itertools.islice(source, 1))
    first = taken[0] if taken else None

    def batches():
        if begun():
            taken.clear()
        yield from list(taken)
        for batch in source:
            if not begun():
                taken.append(batch)
            yield batch

    return first, batches


def _arrays(data, inputs: tuple[str, ...]) -> dict[str, np.ndarray]:
    named = feeding.named(data, inputs)
    return {name: feeding.tensor(value).numpy() for name, value in named.items()}


def _rows(values: dict[str, np.ndarray]) -> int:
    return len(next(iter(values.values())))
