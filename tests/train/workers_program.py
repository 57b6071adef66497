"""Trains a tiny run by two workers on the loopback, again and again, and ends them as asked.

    python workers_program.py FOLDER STAGE…

A stage is NAME:END:INDEX:STEP. In each stage two processes, forked from this one, train or continue
the run FOLDER/NAME, each with two CPU devices; worker INDEX sends itself the signal END after STEP.
END `none` lets both finish; `other` gives worker 1 another experiment. The exit codes of all
processes are printed, a line for each stage; what worker K prints is in FOLDER/STAGE_K.txt.
"""

import os
import pathlib
import signal
import socket
import sys
import traceback

import configs
from train import callbacks, clusters, loop, runs

SETTINGS = [
    "game.generator=mlp_generator",
    "game.generator.units=4",
    "game.critic=mlp_critic",
    "game.critic.units=4",
    "game.prior.size=5",
    "data.batch_size=4",
    "train.samples=9",
    "train.steps_per_epoch=4",
    "train.steps_per_execution=2",
    "train.epochs=3",
]
LOOPBACK = ("127.0.0.1", 0)  # a port that nobody listens on
REFUSED = 5  # exit code of a ValueError


def train(folder: pathlib.Path, cluster: clusters.Cluster, stage: str) -> int:
    name, end, victim, step = stage.split(":")
    if end.isupper() and cluster.index == int(victim):
        ended = callbacks.Stop.on_train_batch_end

        def and_end(self, batch, logs=None):
            if int(self.model.step.numpy()) == int(step):
                os.kill(os.getpid(), getattr(signal, end))
            ended(self, batch, logs)

        callbacks.Stop.on_train_batch_end = and_end
    experiment = configs.load("dcgan_digits").override(SETTINGS)
    if end == "other" and not cluster.chief:
        experiment = experiment.override(["seed=1"])
    # only the chief's directory is there
    run = runs.Run(folder / (name if cluster.chief else f"not_{name}"))
    return loop.train(experiment, run, asked="cpu:2", cluster=cluster, verbose=False)


def worker(folder: pathlib.Path, cluster: clusters.Cluster, stage: str) -> None:
    output = os.open(folder / f"{stage}_{cluster.index}.txt", os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        status = train(folder, cluster, stage)
    except Exception as error:
        traceback.print_exc()
        status = REFUSED if isinstance(error, ValueError) else 1
    sys.exit(status)


if __name__ == "__main__":
    for stage in sys.argv[2:]:
        with socket.create_server(LOOPBACK) as first, socket.create_server(LOOPBACK) as second:
            addresses = tuple("{}:{}".format(*each.getsockname()) for each in (first, second))
        children = []
        for index in range(2):
            children.append(os.fork())
            if not children[-1]:
                worker(pathlib.Path(sys.argv[1]), clusters.Cluster(addresses, index), stage)
        print(*[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
