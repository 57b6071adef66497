"""Batches of what readers read, as TensorFlow data sets."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from train.data import readers, shuffling

AHEAD = 4  # batches prepared in advance
FLIPS = 8  # of the seeds of draws, where those of mirrored images begin


def examples(
    reader: readers.Reader,
    inputs: Sequence[str],
    finish: Callable[[tf.Tensor], tf.Tensor],
    *,
    batch_size: int,
    seed: int,
    start: int,
) -> tf.data.Dataset:
    """Yields batches of one reader's examples without end, each a dict by input.

    Args:
        reader: Where the examples lie.
        inputs: Some of `x` and `label`.
        finish: Function that makes `x` of what was read, as float32 [batch_size, *reader.shape].
        batch_size: Number of examples in a batch.
        seed: Seed of the order.
        start: Number of the first batch.
    """

    def x(keys) -> tf.Tensor:
        read = tf.cast(reader.read(keys), tf.float32)
        return tf.ensure_shape(finish(read), [batch_size, *reader.shape])

    def label(keys) -> tf.Tensor:
        return tf.ensure_shape(reader.read_labels(keys), [batch_size])

    reads = {"x": x, "label": label}
    keys = reader.keys(batch_size, seed=seed, start=start)
    return keys.map(
        lambda key: {name: reads[name](key) for name in inputs},
        num_parallel_calls=reader.parallel,
        deterministic=True,
    )


def together(domains: dict[str, tf.data.Dataset]) -> tf.data.Dataset:
    """Yields the examples `x` of several data sets at once, as a dict by the name of each."""
    batches = tf.data.Dataset.zip(domains)
    return batches.map(lambda batch: {name: part["x"] for name, part in batch.items()})


def mirrored(batches: tf.data.Dataset, *, seed: int, start: int) -> tf.data.Dataset:
    """Mirrors each image left to right with probability 1/2.

    What happens to an image is a function of (seed, number of the batch, place in it) alone.

    Args:
        batches: Batches, each a dict by input; images are [B, H, W, C].
        seed: Seed of the order, in [0, 2**31).
        start: Number of the first batch.
    """

    def mirror(number: tf.Tensor, batch: dict) -> dict:
        changed = {}
        for at, (name, x) in enumerate(batch.items()):
            if x.shape.rank == 4:
                # the order is drawn from seeds below: of `seed`, and of `seed` + 2**32
                key = tf.stack([tf.constant(seed + ((FLIPS + at) << 32), tf.int64), number])
                heads = tf.random.stateless_uniform([x.shape[0], 1, 1, 1], key, alg="philox") < 0.5
                x = tf.where(heads, tf.reverse(x, axis=[2]), x)
            changed[name] = x
        return changed

    numbered = tf.data.Dataset.zip(tf.data.Dataset.range(start, shuffling.LAST), batches)
    return numbered.map(mirror)


def ahead(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Prepares some batches in advance, in their order."""
    options = tf.data.Options()
    options.autotune.enabled = False  # deleting an autotuned iterator can block for seconds
    options.deterministic = True
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    # over several workers TensorFlow drops the static batch size where it knows no cardinality
    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    return batches.apply(endless).prefetch(AHEAD).with_options(options)
