"""Statistics and rows of the global batch, the number of replicas and the index of this one."""

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


def total(tensors: tf.Tensor | list[tf.Tensor]) -> tf.Tensor | list[tf.Tensor]:
    """Returns the sum over replicas of a tensor, or of each tensor of a list.

    The tensors of a list are summed in one reduction for each of their types: every reduction has
    a cost of its own, which is that of the sum itself where tensors are small.

    On one replica it is the tensor itself.
    """
    if count() == 1:
        return tensors
    if isinstance(tensors, list):
        return _unpacked(_total({k: _packed(v) for k, v in _by_type(tensors).items()}), tensors)
    return _total(tensors)


def mean(x: tf.Tensor) -> tf.Tensor:
    """Returns the mean over the examples of the global batch.

    Args:
        x: [B, ...] with the same B on every replica.

    Returns:
        [...], the same on every replica, and differentiable.
    """
    return total(tf.reduce_mean(x, axis=0)) / count()


def divided(batches: tf.data.Dataset, strategy: tf.distribute.Strategy):
    """Returns batches as the replicas of several workers take them, in the order of the replicas.

    TensorFlow itself deals the rows of a batch out to the workers like cards: with two replicas
    each, the second one of the first worker gets what belongs to the third replica.

    Args:
        batches: Batches of one fixed size, a multiple of the number of replicas.
        strategy: Strategy of a training; if it is not one over several workers, nothing changes.

    Raises:
        ValueError: If the size is another.
    """
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return batches
    size, count = tf.nest.flatten(batches.element_spec)[0].shape[0], strategy.num_replicas_in_sync
    if size is None or size % count:
        raise ValueError(
            "Several workers need batches of one fixed size, a multiple of the number of replicas. "
            f"Received: batches of {size}, {count} replicas"
        )

    endless = bool(batches.cardinality() == tf.data.INFINITE_CARDINALITY)

    def of_worker(context: tf.distribute.InputContext) -> tf.data.Dataset:
        workers, number = context.num_input_pipelines, context.input_pipeline_id

        def rows(tensor: tf.Tensor) -> tf.Tensor:
            return tensor[number * size // workers : (number + 1) * size // workers]

        own = batches.map(lambda *batch: tf.nest.map_structure(rows, _unwrapped(batch)))
        own = own.rebatch(size // count, drop_remainder=True)
        if endless:  # where that is not known, TensorFlow drops the static size
            own = own.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
        return own

    return strategy.distribute_datasets_from_function(of_worker)


def _unwrapped(batch: tuple):
    return batch[0] if len(batch) == 1 else batch


def _total(tensors):
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tensors)


def _by_type(tensors: list[tf.Tensor]) -> dict[str, list[tf.Tensor]]:
    types = dict.fromkeys(tensor.dtype.name for tensor in tensors)
    return {name: [t for t in tensors if t.dtype.name == name] for name in types}


def _packed(tensors: list[tf.Tensor]) -> tf.Tensor:
    return tf.concat([tf.reshape(tensor, [-1]) for tensor in tensors], axis=0)


def _unpacked(flat: dict[str, tf.Tensor], tensors: list[tf.Tensor]) -> list[tf.Tensor]:
    """Returns the parts of flat tensors, by type, in the order and the shapes of `tensors`."""
    parts = {}
    for name, group in _by_type(tensors).items():
        sizes = [tensor.shape.num_elements() for tensor in group]
        parts[name] = iter(tf.split(flat[name], sizes))
    return [tf.reshape(next(parts[t.dtype.name]), t.shape) for t in tensors]
