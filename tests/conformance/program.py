"""Trains one config at a tiny size, once for each task, and writes the weights.

    python program.py "CONFIG [path.to.field=value …]" FOLDER TASK… / TASK…

A task is NAME:REPLICAS:STEPS or NAME:REPLICAS:STEPS:CHECKPOINTS:KILL_AT. Tasks before a slash run
in one process, and tasks after it in the next. Each process is forked from this one, which has
imported the modules and has made no tensor. The exit codes of all processes are printed. A negative
code is that of a signal, with which a task kills its process. The exit status is 1 if a code is
positive.

A task writes the weights to FOLDER/NAME.npz. It writes three facts about its graphs to
FOLDER/NAME.json: the number of writes of variables, the writes whose order to another access is
open, and the sums whose parts are added in the order in which they are ready. With a folder for
checkpoints, FOLDER/CHECKPOINTS, a task continues from the newest checkpoint and saves one after
every step. If KILL_AT is positive, it kills its process by SIGKILL after that step.
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
import tiny

import configs
from train import checkpoints, experiments
from zoo import build

BATCH = 8
# What a network has in the place of its own options, where weights of replicas are compared:
# - Rounding that moves a pre-activation across a kink changes its derivative. As little as another
#   size of the batch makes changed the weights of wgan_gp_cifar10 by 2e-4 so.
KINKED, SMOOTH = {"relu", "leaky_relu"}, "silu"
# - From weights that begin small in every layer, gradients can be too small to show a fault: the
#   first layers of a lens moved by 1e-9.
SMALL, WIDE = {"normal", "uniform"}, "he_normal"


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
    # With two replicas a call of the graph makes one step, with other counts all steps.
    game, batches = made(config, strategy, steps, 0 if kept else 1 if replicas == 2 else steps)
    with strategy.scope() if strategy else contextlib.nullcontext():
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
    result = {
        "writes": sum(map(ordering.writes, graphs)),
        "unordered": [race for graph in graphs for race in ordering.unordered(graph)],
        "sums_as_ready": [total for graph in graphs for total in ordering.sums_as_ready(graph)],
    }
    (folder / f"{name}.json").write_text(json.dumps(result))
    np.savez(folder / f"{name}.npz", *[v.numpy() for v in game.variables])


def made(config: str, strategy, steps: int, execution: int) -> tuple:
    """Returns a game of a config, and the batches of some steps by input.

    Unless `execution` is 0, it has gradient descent for its optimizers, a call of the graph makes
    so many steps, and networks have `_comparable` options.
    """
    config, *settings = config.split()
    experiment = configs.load(config).override(settings)
    if execution:
        experiment = experiment.override(_comparable(experiment.game))
    data = tiny.described(experiment)
    with strategy.scope() if strategy else contextlib.nullcontext():
        game = experiments.compiled(experiment, data)
        if execution:
            # Gradient descent shows a wrong factor, which Adam hides. Gradients are in the hundreds
            # for wide networks on points, for likelihoods that are summed over pixels, for
            # divergences that grow as an exponential function, and for weights in the hundreds.
            options = experiment.game.options
            steep = (
                data["value_range"] is None
                or "likelihood" in options
                or "divergence" in options.get("loss", build.Spec("")).options
                or options.get("latent_weight", 0.0) > 100.0
            )
            rate = 1e-4 if steep else 1e-2
            optimizers = {player: keras.optimizers.SGD(rate) for player in game.players()}
            game.compile(optimizers, steps_per_execution=execution)
    batches, draws = {}, np.random.default_rng(0)
    for given in game.inputs:
        low, high = game.input_ranges()[given] or (-1.0, 1.0)
        size = (steps, BATCH * game.turns)
        batches[given] = (
            draws.integers(0, data["classes"], size)
            if given == "label"
            else draws.uniform(low, high, (*size, *data["shape"])).astype("float32")
        )
    return game, batches


def _comparable(game: build.Spec) -> list[str]:
    """Returns the settings that let the weights of replicas be compared, network by network."""
    settings = []
    for role, part in game.options.items():
        options = build.parameters(role, part.name) if isinstance(part, build.Spec) else {}
        for name in options.keys() & {"activation", "initializer", "dense_initializer"}:
            value = part.options.get(name, options[name].default)
            kind, *_ = value if isinstance(value, tuple) else (value,)
            better = SMOOTH if kind in KINKED else WIDE if kind in SMALL else None
            settings += [f"game.{role}.{name}={better}"] if better else []
    return settings


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
