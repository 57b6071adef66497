"""Two replicas: the gradients, clipping and the look at the first batch are those of one."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.games import GAN

PROGRAM = """
import contextlib, json, sys
import keras, numpy as np, tensorflow as tf
from zoo import losses, priors, replicas
from zoo.games import GAN

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
X = np.random.default_rng(0).normal(size=(4, 8, 2)).astype("float32") * np.arange(1, 9)[:, None]
X = X.astype("float32")


def dense(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])


class Counted(GAN):
    traces = 0

    def train_step(self, data):
        self.traces += 1
        return super().train_step(data)

    def steps_as_the_engine(self):
        return True


def made(replicas, clip, value_range=None):
    keras.utils.set_random_seed(0)
    with mirrored.scope() if replicas == 2 else contextlib.nullcontext():
        parts = {"generator": dense(3, 2), "critic": dense(2, 1), "prior": priors.normal(3)}
        game = Counted(**parts, loss=losses.wasserstein(), value_range=value_range)
        game.compile({player: keras.optimizers.SGD(0.1, **clip) for player in game.players()})
    return game


def trained(replicas, clip):
    game = made(replicas, clip)
    game.fit(tf.data.Dataset.from_tensor_slices(X), verbose=0)
    return np.concatenate([v.numpy().ravel() for v in game.trainable_variables])


free = trained(1, {})
differences = {}
for name in ("nothing", "clipnorm", "global_clipnorm", "clipvalue"):
    clip = {} if name == "nothing" else {name: 0.3}
    one, two = (trained(replicas, clip) for replicas in (1, 2))
    differences[name] = float(np.abs(one - free).max()), float(np.abs(one - two).max())

looks = {}
finite = tf.data.Dataset.from_tensor_slices(X)
forms = {
    "finite": finite,
    "endless": finite.repeat(),
    "distributed": mirrored.experimental_distribute_dataset(finite),
}
for name, data in forms.items():
    game = made(2, {})
    game.fit(data, steps_per_epoch=4, verbose=0)
    two = np.concatenate([v.numpy().ravel() for v in game.trainable_variables])
    looks[name] = float(np.abs(two - free).max()), game.traces

refused = {}
for name, wrong in (("first", 0), ("last", 7)):  # a row of the first and of the second replica
    x = X.copy()
    x[0, wrong] = np.nan
    game = made(2, {})
    data = mirrored.experimental_distribute_dataset(tf.data.Dataset.from_tensor_slices(x))
    try:
        game.fit(data, verbose=0)
    except ValueError as error:
        refused[name] = str(error), int(game.step.numpy())
with mirrored.scope():  # no replica: a batch of its own
    mean = replicas.mean(tf.constant([1.0, 3.0]))
    outside = replicas.count(), replicas.index(), float(mean)

rows = X.reshape(32, 2)
losses_of = [made(n, {}).evaluate(rows, batch_size=8, verbose=0) for n in (1, 2)]
game = made(2, {})
game.fit((batch for batch in X), validation_data=rows[:5], validation_batch_size=2, verbose=0)
generated = np.concatenate([v.numpy().ravel() for v in game.trainable_variables])
more = [float(np.abs(np.subtract(*losses_of)).max()), float(np.abs(generated - free).max())]

mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])  # a second one in the process
more.append(float(np.abs(trained(2, {}) - free).max()))

reduced = []


class Counting(tf.distribute.ReductionToOneDevice):
    def batch_reduce_implementation(self, operation, pairs, options):
        reduced.append(len(pairs))
        return super().batch_reduce_implementation(operation, pairs, options)


mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"], cross_device_ops=Counting())
game = made(2, {"clipnorm": 0.3})
game.fit(finite.take(1), verbose=0)
counted = list(reduced)  # what follows adds to it


