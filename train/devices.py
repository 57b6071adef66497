"""The devices that a training runs on."""

import contextlib
import os
import re
from typing import NamedTuple
from unittest import mock

import tensorflow as tf
from tensorflow.python.distribute import collective_all_reduce_strategy  # no public door

from train import clusters, device_records

ALL = "all"


class Devices(NamedTuple):
    """Devices of one kind, each of which takes its part of every batch.

    Attributes:
        kind: `gpu` or `cpu`.
        count: Number of devices of this worker.
        strategy: What spreads a batch over them; None for one device, since OneDeviceStrategy
            costs about three times as much for a step.
        workers: Number of processes with as many devices each.
    """

    kind: str
    count: int
    strategy: tf.distribute.Strategy | None
    workers: int = 1

    def scope(self):
        """Returns the context in which a game is made."""
        return self.strategy.scope() if self.strategy else contextlib.nullcontext()

    def scope_of_one(self):
        """Returns the context in which the chief alone restores: variables are made by all."""
        return self.scope() if self.workers == 1 else contextlib.nullcontext()

    def __str__(self) -> str:
        return device_records.words(self.record())

    def record(self) -> dict:
        """Returns what the run's record says of the devices."""
        record = {"kind": self.kind, "count": self.count * self.workers}
        return record | ({"workers": self.workers} if self.workers > 1 else {})


def chosen(asked: str, batch_size: int, cluster: clusters.Cluster | None = None) -> Devices:
    """Returns the devices that a user asks for; no others are used in their place.

    It must be called before a tensor lies on a device: devices cannot be divided afterwards.

    Args:
        asked: `all` for every GPU, or the CPU of a machine without one; `gpu:0,1` for GPUs by
            their numbers; `cpu` or `cpu:2` for the CPU, as two devices.
        batch_size: Examples of one move, which the devices of all workers divide evenly.
        cluster: Workers that train together, each on as many devices; this call waits for all.

    Raises:
        ValueError: If it is none of these, there is no such GPU, or `batch_size` is not a multiple
            of the devices.
    """
    gpus = tf.config.list_physical_devices("GPU")
    numbers = _gpus(asked, len(gpus))
    count, several = len(numbers) or _cpus(asked), len(cluster.addresses) if cluster else 1
    if batch_size % (count * several):
        raise ValueError(
            "`batch_size` must be a multiple of the number of devices; --devices chooses fewer. "
            f"Received: batch_size={batch_size}, {count * several} devices"
        )
    if gpus:  # what is not used is hidden, so that TensorFlow puts nothing there
        tf.config.set_visible_devices([gpus[number] for number in numbers], "GPU")
    for number in numbers:
        # otherwise TensorFlow takes all memory of the GPU at its start, and others get none
        tf.config.experimental.set_memory_growth(gpus[number], True)
    kind = "gpu" if numbers else "cpu"
    if count == several == 1:
        return Devices(kind, 1, None)
    if not numbers and count > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * count
        )
    if cluster:
        return Devices(kind, count, _over(cluster, kind, count), several)
    names = [f"{kind.upper()}:{i}" for i in range(count)]
    return Devices(kind, count, tf.distribute.MirroredStrategy(names))


def _over(cluster: clusters.Cluster, kind: str, count: int) -> tf.distribute.Strategy:
    """Returns the strategy over the devices of all workers, once they have all come."""

    def divided(_, resolver, worker: str):
        return tuple(f"{worker}/device:CPU:{i}" for i in range(count)), "CPU"

    os.environ[clusters.CONFIG] = cluster.config()
    print(f"Worker {cluster.index} waits for all of {', '.join(cluster.addresses)}", flush=True)
    extended = collective_all_reduce_strategy.CollectiveAllReduceExtended
    # TensorFlow takes a worker's CPU for one device, into however many it is divided
    with (
        mock.patch.object(extended, "_initialize_local_devices", divided)
        if kind == "cpu"
        else contextlib.nullcontext()
    ):
        return tf.distribute.MultiWorkerMirroredStrategy()


def _gpus(asked: str, there: int) -> list[int]:
    """Returns the numbers of the GPUs that are asked for; none where the CPU is."""
    if asked == ALL:
        return list(range(there))
    if not re.fullmatch(r"gpu:\d+(,\d+)*", asked):
        return []
    numbers = [int(number) for number in asked.removeprefix("gpu:").split(",")]
    if len(set(numbers)) < len(numbers) or max(numbers) >= there:
        seen = f"the GPUs 0 to {there - 1}" if there else "no GPU"
        raise ValueError(
            "`--devices=gpu:NUMBERS` names GPUs that TensorFlow sees, each of them once. "
            f"Received: {asked} on a machine where it sees {seen}"
        )
    return numbers


def _cpus(asked: str) -> int:
    """Returns how many devices the CPU shall be."""
    if asked == ALL:
        return 1
    match = re.fullmatch(r"cpu(?::([1-9]\d*))?", asked)
    if match is None:
        raise ValueError(
            f"`--devices` must be `all`, `cpu`, `cpu:COUNT` or `gpu:NUMBERS`. Received: {asked!r}"
        )
    return int(match[1] or 1)
