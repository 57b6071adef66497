"""What a game is fed: batches by name in every form, and arrays in an order that continues."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.games import feeding, game

ROWS = np.arange(10, dtype=np.float32)


class Pair(game.Game):
    """A player with one weight, who is shown two inputs and remembers them."""

    def __init__(self, inputs=("x", "label"), updates=1, **options):
        super().__init__(**options)
        self.inputs, self.updates, self.seen = inputs, updates, []
        self.network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])

    def players(self):
        return {"one": game.Player((self.network,), self._loss, self.updates)}

    def endpoints(self):
        return {}

    def _loss(self, batch, noise):
        self.seen.append({name: value.numpy() for name, value in batch.items()})
        return tf.reduce_mean(self.network(tf.ones([2, 1]))), {}


def made(*args, **options):
    made = Pair(*args, **options)
    made.compile({"one": "sgd"}, run_eagerly=True)
    return made


@pytest.mark.parametrize("form", ["tuple", "dict"])
@pytest.mark.parametrize("source", ["arrays", "data set"])
def test_every_form_of_two_inputs_reaches_the_loss_by_name(form, source):
    data = (ROWS, ROWS.astype(np.int32) * 3)
    data = data if form == "tuple" else dict(zip(("label", "x"), data[::-1]))
    pair = made()
    if source == "data set":
        data = tf.data.Dataset.from_tensor_slices(data).batch(10)
    pair.fit(data, batch_size=10, verbose=0)
    assert pair.seen[0]["label"].dtype == np.int64
    np.testing.assert_array_equal(pair.seen[0]["label"], pair.seen[0]["x"] * 3)
    np.testing.assert_array_equal(np.sort(pair.seen[0]["x"]), ROWS)


@pytest.mark.parametrize("form", [lambda x: x, lambda x: (x, -x), lambda x: {"x": x}])
def test_a_game_with_one_input_takes_it_alone_or_with_what_it_does_not_use(form):
    single = made(("x",))
    single.train_step(form(tf.constant(ROWS)))
    assert list(single.seen[0]) == ["x"]
    np.testing.assert_array_equal(single.seen[0]["x"], ROWS)


def test_every_input_is_split_by_the_moves():
    pair = made(updates=2)
    pair.train_step((tf.constant(ROWS), tf.range(10)))
    for move, seen in enumerate(pair.seen):
        np.testing.assert_array_equal(seen["x"], ROWS[move::2])
        np.testing.assert_array_equal(seen["label"], np.arange(10)[move::2])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (ROWS, "needs x and label: a dict .* or a tuple in this order. Received: one ndarray"),
        ((ROWS,), "Received: a tuple of 1"),
        ((ROWS, ROWS, ROWS), "Received: a tuple of 3"),
        ({"x": ROWS}, r"Received: a dict with \['x'\]"),
        ((ROWS, ROWS[:4]), "same number of rows, at least 5.*Received: {'x': 10, 'label': 4}"),
    ],
)
def test_arrays_of_another_form_are_refused(data, message):
    with pytest.raises(ValueError, match=message):
        made().fit(data, batch_size=5, verbose=0)


def test_fewer_rows_than_a_batch_are_refused():
    with pytest.raises(ValueError, match="at least 22 .*Received: {'x': 10}"):
        made(("x",), updates=2).fit(ROWS, batch_size=11)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((ROWS, ROWS), "Labels must be integers"),
        ((ROWS, np.zeros((10, 1), np.int64)), "Labels must be integers"),
        ((ROWS, np.arange(4)), "same number of rows throughout"),
    ],
)
def test_batches_that_do_not_fit_are_refused(data, message):
    with pytest.raises(ValueError, match=message):
        made().train_step(tf.nest.map_structure(tf.constant, data))


def rows(start, num, seed=0):
    batches, per_epoch = feeding.of_arrays(ROWS, ("x",), size=3, seed=seed, start=lambda: start)
    assert per_epoch == 3
    return np.stack([batch["x"] for batch in batches.take(num).as_numpy_iterator()])


def test_the_order_of_arrays_is_a_function_of_seed_and_step():
    whole = rows(0, 9)
    for start in range(8):
        np.testing.assert_array_equal(rows(start, 9 - start), whole[start:])
    assert not np.array_equal(rows(0, 9, seed=1), whole)


def test_the_step_of_arrays_is_asked_with_the_first_batch_and_not_before():
    # a callback may restore it between the two
    step = [0]
    batches, _ = feeding.of_arrays(ROWS, ("x",), size=3, seed=0, start=lambda: step[0])
    iterator = iter(batches)
    step[0] = 4
    np.testing.assert_array_equal(next(iterator)["x"], rows(4, 1)[0])


def test_an_epoch_of_arrays_repeats_no_row_and_the_next_has_another_order():
    epochs = rows(0, 9).reshape(3, 9)
    for epoch in epochs:
        assert len(set(epoch)) == 9
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_fit_on_an_array_continues_the_order_where_it_stopped():
    whole, parted = made(("x",)), made(("x",))
    whole.fit(ROWS, batch_size=3, epochs=4, verbose=0)
    for _ in range(4):
        parted.fit(ROWS, batch_size=3, verbose=0)
    for one, other in zip(whole.seen, parted.seen, strict=True):
        np.testing.assert_array_equal(one["x"], other["x"])


def test_the_order_of_earlier_runs_stays():
    """Rows that were shuffled before the algorithm had a name; another one orders them anew."""
    data, _ = feeding.of_arrays(np.arange(12), ("x",), size=4, seed=3, start=lambda: 0)
    rows = [batch["x"].numpy().tolist() for batch in data.take(3)]
    assert rows == [[0, 9, 4, 8], [11, 7, 1, 2], [10, 3, 6, 5]]
