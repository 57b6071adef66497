"""The order of batches: a function of (seed, position)."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from train.data import opened, readers, sources


@pytest.fixture
def numbered(tmp_path):
    """Builds a source of at most 256 one-pixel images whose value is their position."""

    def build(count, **options):
        np.savez(tmp_path / f"{count}.npz", np.arange(count, dtype=np.uint8).reshape(count, 1, 1))
        return sources.load(f"npz:{tmp_path / f'{count}.npz'}", value_range=(0.0, 255.0), **options)

    return build


def order(source, take, **options):
    """Positions [take, B] of the first batches."""
    return np.array(
        [batch["x"].numpy().reshape(-1) for batch in sources.batches(source, **options).take(take)]
    ).astype(int)


# written down when the project began to promise them: a change would alter every run that goes on
KNOWN = {
    "memory": [
        [22, 10, 19, 4, 16],
        [1, 12, 5, 20, 6],
        [3, 15, 18, 7, 11],
        [8, 14, 17, 2, 13],
        [10, 7, 13, 22, 20],
        [18, 9, 8, 19, 21],
    ],
    "records": [
        [5, 4, 3, 1, 0],
        [6, 2, 22, 11, 12],
        [14, 9, 13, 7, 10],
        [8, 21, 17, 15, 18],
        [3, 8, 7, 5, 6],
        [4, 10, 9, 11, 15],
    ],
}


def records(count, window, labels=None):
    """Streamed one-pixel images whose value is their position."""
    images = [tf.io.encode_png(np.full((1, 1, 1), row, np.uint8)).numpy() for row in range(count)]
    columns = {"image": images} | ({} if labels is None else {"label": labels})
    dataset = tf.data.Dataset.from_tensor_slices(columns)
    reader = readers.Records(dataset, count, (1, 1, 1), None, window)
    classes = None if labels is None else int(max(labels)) + 1
    return opened.Source("records", count, (1, 1, 1), (0.0, 255.0), reader, classes)


@pytest.mark.parametrize("kind", KNOWN)
def test_the_order_is_the_one_that_runs_began_with(numbered, kind):
    source = numbered(23) if kind == "memory" else records(23, window=8)
    np.testing.assert_array_equal(order(source, 6, batch_size=5, seed=11), KNOWN[kind])


def test_labels_of_streamed_records_go_with_them_and_change_no_order():
    labels = np.arange(23) * 7 % 5
    source = records(23, window=8, labels=labels)
    np.testing.assert_array_equal(source.labels, labels)
    batches = sources.batches(source, inputs=("x", "label"), batch_size=5, seed=11)
    for batch, positions in zip(batches.take(6), KNOWN["records"]):
        np.testing.assert_array_equal(batch["x"].numpy().reshape(-1), positions)
        np.testing.assert_array_equal(batch["label"], labels[positions])


def test_every_epoch_is_a_permutation_without_the_remainder(numbered):
    epochs = order(numbered(103), 30, batch_size=10, seed=0).reshape(3, 100)
    assert all(len(set(epoch)) == 100 and max(epoch) < 103 for epoch in epochs)
    assert (
        len({tuple(sorted(epoch)) for epoch in epochs}) == 3
    )  # the remainder is another in every epoch


def test_consecutive_epochs_are_uncorrelated(numbered):
    epochs = order(numbered(256), 20, batch_size=256, seed=5)
    correlation = np.corrcoef(epochs) - np.eye(20)
    assert np.abs(correlation).max() < 5 / np.sqrt(256)  # five standard errors, 190 pairs


@pytest.mark.parametrize("start", [1, 9, 10, 11, 25])
def test_starting_at_k_gives_what_follows_k_batches(numbered, start):
    source = numbered(103)
    whole = order(source, 40, batch_size=10, seed=7)
    np.testing.assert_array_equal(
        order(source, 40 - start, batch_size=10, seed=7, start=start), whole[start:]
    )


def test_order_is_a_function_of_the_seed(numbered):
    source = numbered(100)
    first = order(source, 3, batch_size=10, seed=1)
    np.testing.assert_array_equal(order(source, 3, batch_size=10, seed=1), first)
    assert not np.array_equal(order(source, 3, batch_size=10, seed=2), first)


def test_batch_larger_than_the_data_holds_whole_permutations(numbered):
    source = numbered(7)
    assert sources.steps_per_epoch(source, 20) == 1
    batches = order(source, 4, batch_size=20, seed=0)
    assert batches.shape == (4, 20)
    assert all(set(batch[at : at + 7]) == set(range(7)) for batch in batches for at in (0, 7))
    assert len({tuple(batch[at : at + 7]) for batch in batches for at in (0, 7)}) == 8
    np.testing.assert_array_equal(order(source, 2, batch_size=20, seed=0, start=2), batches[2:])


@pytest.mark.parametrize("count, batch_size, steps", [(103, 10, 10), (100, 100, 1), (7, 20, 1)])
def test_steps_per_epoch_counts_whole_batches(numbered, count, batch_size, steps):
    assert sources.steps_per_epoch(numbered(count), batch_size) == steps


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"batch_size": 4, "start": -1}])
def test_impossible_batches_are_an_error(numbered, options):
    with pytest.raises(ValueError, match="`batch_size` must be at least 1 and `start` at least 0"):
        sources.batches(numbered(8), seed=0, **options)


def test_batches_are_float32_of_static_shape():
    options = {"inputs": ("x", "label"), "batch_size": 12, "seed": 0}
    assert sources.batches(sources.load("digits"), **options).element_spec == {
        "x": tf.TensorSpec([12, 8, 8, 1], tf.float32),
        "label": tf.TensorSpec([12], tf.int64),
    }


REPLICAS = """
import sys, numpy as np, tensorflow as tf
from train.data import sources
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
for limit in (2**30, 0):
    source = sources.load(sys.argv[1], memory_limit=limit)
    batches = sources.batches(source, inputs=source.inputs, batch_size=4, seed=3)
    for whole, parts in zip(batches.take(5), strategy.experimental_distribute_dataset(batches)):
        for name, values in whole.items():
            first, second = strategy.experimental_local_results(parts[name])
            np.testing.assert_array_equal(np.concatenate([first, second]), values)
            assert len(first) == len(second) == 2
print("equal")
"""


@pytest.mark.parametrize("name", ["folder:{}", "folder:{},inverted:folder:{}"])
def test_two_replicas_get_the_halves_of_the_batch(tmp_path, name):
    for row in range(9):
        pixels = np.random.default_rng(row).integers(0, 256, (6, 7, 3), dtype=np.uint8)
        (tmp_path / str(row % 2)).mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / str(row % 2) / f"{row}.png")
    ran = subprocess.run(
        [sys.executable, "-c", REPLICAS, name.replace("{}", str(tmp_path))],
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.stdout.endswith("equal\n"), ran.stderr


def test_examples_in_memory_are_held_once():
    images = np.arange(5 * 64, dtype=np.uint8).reshape(5, 8, 8, 1)
    reader = readers.Memory(images.copy())
    before = np.concatenate(list(reader.pieces()))
    read = tf.function(reader.read)(tf.constant([3, 0]))  # inside a graph the first time
    np.testing.assert_array_equal(read, images[[3, 0]])
    np.testing.assert_array_equal(reader.read(tf.constant([1])), images[[1]])
    assert np.shares_memory(reader.examples, np.asarray(memoryview(reader.tensor)))
    np.testing.assert_array_equal(np.concatenate(list(reader.pieces())), before)
