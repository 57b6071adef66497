"""How TensorFlow computes in a training: determinism, TF32, and whether XLA compiles."""

import tensorflow as tf

from configs import schema
from train import devices


def settle(experiment: schema.Experiment, on: devices.Devices) -> bool:
    """Sets what holds for the whole process, and returns whether XLA compiles the gradients.

    On a CPU nothing is set: it gives the same bits in every run, and has no TF32.

    Args:
        experiment: What is trained.
        on: The devices that it is trained on.

    Raises:
        ValueError: If determinism and XLA are both asked for on a GPU, or the batch of a device is
            not a multiple of `train.accumulate`.
    """
    settings, size = experiment.train, experiment.data.batch_size
    count = on.count * on.workers
    if size % (count * settings.accumulate):
        raise ValueError(
            "`data.batch_size` must be a multiple of the number of devices times "
            f"`train.accumulate`. Received: {size}, {count} and {settings.accumulate}"
        )
    if on.kind == "cpu":
        return settings.jit == "true"
    if settings.determinism and settings.jit == "true":
        raise ValueError(
            "On a GPU `train.determinism` and `train.jit` exclude one another, since TensorFlow "
            "compiles nothing while it is deterministic. Set train.determinism=false, with which "
            "no two runs have the same bits, or leave out train.jit. "
            "Received: train.determinism=true, train.jit=true"
        )
    tf.config.experimental.enable_tensor_float_32_execution(settings.tf32)
    if settings.determinism:
        tf.config.experimental.enable_op_determinism()
        return False
    # over several GPUs what XLA compiles must take no statistics of the global batch
    return settings.jit == "true" or settings.jit == "auto" and count == 1
