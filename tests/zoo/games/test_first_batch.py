"""The first batch of a training: what is refused, what is warned of, and that none is lost."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, priors
from zoo.games import GAN, CycleGAN, Supervised, endpoints, game

RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.integers(0, 256, (8, 4), dtype=np.uint8)
UNIT = RANDOM.uniform(size=(8, 4)).astype("float32")
SIGNED = 2.0 * UNIT - 1.0
CLASSES = np.arange(8) % 3


class Plain(game.Game):
    """A player with one weight, who remembers what it was shown."""

    def __init__(self, value_range=(-1.0, 1.0), inputs=("x",), updates=1, **options):
        super().__init__()
        self.value_range, self.inputs, self.updates = value_range, inputs, updates
        self.seen, self.traces = [], []
        one = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
        self.network = keras.Sequential([keras.Input((1,)), one])
        self.compile({"one": keras.optimizers.SGD(1.0)}, **{"run_eagerly": True} | options)

    def players(self):
        return {"one": game.Player((self.network,), self._loss, self.updates)}

    def endpoints(self):
        bounds = {name: self.value_range for name in self.inputs} | {"label": (0, 2)}
        return {"look": endpoints.Endpoint(None, {}, {}, None, bounds)}

    def _loss(self, batch, noise):
        self.traces.append(batch)
        tf.numpy_function(lambda x: self.seen.append(x.copy()), [batch[self.inputs[0]]], [])
        return tf.reduce_mean(self.network(tf.ones([1, 1]))), {}


def refuses(made, data, message):
    """Whether `fit` refuses the data before any step."""
    before = made.get_weights()
    with pytest.raises(ValueError, match=message):
        made.fit(data, batch_size=8, verbose=0)
    for old, new in zip(before, made.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


FORMS = {
    "array": lambda x: x,
    "tensors": lambda x: tf.data.Dataset.from_tensor_slices(x).batch(8),
    "pair": lambda x: tf.data.Dataset.from_tensor_slices((x, CLASSES)).batch(8),
    "dict": lambda x: tf.data.Dataset.from_tensor_slices({"x": x}).batch(8).repeat(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    ("value_range", "x", "message"),
    [
        (
            (-1.0, 1.0),
            PIXELS,
            r"`x` must be in \[-1, 1\].*by `x / 127.5 - 1`. Received: uint8 values from ",
        ),
        ((0.0, 1.0), PIXELS.astype("float32"), r"in \[0, 1\].*by `x / 255`. Received: float32"),
        (None, np.where(UNIT > 0.9, np.nan, UNIT), "`x` must be finite. Received: . values"),
    ],
    ids=["pixels", "floats", "nan"],
)
def test_values_that_do_not_fit_are_refused_before_any_step(form, value_range, x, message):
    refuses(Plain(value_range), form(x), message)


@pytest.mark.parametrize(
    ("value_range", "x", "message"),
    [
        ((0.0, 1.0), SIGNED, "Scale the data, or build the game for the range that the data have"),
        ((-1.0, 1.0), PIXELS.astype(np.uint16) * 200, "16 bits are scaled by `x / 32767.5 - 1`"),
        ((2.0, 4.0), PIXELS, r"`x / 127.5 \+ 2`"),
        ((-1.0, 1.0), np.full((8, 4), np.inf), "finite. Received: 32 values .* of 32 in the first"),
        ((-1.0, 1.0), SIGNED * 1.01, r"from -1.00\d* to"),
    ],
    ids=["signed", "16 bits", "shifted", "infinite", "slightly out"],
)
def test_a_message_says_the_rule_and_the_remedy(value_range, x, message):
    refuses(Plain(value_range), x, message)


@pytest.mark.parametrize(
    ("value_range", "x"),
    [
        ((-1.0, 1.0), SIGNED),
        ((-1.0, 1.0), tf.constant(SIGNED, tf.bfloat16)),
        ((-1.0, 1.0), SIGNED / np.abs(SIGNED).max() * 1.0005),
        ((0.0, 1.0), UNIT),
        ((0.0, 1.0), UNIT.round().astype(np.uint8)),
        (None, PIXELS),
        (None, 1e6 * SIGNED),
    ],
    ids=["signed", "bfloat16", "rounded", "unit", "bits", "integers", "toy"],
)
def test_values_in_the_range_pass_without_a_word(value_range, x):
    made = Plain(value_range)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        made.fit(x, batch_size=4, verbose=0)
    assert int(made.step) == 2


def test_data_that_use_half_of_the_range_are_warned_of_and_trained_on():
    made = Plain()
    with pytest.warns(UserWarning, match=r"no value below 0.*`x \* 2 - 1`, or build the game for"):
        made.fit(UNIT, batch_size=4, verbose=0)
    assert int(made.step) == 2


@pytest.mark.parametrize("labels", [CLASSES + 1, CLASSES - 1], ids=["from 1", "from -1"])
def test_labels_that_are_no_classes_are_refused(labels):
    message = r"Labels must be integers in \[0, 3\). Received: int64 values from"
    refuses(Plain(inputs=("x", "label")), (SIGNED, labels), message)


def test_labels_are_integers_and_unlike_examples_may_be_any_class():
    made = Plain(inputs=("x", "label"))
    made.fit((SIGNED, CLASSES), batch_size=8, verbose=0)
    assert int(made.step) == 1


@pytest.mark.parametrize("steps_per_execution", [1, 3, 6])
@pytest.mark.parametrize("eager", [True, False])
def test_no_batch_is_lost_or_read_twice(steps_per_execution, eager):
    read = []

    def batches():
        for number in range(6):
            read.append(number)
            yield np.full([2, 4], number / 10.0 - 0.2, np.float32)

    spec = tf.TensorSpec([None, 4])
    made = Plain(run_eagerly=eager, steps_per_execution=steps_per_execution)
    data = tf.data.Dataset.from_generator(batches, output_signature=spec)
    made.fit(data, steps_per_epoch=6, verbose=0)
    expected = np.arange(6) / 10.0 - 0.2
    np.testing.assert_allclose([x[0, 0] for x in made.seen], expected, rtol=1e-6)
    assert read == list(range(6))
    assert eager or len(made.traces) == 1  # the graph is made once


def test_the_order_of_a_shuffled_data_set_stays():
    def shuffled():
        data = tf.data.Dataset.from_tensor_slices(SIGNED)
        return data.shuffle(8, seed=1, reshuffle_each_iteration=True).batch(2)

    looked_at, not_looked_at = Plain(), Plain()
    not_looked_at.steps_as_the_engine = lambda: False
    for made in (looked_at, not_looked_at):
        made.fit(shuffled(), epochs=2, verbose=0)
    np.testing.assert_array_equal(np.stack(looked_at.seen), np.stack(not_looked_at.seen))


@pytest.mark.parametrize("steps_per_execution", [1, 4])
def test_data_that_end_early_are_no_step(steps_per_execution):
    made = Plain(steps_per_execution=steps_per_execution)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's, of the end
        data = tf.data.Dataset.from_tensor_slices(SIGNED).batch(4)
        made.fit(data, steps_per_epoch=4, verbose=0)
    assert int(made.step) == len(made.seen) == 2


def test_later_batches_are_not_looked_at_and_the_next_training_is():
    data = np.stack([SIGNED, PIXELS])
    made = Plain()
    made.fit(tf.data.Dataset.from_tensor_slices(data), verbose=0)
    assert int(made.step) == 2
    refuses(made, PIXELS, "must be in")


def test_every_move_of_the_first_step_is_looked_at():
    data = SIGNED.copy()
    data[1::2] = np.nan  # what the second move sees
    refuses(Plain(updates=2), tf.data.Dataset.from_tensors(data), "Received: 16 values")


def test_a_train_step_of_a_subclass_gets_its_data_unseen():
    class Scaling(Plain):
        def train_step(self, data):
            return super().train_step(tf.cast(data["x"], tf.float32) / 127.5 - 1.0)

    made = Scaling()
    made.fit(PIXELS, batch_size=8, verbose=0)
    assert np.abs(made.seen[0]).max() <= 1.0


def linear(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])


def of_class(inputs, outputs, classes):
    x, label = keras.Input((inputs,)), keras.Input((), dtype="int64")
    named = keras.layers.Embedding(classes, 2)(label)
    return keras.Model(
        [x, label], keras.layers.Dense(outputs)(keras.layers.Concatenate()([x, named]))
    )


def gan(value_range):
    networks = {"generator": linear(3, 4), "critic": linear(4, 1)}
    prior = priors.normal(3)
    return GAN(**networks, prior=prior, loss=losses.hinge(), value_range=value_range)


def conditional():
    networks = {"generator": of_class(2, 4, 3), "critic": of_class(4, 1, 3)}
    return GAN(**networks, prior=priors.normal(2), loss=losses.hinge(), classes=3)


def cycle_gan():
    networks = {name: linear(4, 4) for name in ("a_to_b", "b_to_a")}
    networks |= {name: linear(4, 1) for name in ("critic_a", "critic_b")}
    return CycleGAN(**networks, loss=losses.least_squares(), value_range=(0.0, 1.0))


def supervised():
    x = keras.Input((4,))
    hidden = keras.layers.Dense(3, name="features")(x)
    classifier = keras.Model(x, keras.layers.Dense(3)(hidden))
    return Supervised(classifier=classifier, value_range=(0.0, 1.0))


RANGES = {
    "gan": (lambda: gan((-1.0, 1.0)), {"x": (-1.0, 1.0)}),
    "toy": (lambda: gan(None), {"x": None}),
    "conditional": (conditional, {"x": (-1.0, 1.0), "label": (0, 2)}),
    "cycle_gan": (cycle_gan, {"a": (0.0, 1.0), "b": (0.0, 1.0)}),
    "supervised": (supervised, {"x": (0.0, 1.0), "label": (0, 2)}),
}


@pytest.mark.parametrize(("make", "expected"), RANGES.values(), ids=RANGES)
def test_games_say_the_range_of_each_input(make, expected):
    assert make().input_ranges() == expected


def test_a_game_without_endpoints_has_no_ranges():
    class Bare(Plain):
        def endpoints(self):
            return game.Game.endpoints(self)

    made = Bare()
    assert made.input_ranges() == {}
    made.fit(PIXELS, batch_size=8, verbose=0)


@pytest.mark.parametrize(
    ("make", "data", "message"),
    [
        (lambda: gan((-1.0, 1.0)), PIXELS, "`x` must be in"),
        (conditional, (SIGNED, CLASSES + 1), "Labels must be"),
        (cycle_gan, {"a": UNIT, "b": SIGNED}, "`b` must be in"),
        (supervised, (UNIT, CLASSES + 1), "Labels must be"),
    ],
    ids=["gan", "conditional", "cycle_gan", "supervised"],
)
def test_games_refuse_data_of_another_range(make, data, message):
    made = make()
    made.compile(dict.fromkeys(made.players(), "sgd"))
    refuses(made, data, message)
