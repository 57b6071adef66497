"""The means over an epoch of what the players log."""

import zlib

import keras
import tensorflow as tf

from zoo import replicas

SLOTS = 48


class Logs(keras.metrics.Metric):
    """Running means of named scalars; a step adds to all of them at once.

    Each name owns one slot of three variables: a checksum of the name, the sum of its values and
    their count. The slot is looked up by name in every step. So a name that is missing from a
    step, or from a run that is continued, does not shift the others.
    """

    def __init__(self):
        super().__init__(name="logs")
        self.names: tuple[str, ...] = ()  # of the step that was traced last
        # not of Keras's `add_variable`: reading those waits for every other host
        with keras.name_scope(self.name):
            self._keys, self._totals, self._counts = (
                keras.Variable("zeros", (SLOTS,), dtype=dtype, trainable=False, name=name)
                for name, dtype in (("keys", "int64"), ("totals", "float32"), ("counts", "float32"))
            )

    def update_state(self, values: dict[str, tf.Tensor], weight: tf.Tensor | None = None) -> None:
        """Adds the scalars of one step.

        Args:
            values: Scalars by name; a step may lack names that other steps have.
            weight: Weight of the step in the means, at least 0; 1 if None.

        Raises:
            ValueError: If there are more than 48 names, or two names have the same checksum.
        """
        names = tuple(values)
        if len(names) > SLOTS or len(set(map(_key, names))) < len(names):
            raise ValueError(
                f"A game may log at most {SLOTS} scalars, with names of different checksums. "
                f"Received: {len(names)}: {', '.join(names)}"
            )
        self.names = names
        row = tf.stack([tf.cast(tf.stop_gradient(value), tf.float32) for value in values.values()])
        keys = tf.convert_to_tensor(self._keys.value)
        new = tf.logical_not(tf.reduce_any(_hits(keys, names), axis=1))
        used = tf.math.count_nonzero(keys)
        slots = tf.where(new, used + tf.cumsum(tf.cast(new, tf.int64)) - 1, SLOTS)  # else none
        keys += tf.linalg.matvec(
            tf.one_hot(slots, SLOTS, dtype=tf.int64), _keys(names), transpose_a=True
        )
        hits = tf.cast(_hits(keys, names), tf.float32)
        if weight is not None:
            hits *= tf.cast(weight, tf.float32)
        self._keys.assign(keys)
        self._totals.assign(self._totals.value + tf.linalg.matvec(hits, row, transpose_a=True))
        self._counts.assign(self._counts.value + tf.reduce_sum(hits, axis=0))

    def settled(self, row: tf.Tensor) -> tf.Tensor:
        """Sets the sums of each replica to their mean over the replicas.

        Until then each replica has those of its own part of the batches.

        Args:
            row: float32, of each replica.

        Returns:
            The mean of the rows, which is added up in the same reduction.
        """
        if replicas.count() == 1:
            return row
        parts = [tf.convert_to_tensor(v.value) for v in (self._totals, self._counts)]
        totals, counts, row = (total / replicas.count() for total in replicas.total([*parts, row]))
        self._totals.assign(totals)
        self._counts.assign(counts)
        return row

    def weight(self) -> tf.Tensor:
        """Returns the sum of the weights of the steps so far, a float32 scalar."""
        return tf.reduce_max(self._counts.value)

    def result(self) -> dict[str, tf.Tensor]:
        """Returns the mean of each scalar that the last step logged, over the steps that did."""
        if not self.names:
            return {}
        hits = tf.cast(_hits(tf.convert_to_tensor(self._keys.value), self.names), tf.float32)
        totals, counts = (
            tf.linalg.matvec(hits, tf.convert_to_tensor(variable.value))
            for variable in (self._totals, self._counts)
        )
        return dict(zip(self.names, tf.unstack(totals / counts)))


def _key(name: str) -> int:
    return zlib.crc32(name.encode()) + 1  # 0 marks a free slot


def _keys(names: tuple[str, ...]) -> tf.Tensor:
    return tf.constant([_key(name) for name in names], tf.int64)


def _hits(keys: tf.Tensor, names: tuple[str, ...]) -> tf.Tensor:
    """Returns which slot is whose, booleans [names, slots]."""
    return keys[tf.newaxis] == _keys(names)[:, tf.newaxis]
