"""All examples of a source in order, some at a time."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from train.data import folders

if TYPE_CHECKING:
    import tensorflow as tf

SIZE = 100  # examples read at once


def in_order(keys: "tf.data.Dataset", read: Callable) -> Iterator:
    """Yields what `read` makes of each key, in order, `SIZE` at a time."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    examples = keys.map(read, num_parallel_calls=folders.THREADS, deterministic=True)
    return examples.batch(SIZE).with_options(options).as_numpy_iterator()
