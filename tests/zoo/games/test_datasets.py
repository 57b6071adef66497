"""What Keras's `fit` takes: (x, y), a PyDataset, a generator; and what it says of too few rows."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, priors
from zoo.games import GAN, game

X = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")


class Seen(game.Game):
    """Keeps what its moves see; nothing is learnt."""

    def __init__(self, inputs=("x",), updates=1):
        super().__init__()
        self.inputs, self.updates = inputs, updates
        self.network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        self.seen = []

    def players(self):
        return {"one": game.Player((self.network,), self._loss, self.updates)}

    def _loss(self, batch, noise):
        self.seen.append({name: value.numpy() for name, value in batch.items()})
        return tf.reduce_sum(self.network(tf.ones([1, 1]))), {}


def seen(inputs=("x",), updates=1):
    made = Seen(inputs, updates)
    made.compile("sgd", run_eagerly=True)
    return made


def gan(**options):
    keras.utils.set_random_seed(0)

    def linear(inputs, outputs):
        return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])

    parts = {"generator": linear(3, 2), "critic": linear(2, 1), "prior": priors.normal(3)}
    made = GAN(**parts, loss=losses.non_saturating(), value_range=None, **options)
    made.compile("sgd")
    return made


class Batches(keras.utils.PyDataset):
    """Batches of 8 rows, the last of which may have fewer."""

    def __init__(self, rows=24, labels=False):
        super().__init__()
        self.rows, self.labels, self.ended = rows, labels, 0

    def __len__(self):
        return -(-self.rows // 8)

    def __getitem__(self, index):
        rows = slice(8 * index, min(8 * (index + 1), self.rows))
        return (X[rows], np.arange(24)[rows]) if self.labels else X[rows]

    def on_epoch_end(self):
        self.ended += 1


def test_x_and_y_are_the_two_inputs():
    made = seen(("x", "label"))
    made.fit(X, np.arange(24), batch_size=24, verbose=0)
    np.testing.assert_array_equal(made.seen[0]["x"], X[made.seen[0]["label"]])


def test_y_is_not_used_by_a_game_of_one_input():
    one, two = gan(), gan()
    one.fit(X, np.zeros(24), batch_size=8, verbose=0)
    two.fit(X, batch_size=8, verbose=0)
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("x", [{"x": X}, tf.data.Dataset.from_tensors(X), iter([X])])
def test_y_next_to_what_holds_everything_is_refused(x):
    with pytest.raises(ValueError, match="`y` is given with arrays only"):
        seen().fit(x, np.zeros(24))


def test_arrays_that_are_not_shuffled_keep_their_order():
    made = seen()
    made.fit(X, batch_size=8, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_array_equal(np.concatenate([batch["x"] for batch in made.seen]), [*X, *X])


def test_double_precision_becomes_single_as_in_keras():
    one, two = gan(), gan()
    one.fit(np.float64(X), batch_size=8, verbose=0)
    two.fit(X, batch_size=8, verbose=0)
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_py_dataset_is_gone_through_in_every_epoch():
    made, data = seen(), Batches()
    made.fit(data, epochs=2, verbose=0)
    np.testing.assert_array_equal(np.concatenate([batch["x"] for batch in made.seen]), [*X, *X])
    assert data.ended == 2


def test_a_py_dataset_of_pairs_gives_both_inputs():
    made = seen(("x", "label"))
    made.fit(Batches(labels=True), verbose=0)
    np.testing.assert_array_equal(made.seen[2]["label"], np.arange(16, 24))


@pytest.mark.parametrize(("updates", "moves"), [(1, 3), (2, 4)])
def test_a_smaller_last_batch_is_seen_unless_it_would_have_to_be_divided(updates, moves):
    made = seen(updates=updates)
    made.fit(Batches(rows=19), epochs=1, verbose=0)
    assert len(made.seen) == moves


def test_a_generator_goes_on_from_epoch_to_epoch():
    made = seen()
    generator = (X[i : i + 4] for i in range(0, 24, 4))
    made.fit(generator, epochs=2, steps_per_epoch=3, verbose=0)
    np.testing.assert_array_equal(np.concatenate([batch["x"] for batch in made.seen]), X)


def test_a_generator_works_in_graphs_with_several_moves():
    made = gan(critic_updates=2)
    made.fit((X[i : i + 8] for i in (0, 8, 16)), verbose=0)
    assert int(made.step.numpy()) == 3


@pytest.mark.parametrize(
    "data",
    [iter([]), Batches(rows=0), tf.data.Dataset.from_tensor_slices(X).batch(32, True)],
    ids=["generator", "py_dataset", "remainder"],
)
def test_data_without_a_batch_are_refused(data):
    with pytest.raises(ValueError, match="at least one batch. Received: "):
        gan().fit(data, verbose=0)


def test_fewer_rows_than_the_moves_need_are_about_the_size():
    with pytest.raises(
        ValueError,
        match=r"at least 160 examples \(a batch size of 32, for 5 moves of a player\). With these "
        r"rows `batch_size` is at most 4. Received: {'x': 24}",
    ):
        gan(critic_updates=5).fit(X)


def test_a_batch_that_does_not_split_into_the_moves_is_about_the_size():
    batches = tf.data.Dataset.from_tensor_slices(X).repeat().batch(32, drop_remainder=True)
    with pytest.raises(ValueError, match="multiple of 5, for 5 moves .* use batches of 160") as e:
        gan(critic_updates=5).fit(batches)
    assert "drop_remainder" not in str(e.value)


def test_batches_of_unknown_size_are_refused_with_the_size_that_is_needed():
    batches = tf.data.Dataset.from_tensor_slices(X).batch(10)
    with pytest.raises(ValueError, match=r"use batch\(5 \* B, drop_remainder=True\)"):
        gan(critic_updates=5).fit(batches)


@pytest.mark.parametrize("name", ["class_weight", "sample_weight"])
def test_weights_of_examples_are_refused(name):
    with pytest.raises(ValueError, match="no `class_weight` and no `sample_weight`"):
        gan().fit(X, **{name: {0: 1.0}})
