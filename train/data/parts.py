"""The part of a source that training sees, or the one that it never sees."""

from typing import NamedTuple

import numpy as np

from train.data import contents, splits


class Part(NamedTuple):
    """Which part of a source is opened.

    Attributes:
        fraction: Fraction of the source that is held out.
        unseen: Whether the part is what is held out, and not the rest.
    """

    fraction: float
    unseen: bool

    def rows(self, count: int, labels: np.ndarray | None = None) -> np.ndarray:
        """Returns the positions of the part."""
        if not self.fraction:
            return np.arange(count)
        return splits.held_out(count, self.fraction, labels)[int(self.unseen)]

    def of_array(self, whole: contents.Array) -> contents.Array:
        """Returns the examples of the part."""
        if not self.fraction:
            return whole
        return whole.part(self.rows(len(whole.examples), whole.classes and whole.classes.labels))

    def of_records(self, whole: contents.Records) -> contents.Records:
        """Returns some records in the order of all, since they are read from the beginning.

        Their labels are not asked for: TFDS mixed the classes when it wrote the records.
        """
        if not self.fraction:
            return whole
        wanted = np.zeros(whole.count, bool)
        wanted[self.rows(whole.count)] = True
        import tensorflow as tf

        with tf.device("CPU"):
            chosen = tf.constant(wanted)
        records = whole.records.enumerate().filter(lambda at, record: chosen[at])
        records = records.map(lambda at, record: record)
        return whole._replace(records=records, count=int(wanted.sum()))
