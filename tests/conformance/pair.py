"""Trains configs at a tiny size by two workers with two devices each, and writes the weights.

    python pair.py FOLDER EXECUTION CONFIG…

Both workers are forked from this process. They make three steps of each config, EXECUTION of them
in a call of the graph; worker K writes the weights of the config number I to FOLDER/I_K.npz. The
exit status is 0 if both end well.
"""

import os
import pathlib
import socket
import sys

import numpy as np
import program
import tensorflow as tf

from train import clusters, devices

STEPS = 3
LOOPBACK = ("127.0.0.1", 0)  # a port that nobody listens on


def train(folder: pathlib.Path, execution: int, names: list[str], cluster: clusters.Cluster):
    strategy = devices.chosen("cpu:2", program.BATCH, cluster).strategy
    for number, config in enumerate(names):
        game, batches = program.made(config, strategy, STEPS, execution)
        data = tf.data.Dataset.from_tensor_slices(batches).repeat()
        game.fit(data, steps_per_epoch=STEPS, verbose=0)
        path = folder / f"{number}_{cluster.index}.npz"
        np.savez(path, *[variable.numpy() for variable in game.variables])


if __name__ == "__main__":
    with socket.create_server(LOOPBACK) as first, socket.create_server(LOOPBACK) as second:
        addresses = tuple("{}:{}".format(*each.getsockname()) for each in (first, second))
    children = []
    for index in range(2):
        children.append(os.fork())
        if not children[-1]:
            cluster = clusters.Cluster(addresses, index)
            train(pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:], cluster)
            sys.exit()
    sys.exit(max(abs(os.waitstatus_to_exitcode(os.waitpid(c, 0)[1])) for c in children))
