"""The batch of a move in parts, for one that does not fit into memory as a whole."""

from collections.abc import Callable

import tensorflow as tf


def parts(batch: dict[str, tf.Tensor], count: int) -> list[dict[str, tf.Tensor]]:
    """Returns the rows of a move in `count` equal parts, in their order.

    Raises:
        ValueError: If the number of rows is not known, or not a multiple of `count`.
    """
    if count == 1:
        return [batch]
    sizes = {name: value.shape[0] for name, value in batch.items()}
    size = next(iter(sizes.values()))
    if size is None or size % count:
        raise ValueError(
            "The examples of a move on one device must be a multiple of `accumulate`, the number "
            f"of micro-batches. Received: accumulate={count}, {sizes}"
        )
    rows = size // count
    return [
        {name: value[first : first + rows] for name, value in batch.items()}
        for first in range(0, size, rows)
    ]


def mean(batch: dict[str, tf.Tensor], count: int, compute: Callable) -> tuple[list, list, dict]:
    """Returns the means of the gradients and of the logs over the parts of a batch.

    Args:
        batch: The examples of a move.
        count: Number of parts.
        compute: (number of the part, its rows, state) -> (gradients, state, logs by name). The
            state is what the part before returned, and empty for the first.

    Returns:
        The gradients, the state after the last part, and the logs.
    """
    total, state = None, []
    for part, rows in enumerate(parts(batch, count)):
        # one after the other, so that the memory is that of one
        with tf.control_dependencies([] if total is None else tf.nest.flatten(total)):
            gradients, state, logs = compute(part, rows, state)
            values = (gradients, logs)
            total = values if total is None else tf.nest.map_structure(tf.add, total, values)
    if count > 1:
        total = tf.nest.map_structure(lambda value: value / count, total)
    gradients, logs = total
    return gradients, state, logs
