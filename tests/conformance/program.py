"""Trains one config at a tiny size, as often as asked, in processes of its own, and writes what came of it.

    python program.py "CONFIG [path.to.field=value …]" FOLDER TASK… / TASK…     TASK = NAME:REPLICAS:STEPS or NAME:REPLICAS:STEPS:CHECKPOINTS:KILL_AT

The tasks up to a stroke run in one process, those behind it in the next; each is forked from this one, which has imported what they
need and has made no tensor. It prints the exit codes of all and exits with 1 where one is above 0; below 0, a signal's, is a death that was
asked for.
A task writes FOLDER/NAME.npz, the weights, and FOLDER/NAME.json: how many writes of variables its graphs hold, and which of them are
in no order with another access. With a folder for checkpoints, FOLDER/CHECKPOINTS, it continues from the newest one, saves every
step, and dies by SIGKILL after step KILL_AT, if that is above 0.
"""

import contextlib
import json
import os
import pathlib
import signal
import sys
import traceback

import keras
import numpy as np
import ordering
import tensorflow as tf

import configs
from train import checkpoints, experiments
from train.data import toys

BATCH = 8


def train(
    config: str,
    folder: pathlib.Path,
    name: str,
    replicas: int,
    steps: int,
    kept: str = "",
    kill_at: int = 0,
) -> None:
    strategy = (
        tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(replicas)])
        if replicas > 1
        else None
    )
    config, *settings = config.split()
    experiment = configs.load(config).override(settings)
    points = experiment.data.name in toys.TOYS
    data = {
        "shape": toys.points(experiment.data.name, 1).shape[1:] if points else (8, 8, 1),
        "value_range": None if points else experiment.data.value_range,
        "classes": None if points else 10,
    }
    with strategy.scope() if strategy else contextlib.nullcontext():
        game = experiments.compiled(experiment, data)
        if not kept:  # gradient descent shows a wrong factor, which Adam hides
            # wide networks on points, likelihoods that add up over pixels, and weights in the hundreds have gradients in the hundreds
            # two replicas make a call of the graph for each step, the others all steps in one
            steep = (
                points
                or "likelihood" in experiment.game.options
                or experiment.game.options.get("latent_weight", 0.0) > 100.0
            )
            optimizers = {
                player: keras.optimizers.SGD(1e-4 if steep else 1e-2) for player in game.players()
            }
            game.compile(optimizers, steps_per_execution=1 if replicas == 2 else steps)
        batches, draws = {}, np.random.default_rng(0)
        for given in game.inputs:
            low, high = data["value_range"] or (-1.0, 1.0)
            size = (steps, BATCH * game.turns)
            batches[given] = (
                draws.integers(0, data["classes"], size)
                if given == "label"
                else draws.uniform(low, high, (*size, *data["shape"])).astype("float32")
            )
        saved = checkpoints.Checkpoints(folder / kept, game) if kept else None
        done = (saved.restore() or 0) if saved else 0

    class Save(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if saved:
                saved.save()
                if int(game.step.numpy()) == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

    with ordering.optimized_graphs() as graphs:
        game.fit(
            tf.data.Dataset.from_tensor_slices(batches).skip(done),
            steps_per_epoch=steps - done,
            callbacks=[Save()],
            verbose=0,
        )
    found = {
        "writes": sum(map(ordering.writes, graphs)),
        "unordered": [race for graph in graphs for race in ordering.unordered(graph)],
    }
    (folder / f"{name}.json").write_text(json.dumps(found))
    np.savez(folder / f"{name}.npz", *[v.numpy() for v in game.variables])


def run(tasks: list[str]) -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 4)
    for task in tasks:
        title, count, length, *rest = task.split(":")
        train(
            sys.argv[1],
            pathlib.Path(sys.argv[2]),
            title,
            int(count),
            int(length),
            *rest[:1],
            *map(int, rest[1:]),
        )


if __name__ == "__main__":
    codes = []
    for group in " ".join(sys.argv[3:]).split(" / "):
        child = os.fork()
        if not child:
            try:
                run(group.split())
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    print(*codes)
    sys.exit(max(0, *codes))
