"""Statistics of the global batch, the number of replicas and the index of this one."""

import tensorflow as tf


def count() -> int:
    """Returns the number of replicas in step with this one.

    It is 1 without a strategy, and in a strategy's scope outside of its replicas, where a network
    is called on a batch of its own.
    """
    if tf.distribute.in_cross_replica_context():
        return 1
    return tf.distribute.get_strategy().num_replicas_in_sync


def index() -> tf.Tensor | int:
    """Returns which replica this is, in [0, count())."""
    context = tf.distribute.get_replica_context()
    return context.replica_id_in_sync_group if count() > 1 else 0


def total(tensors):
    """Returns the sum over replicas of a tensor, or of each tensor of a list.

    On one replica it is the tensor itself.
    """
    if count() == 1:
        return tensors
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tensors)


def mean(x: tf.Tensor) -> tf.Tensor:
    """Returns the mean over the examples of the global batch.

    Args:
        x: [B, ...] with the same B on every replica.

    Returns:
        [...], the same on every replica, and differentiable.
    """
    return total(tf.reduce_mean(x, axis=0)) / count()
