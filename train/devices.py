"""The devices that a training runs on."""

import tensorflow as tf


def strategy(replicas: int, batch_size: int) -> tf.distribute.Strategy | None:
    """Returns the strategy that spreads every batch over the replicas.

    It must be called before a tensor lies on a device: devices cannot be divided afterwards.

    Args:
        replicas: Number of GPUs, or of logical CPU devices where there are fewer GPUs than that;
            0 for every GPU.
        batch_size: Examples of one move, which the replicas share evenly.

    Returns:
        The strategy; None for one replica, since OneDeviceStrategy costs about three times as much
        for a step.

    Raises:
        ValueError: If `batch_size` is not a multiple of the replicas.
    """
    gpus = tf.config.list_physical_devices("GPU")
    count = replicas or max(1, len(gpus))
    if batch_size % count:
        raise ValueError(
            "`batch_size` must be a multiple of the replicas. "
            f"Received: batch_size={batch_size}, replicas={count}"
        )
    if gpus:
        tf.config.experimental.enable_op_determinism()  # on a CPU it changes nothing
    if count == 1:
        return None
    kind = "GPU" if len(gpus) >= count else "CPU"
    if kind == "CPU":
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * count
        )
    return tf.distribute.MirroredStrategy([f"{kind}:{i}" for i in range(count)])
