"""What the workers of a run say to each other: signals, states, and that one of them is lost."""

import os
import re
import socket
import sys
import zlib
from typing import NoReturn

import numpy as np
import tensorflow as tf

from train import clusters
from zoo import games

LOST = 4  # exit status
PATIENCE = 5.0  # seconds in which another worker must answer
CHUNK = 2**22  # numbers of 4 bytes that are sent at once


class Alone:
    """A training in one process, which says everything to itself."""

    chief = True
    agree = None  # see `callbacks.Stop`

    def largest(self, number: int) -> int:
        """Returns the largest number that a worker gives."""
        return number

    def check_same(self, text: str) -> None:
        """Raises ValueError on every worker if they do not all give the same text."""

    def receive(self, game: games.Game) -> None:
        """Sets the game of every worker to the state that the chief's has."""

    def lost(self, error: Exception) -> str | None:
        """Returns a sentence with the workers whose loss an error reports; None if it does not."""
        return None


class Workers(Alone):
    """A training in several processes. All of them make each of these calls, in the same order.

    Args:
        cluster: The processes.
        strategy: TensorFlow's strategy over their devices.
    """

    def __init__(self, cluster: clusters.Cluster, strategy: tf.distribute.Strategy):
        self.chief, self._cluster, self._strategy = cluster.chief, cluster, strategy
        self.agree = self.largest

    def largest(self, number: int) -> int:
        return int(max(self._each(number)))

    def check_same(self, text: str) -> None:
        sums = self._each(zlib.crc32(text.encode()))
        if len(set(sums)) > 1:
            which = [index for index, value in enumerate(sums) if value != sums[0]]
            raise ValueError(
                "All workers must be started with the same experiment on the same data. "
                f"Received: another one in the workers {which} than in worker 0"
            )

    def receive(self, game: games.Game) -> None:
        variables = game.state()
        arrays = [variable.numpy() for variable in variables]
        content = b"".join(array.tobytes() for array in arrays)
        numbers = np.frombuffer(content + bytes(-len(content) % 4), np.int32)
        if not self.chief:
            numbers = np.zeros_like(numbers)
        size = min(CHUNK, len(numbers))
        numbers = np.pad(numbers, (0, -len(numbers) % size))
        # as integers, whose sum with zeros is exact whatever the bits stand for
        pieces = [self._total(part) for part in numbers.reshape(-1, size)]
        received = np.concatenate(pieces).tobytes()
        first = 0
        for variable, array in zip(variables, arrays) if not self.chief else ():
            value = np.frombuffer(received, array.dtype, array.size, offset=first)
            variable.assign(value.reshape(array.shape))
            first += array.nbytes

    def lost(self, error: Exception) -> str | None:
        if not isinstance(error, (tf.errors.OpError, RuntimeError)):
            return None
        addresses, own = self._cluster
        others = set(range(len(addresses))) - {own}
        silent = {index for index in others if not _answers(addresses[index])}
        named = {int(index) for index in re.findall(r"/task:(\d+)", str(error))} & others
        which = sorted(silent & named or silent or named)
        if not which:
            return None
        words = ", ".join(f"worker {index} ({addresses[index]})" for index in which)
        return (
            f"Lost: {words} has ended or cannot be reached, so worker {own} ends. Start all "
            "workers again: the run goes on from its newest checkpoint"
        )

    def _each(self, number: int) -> list[int]:
        """Returns the numbers of all workers, in [0, 2**32)."""
        row = np.zeros([len(self._cluster.addresses), 2], np.int32)
        row[self._cluster.index] = divmod(number, 2**16)
        return [int(high) * 2**16 + int(low) for high, low in self._total(row)]

    def _total(self, numbers: np.ndarray) -> np.ndarray:
        """Returns the sum over workers of int32 numbers [...]."""
        return _summed(self._strategy, tf.constant(numbers)).numpy()


@tf.function(reduce_retracing=False)
def _summed(strategy: tf.distribute.Strategy, numbers: tf.Tensor) -> tf.Tensor:
    local = len(strategy.extended.worker_devices)

    def of_replica():
        context = tf.distribute.get_replica_context()
        first = context.replica_id_in_sync_group % local == 0  # of this worker's
        given = tf.where(first, numbers, tf.zeros_like(numbers))
        return context.all_reduce(tf.distribute.ReduceOp.SUM, given)

    return strategy.experimental_local_results(strategy.run(of_replica))[0]


def leave(sentence: str) -> NoReturn:
    """Prints why this worker ends, and ends it at once: what waits for a lost worker waits on."""
    print(sentence, file=sys.stderr, flush=True)
    os._exit(LOST)


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE):
            return True
    except OSError:
        return False
