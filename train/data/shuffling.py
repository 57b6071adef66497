"""The order in which training sees examples: a function of (seed, position) alone."""

import numpy as np
import tensorflow as tf

LAST = np.iinfo(np.int64).max


def steps_per_epoch(count: int, batch_size: int) -> int:
    """Whole batches in one pass over `count` examples; 1 where a batch takes more than one pass.

    Example:
        >>> steps_per_epoch(103, 10)
        10
    """
    return max(count // batch_size, 1)


def permutation(count: int, batch_size: int, *, seed: int, epoch: tf.Tensor) -> tf.Tensor:
    """Returns the positions [steps, B] of one epoch.

    They are a permutation of all positions without its remainder, or, where a batch is larger
    than the data set, as many permutations as fill one batch.
    """
    passes = -(-batch_size // count)
    shuffled = [
        tf.random.experimental.stateless_shuffle(
            tf.range(count, dtype=tf.int64), seed=[seed, epoch * passes + which], alg="philox"
        )
        for which in range(passes)
    ]
    steps = steps_per_epoch(count, batch_size)
    return tf.reshape(tf.concat(shuffled, axis=0)[: steps * batch_size], [steps, batch_size])


def positions(count: int, batch_size: int, *, seed: int, start: int) -> tf.data.Dataset:
    """Yields shuffled positions [B] of `count` examples, from batch `start` on, without end."""
    steps = steps_per_epoch(count, batch_size)

    def epoch_positions(epoch: tf.Tensor) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices(
            permutation(count, batch_size, seed=seed, epoch=epoch)
        )

    return tf.data.Dataset.range(start // steps, LAST).flat_map(epoch_positions).skip(start % steps)


def windows(
    records: tf.data.Dataset, count: int, batch_size: int, *, window: int, seed: int, start: int
) -> tf.data.Dataset:
    """Yields shuffled batches of records that can be read from the beginning only, without end.

    An epoch shuffles records within windows of neighbours, and the windows lie otherwise in every
    epoch: the records are read from an offset drawn for the epoch, around the end. Starting at
    batch k reads and drops what the epoch has before it.

    Args:
        records: Yields `count` records, each a dict of scalars.
        count: Number of records.
        batch_size: Records of one batch.
        window: Number of neighbours that are shuffled together.
        seed: Seed of the order.
        start: Number of the first batch.
    """
    passes = -(-batch_size // count)
    steps = steps_per_epoch(count, batch_size)

    def shuffled(sweep: tf.Tensor) -> tf.data.Dataset:
        offset = tf.random.stateless_uniform([], [seed, sweep], 0, count, tf.int64, alg="philox")
        around = records.skip(offset).concatenate(records.take(offset))

        def shuffle(index: tf.Tensor, neighbours: dict[str, tf.Tensor]) -> tf.data.Dataset:
            order = tf.random.experimental.stateless_shuffle(
                tf.range(tf.size(neighbours["image"])),
                seed=[seed, sweep * (count // window + 1) + index],
                alg="philox",
            )
            return tf.data.Dataset.from_tensor_slices(
                {key: tf.gather(values, order) for key, values in neighbours.items()}
            )

        return around.batch(window).enumerate().flat_map(shuffle)

    def epoch_records(epoch: tf.Tensor) -> tf.data.Dataset:
        sweeps = tf.data.Dataset.range(epoch * passes, (epoch + 1) * passes)
        return sweeps.flat_map(shuffled).batch(batch_size, drop_remainder=True).take(steps)

    return tf.data.Dataset.range(start // steps, LAST).flat_map(epoch_records).skip(start % steps)
