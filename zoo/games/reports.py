"""The means over an epoch of what players report."""

import keras
import tensorflow as tf

_SLOTS = 48


class Reports(keras.metrics.Metric):
    """Running means of named scalars, kept in one variable so that a step adds to all of them at once."""

    def __init__(self):
        super().__init__(name="reports")
        self.names: tuple[str, ...] = ()  # known once a step has been traced
        self._totals = self.add_variable(
            shape=(_SLOTS,), initializer="zeros", dtype="float32", name="totals"
        )
        self._count = self.add_variable(
            shape=(), initializer="zeros", dtype="float32", name="count"
        )

    def update_state(self, values: dict[str, tf.Tensor]) -> None:
        """Adds one step's scalars: the same names in every step, of which the last ones may once stop to come."""
        if len(values) > _SLOTS:
            raise ValueError(f"A game may report at most {_SLOTS} scalars. Received: {len(values)}")
        self.names = tuple(values)
        row = tf.stack([tf.cast(tf.stop_gradient(value), tf.float32) for value in values.values()])
        self._totals.assign(self._totals.value + tf.pad(row, [[0, _SLOTS - len(values)]]))
        self._count.assign(self._count.value + 1.0)

    def result(self) -> dict[str, tf.Tensor]:
        """Returns the mean of each scalar since the last reset."""
        means = tf.unstack(
            tf.convert_to_tensor(self._totals.value) / tf.convert_to_tensor(self._count.value)
        )
        return dict(zip(self.names, means))