def halved(replicas, count, **options):
    keras.utils.set_random_seed(0)
    with mirrored.scope() if replicas == 2 else contextlib.nullcontext():
        hidden = keras.layers.Dense(4, "relu", dtype=options.pop("dtype", None))
        normal = options.pop("normal", [])
        layers = [keras.Input((2,)), hidden, *normal, keras.layers.Dense(1, dtype="float32")]
        parts = {"generator": dense(3, 2), "critic": keras.Sequential(layers)}
        game = GAN(**parts, prior=priors.normal(3), loss=losses.wasserstein(), value_range=None)
        scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=64.0)
        optimizer = scaled if hidden.compute_dtype == "float16" else keras.optimizers.SGD(0.1)
        game.compile(optimizer, accumulate=count, **options)
    game.fit(finite, verbose=0)
    return np.concatenate([v.numpy().ravel() for v in game.trainable_variables])


half = [halved(replicas, 2, dtype="mixed_float16") for replicas in (1, 2)]
parted = [halved(1, 1), halved(2, 4), halved(2, 2, jit_compile=True)]
steps = [float(np.abs(np.subtract(*half)).max())]
steps += [float(np.abs(other - parted[0]).max()) for other in parted[1:]]
try:
    normal = [keras.layers.BatchNormalization(synchronized=True)]
    halved(2, 1, normal=normal, jit_compile=True)
except ValueError as error:
    steps.append(str(error))
print(json.dumps([differences, looks, refused, outside, more, counted, steps]))
"""


@pytest.fixture(scope="module")
def printed():
    """Returns what the program prints: differences of weights, refusals, counts …"""
    command = [sys.executable, "-c", PROGRAM]  # logical devices are made once in a process
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_gradients_are_summed_over_the_replicas(printed):
    changed, differs = printed[0]["nothing"]
    assert changed == 0.0
    assert differs < 1e-6


@pytest.mark.parametrize("setting", ["clipnorm", "global_clipnorm", "clipvalue"])
def test_clipping_with_two_replicas_is_that_of_one(printed, setting):
    changed, differs = printed[0][setting]
    assert changed > 0.01  # the gradients were long enough to be clipped
    assert differs < 1e-6


@pytest.mark.parametrize("form", ["finite", "endless", "distributed"])
def test_the_look_at_the_first_batch_costs_no_batch_and_no_graph(printed, form):
    differs, traces = printed[1][form]
    assert differs < 1e-6
    assert traces == 2  # one of each replica


@pytest.mark.parametrize("row", ["first", "last"])
def test_the_rows_of_every_replica_are_looked_at(printed, row):
    message, step = printed[2][row]
    assert "`x` must be finite. Received: 2 values" in message
    assert step == 0


def test_statistics_in_a_scope_outside_of_its_replicas_are_those_of_the_batch(printed):
    assert printed[3] == [1, 0, 2.0]


def test_an_evaluation_on_two_replicas_is_that_of_one(printed):
    assert printed[4][0] < 1e-6


def test_a_generator_is_trained_on_by_two_replicas(printed):
    assert printed[4][1] < 1e-6


def test_a_second_strategy_over_the_same_devices_trains(printed):
    assert printed[4][2] < 1e-6


def test_a_move_adds_up_one_tensor_over_the_replicas(printed):
    # a move of the critic, a move of the generator, and the logs where a call of the graph ends
    assert printed[5] == [1, 1, 1]


def test_the_error_of_strategies_over_different_devices_says_what_to_write():
    class Aborted(keras.callbacks.Callback):
        """Raises what TensorFlow does, after which its process cannot add up any more."""

        def on_train_batch_end(self, batch, logs=None):
            text = "Collective ops is aborted by: joining a group with size 4, which has size 2"
            raise tf.errors.InternalError(None, None, text)

    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    game = GAN(generator=generator, critic=critic, prior=3, loss="hinge", value_range=None)
    game.compile("sgd")
    with pytest.raises(RuntimeError, match="must have the same devices.*ReductionToOneDevice"):
        game.fit(np.ones((8, 2), np.float32), batch_size=4, callbacks=[Aborted()], verbose=0)


def test_two_replicas_in_float16_are_one_within_its_rounding(printed):
    assert printed[6][0] < 2e-3


def test_micro_batches_on_two_replicas_are_the_whole_batch_on_one(printed):
    assert printed[6][1] < 1e-6
    assert printed[6][2] < 1e-6  # by XLA


def test_xla_on_two_replicas_refuses_statistics_of_the_global_batch(printed):
    assert "only if it takes no statistics of the global batch" in printed[6][3]
