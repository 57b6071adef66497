"""Says what two replicas cost on one CPU: CPU seconds of a step against those of one replica.

    python benchmarks/replicas.py [--rounds=7] [--steps=1000] [--out=results/replicas.json]

Both train the same small fully connected GAN on the same batches, by turns, in one process. Two
replicas make every operation twice, on half of the batch each; where an operation is small, its
cost does not depend on the batch, so that a factor of 2 is the least.
"""

import argparse
import contextlib
import os

import keras
import measure
import numpy as np
import tensorflow as tf

from zoo import games

BATCH, WIDTH = 64, 64


def network(inputs: int, outputs: int) -> keras.Model:
    layers = [keras.layers.Dense(WIDTH, activation="relu") for _ in range(3)]
    return keras.Sequential([keras.Input((inputs,)), *layers, keras.layers.Dense(outputs)])


def trained(strategy, steps: int):
    """Returns a function that trains a game for some steps, and returns the CPU seconds of each."""
    keras.utils.set_random_seed(0)
    with strategy.scope() if strategy else contextlib.nullcontext():
        parts = {"generator": network(8, 2), "critic": network(2, 1), "prior": 8}
        game = games.GAN(**parts, loss="non_saturating", value_range=None)
        game.compile(keras.optimizers.Adam(1e-3), steps_per_execution=10)
    x = np.random.default_rng(0).normal(size=(BATCH, 2)).astype("float32")
    data = tf.data.Dataset.from_tensors(x).repeat()

    def seconds(steps: int = steps) -> float:
        before = os.times()
        game.fit(data, steps_per_epoch=steps, verbose=0)
        after = os.times()
        return (after.user + after.system - before.user - before.system) / steps

    seconds(10)  # which makes the graph
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="How often each is measured.")
    parser.add_argument("--steps", type=int, default=1000, help="Steps of one measurement.")
    parser.add_argument("--out", default="", help="File of the record.")
    values = parser.parse_args()
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategies = {"one": None, "two": tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])}
    competitors = {name: trained(each, values.steps) for name, each in strategies.items()}
    seconds = measure.interleave(competitors, values.rounds)
    name = "CPU seconds of a step, two replicas against one"
    rows = [measure.verdict(name, measure.ratio(seconds["two"], seconds["one"]), None)]
    quartiles = {name: measure.quartiles(each) for name, each in seconds.items()}
    measure.write(values.out, rows, cpu_seconds_of_a_step=quartiles)


if __name__ == "__main__":
    main()
