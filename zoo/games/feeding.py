"""What a game is trained on: batches by name, and arrays as batches in an order that continues."""

from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf


def named(data, inputs: tuple[str, ...]) -> dict:
    """Returns a batch, or whole arrays, as a dict in the order of `inputs`.

    Args:
        data: A dict with these names; a tuple in this order; or, for a game with one input, the
            tensor alone or a tuple that begins with it, such as (x, y).
        inputs: `Game.inputs`.

    Raises:
        ValueError: If it is none of these.

    Example:
        >>> named(("images", "labels"), ("x", "label"))
        {'x': 'images', 'label': 'labels'}
    """
    if isinstance(data, Mapping):
        if set(inputs) <= set(data):
            return {name: data[name] for name in inputs}
        received = f"a dict with {sorted(map(str, data))}"
    elif isinstance(data, tuple):
        if len(data) == len(inputs) or len(inputs) == 1 and data:
            return dict(zip(inputs, data))
        received = f"a tuple of {len(data)}"
    elif len(inputs) == 1:
        return {inputs[0]: data}
    else:
        received = f"one {type(data).__name__}"
    alone = ", or one tensor" if len(inputs) == 1 else ""
    raise ValueError(
        f"This game needs {' and '.join(inputs)}: a dict with these names, or a tuple in this "
        f"order{alone}. Received: {received}"
    )


def batch(data, inputs: tuple[str, ...], turns: int, *, fixed: bool) -> dict[str, tf.Tensor]:
    """Returns a checked batch of one step by name; labels are int64 [B].

    Args:
        data: What a data set yields; see `named`.
        inputs: `Game.inputs`.
        turns: Number of parts into which the step splits the batch.
        fixed: Whether the size must be known before the step runs.

    Raises:
        ValueError: If it is no batch of the game, or does not split into `turns` equal parts.
    """
    data = {name: tf.convert_to_tensor(value) for name, value in named(data, inputs).items()}
    if "label" in data:
        if data["label"].shape.rank != 1 or not data["label"].dtype.is_integer:
            raise ValueError(f"Labels must be integers [B]. Received: {data['label']}")
        data["label"] = tf.cast(data["label"], tf.int64)
    shapes = {name: tuple(value.shape) for name, value in data.items()}
    sizes = {shape[0] for shape in shapes.values()}
    size = sizes.pop()
    if sizes:
        raise ValueError(f"A batch needs the same number of rows throughout. Received: {shapes}")
    if size is None and (turns > 1 or fixed) or (size or turns) % turns:
        raise ValueError(
            f"Batches need a fixed size, a multiple of {turns} (use drop_remainder=True). "
            f"Received: {shapes}"
        )
    return data


def part(batch: dict[str, tf.Tensor], move: int, turns: int) -> dict[str, tf.Tensor]:
    """Returns what the move `move` of `turns` in a step sees: every `turns`-th row."""
    return tf.nest.map_structure(lambda value: value[move::turns], batch)


def of_arrays(
    data, inputs: tuple[str, ...], *, size: int, seed: int, start: Callable[[], int]
) -> tuple[tf.data.Dataset, int]:
    """Returns an endless data set of shuffled batches, and how many of them an epoch has.

    The order of epoch e is a function of (seed, e), and the first batch is that of step `start`:
    training that is continued sees the batches that uninterrupted training sees.

    Args:
        data: Arrays [N, ...]; see `named`.
        inputs: `Game.inputs`.
        size: Number of rows in a batch; the rest of an epoch is left out.
        seed: Seed of the order.
        start: Returns the number of steps made before; asked when the training begins.

    Raises:
        ValueError: If the arrays differ in length, or have fewer rows than a batch.
    """
    arrays = {name: tf.convert_to_tensor(value) for name, value in named(data, inputs).items()}
    counts = {name: len(value) for name, value in arrays.items()}
    count = min(counts.values())
    if len(set(counts.values())) > 1 or count < size:
        raise ValueError(
            f"Arrays need the same number of rows, at least {size} (the batch size times the "
            f"moves in a step). Received: {counts}"
        )
    per_epoch = count // size

    def begin(_):
        step = tf.numpy_function(lambda: np.int64(start()), [], tf.int64, stateful=True)
        return tf.ensure_shape(step, [])

    def epoch(number):
        order = tf.random.experimental.stateless_shuffle(
            tf.range(count, dtype=tf.int64), seed=[tf.constant(seed, tf.int64), number]
        )
        rows = tf.reshape(order[: per_epoch * size], [per_epoch, size])
        return tf.data.Dataset.from_tensor_slices(rows)

    def stream(step):
        epochs = tf.data.Dataset.range(step // per_epoch, np.iinfo(np.int64).max)
        return epochs.flat_map(epoch).skip(step % per_epoch)

    rows = tf.data.Dataset.from_tensors(0).map(begin).flat_map(stream)
    options = tf.data.Options()
    options.autotune.enabled = False  # with it, deleting an iterator can block for seconds
    batches = rows.map(lambda row: {name: tf.gather(x, row) for name, x in arrays.items()})
    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    return batches.apply(endless).prefetch(2).with_options(options), per_epoch
