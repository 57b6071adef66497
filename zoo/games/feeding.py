"""What a game is trained on: batches by name, and arrays as batches in an order that continues."""

from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from zoo import noise


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


def joined(x, y):
    """Returns the data of `fit(x, y)`: x alone, or the tuple (x, y) of which `named` takes names.

    Raises:
        ValueError: If x holds names, or batches, and y is given nevertheless.
    """
    if y is None:
        return x
    if isinstance(x, (Mapping, tf.data.Dataset)) or hasattr(x, "__next__"):
        raise ValueError(
            "`y` is given with arrays only; a dict, a data set or a generator holds everything. "
            f"Received: x of {type(x).__name__}, y of {type(y).__name__}"
        )
    return (x, y)


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
    data = {name: tensor(value) for name, value in named(data, inputs).items()}
    if "label" in data:
        if data["label"].shape.rank != 1 or not data["label"].dtype.is_integer:
            raise ValueError(f"Labels must be integers [B]. Received: {data['label']}")
        data["label"] = tf.cast(data["label"], tf.int64)
    check_size({name: tuple(value.shape) for name, value in data.items()}, turns, fixed=fixed)
    return data


def check_size(shapes: dict[str, tuple[int | None, ...]], turns: int, *, fixed: bool) -> None:
    """Checks the size of a batch.

    Args:
        shapes: Shape of each tensor of a batch, by name.
        turns: Number of parts into which the step splits the batch.
        fixed: Whether the size must be known before the step runs.

    Raises:
        ValueError: If it does not split into `turns` equal parts, or is not known.
    """
    sizes = {shape[0] for shape in shapes.values()}
    size = sizes.pop()
    if sizes:
        raise ValueError(f"A batch needs the same number of rows throughout. Received: {shapes}")
    moves = f"{turns} moves of a player in a step, each on examples of its own"
    if size is None and (turns > 1 or fixed):
        raise ValueError(
            f"Batches need a fixed size, a multiple of {turns}"
            + (f", for {moves}: for B examples in a move," if turns > 1 else ":")
            + f" use batch({turns} * B, drop_remainder=True). Received: {shapes}"
        )
    if size is not None and size % turns:
        raise ValueError(
            f"The size of a batch must be a multiple of {turns}, for {moves}: for {size} examples "
            f"in a move, use batches of {turns * size}. Received: {shapes}"
        )


def tensor(value) -> tf.Tensor:
    """Returns a tensor, of float32 where numpy's numbers are of float64, as Keras makes it."""
    value = tf.convert_to_tensor(value)
    return tf.cast(value, tf.float32) if value.dtype == tf.float64 else value


def part(batch: dict[str, tf.Tensor], move: int, turns: int) -> dict[str, tf.Tensor]:
    """Returns what the move `move` of `turns` in a step sees: every `turns`-th row."""
    return tf.nest.map_structure(lambda value: value[move::turns], batch)


def arrays(data, inputs: tuple[str, ...], *, least: int) -> tuple[dict[str, tf.Tensor], int]:
    """Returns arrays by name, and how many rows each of them has.

    Args:
        data: Arrays [N, ...]; see `named`.
        inputs: `Game.inputs`.
        least: Number of rows that is needed, for the message.

    Raises:
        ValueError: If the arrays differ in length, or have no rows.
    """
    rows = {name: tensor(value) for name, value in named(data, inputs).items()}
    counts = {name: len(value) for name, value in rows.items()}
    if len(set(counts.values())) > 1 or not all(counts.values()):
        raise ValueError(
            f"Arrays need the same number of rows, at least {least}. Received: {counts}"
        )
    return rows, next(iter(counts.values()))


def of_arrays(
    data,
    inputs: tuple[str, ...],
    *,
    size: int,
    seed: int,
    start: Callable[[], int],
    turns: int = 1,
    shuffle: bool = True,
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
        turns: Number of moves among which a batch is divided, for the message.
        shuffle: Whether rows are shuffled; without it every epoch has their own order.

    Raises:
        ValueError: If the arrays differ in length, or have fewer rows than a batch.
    """
    rows, count = arrays(data, inputs, least=size)
    if count < size:
        moves = f" (a batch size of {size // turns}, for {turns} moves of a player)"
        cure = f"With these rows `batch_size` is at most {count // turns}"
        cure = cure if count >= turns else f"Give at least {turns} rows"
        raise ValueError(
            f"A step needs at least {size} examples{moves if turns > 1 else ', the batch size'}. "
            f"{cure}. Received: {dict.fromkeys(rows, count)}"
        )
    per_epoch = count // size

    def begin(_):
        step = tf.numpy_function(lambda: np.int64(start()), [], tf.int64, stateful=True)
        return tf.ensure_shape(step, [])

    def epoch(number):
        order = tf.range(count, dtype=tf.int64)
        if shuffle:
            order = tf.random.experimental.stateless_shuffle(
                order, seed=[tf.constant(seed, tf.int64), number], alg=noise.ALGORITHM
            )
        batches = tf.reshape(order[: per_epoch * size], [per_epoch, size])
        return tf.data.Dataset.from_tensor_slices(batches)

    def stream(step):
        epochs = tf.data.Dataset.range(step // per_epoch, np.iinfo(np.int64).max)
        return epochs.flat_map(epoch).skip(step % per_epoch)

    order = tf.data.Dataset.from_tensors(0).map(begin).flat_map(stream)
    options = tf.data.Options()
    options.autotune.enabled = False  # with it, deleting an iterator can block for seconds
    batches = order.map(lambda row: {name: tf.gather(x, row) for name, x in rows.items()})
    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    return batches.apply(endless).prefetch(2).with_options(options), per_epoch
