"""Players who change during training: who moves when, with which draws, and who calls the step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.games import game

DATA = tf.data.Dataset.from_tensors(tf.zeros([4, 1])).repeat()


class Relay(game.Game):
    """Three players with one weight each; the first leaves at step 3, the last comes at step 5."""

    def __init__(self, starts=None, **options):
        super().__init__(**options)
        self.networks = {}
        self.starts = starts or {0: ("a", "b"), 3: ("b",), 5: ("b", "c")}
        for name in "abc":
            layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
            setattr(self, name, keras.Sequential([keras.Input((1,)), layer]))

    def players(self):
        return {name: game.Player((getattr(self, name),), self._loss(name)) for name in "abc"}

    def phases(self):
        players = self.players()
        return {
            first: {name: players.get(name, players["a"]) for name in moving}
            for first, moving in self.starts.items()
        }

    def endpoints(self):
        return {}

    def _loss(self, name):
        def loss(batch, noise):
            draw = tf.reduce_mean(noise.normal((1,)))
            network = getattr(self, name)
            return tf.reduce_mean(network(tf.ones([1, 1]))), {f"{name}_draw": draw}

        return loss


def made(*, steps_per_execution=1, run_eagerly=False, **options):
    relay = Relay(**options)
    relay.compile(
        {name: keras.optimizers.SGD(1.0) for name in "abc"},
        steps_per_execution=steps_per_execution,
        run_eagerly=run_eagerly,
    )
    return relay


def moves(relay):
    return [1.0 - float(getattr(relay, name).get_weights()[0][0, 0]) for name in "abc"]


@pytest.mark.parametrize("options", [{}, {"steps_per_execution": 4}, {"run_eagerly": True}])
def test_each_phase_moves_its_own_players(options):
    relay = made(**options)
    relay.fit(DATA, steps_per_epoch=8, verbose=0)
    assert moves(relay) == [3.0, 8.0, 3.0]


def test_an_epoch_logs_the_last_phase_and_each_mean_is_over_its_own_steps():
    relay = made()
    history = relay.fit(DATA, steps_per_epoch=8, verbose=0).history
    assert {name[0] for name in history} == {"b", "c"}
    # The loss is the weight. It is 1, 0, -1 and so on for the player who moves in every step, and
    # 1, 0, -1 for the last player.
    np.testing.assert_allclose(history["b_loss"], np.mean(1.0 - np.arange(8)), rtol=1e-6)
    np.testing.assert_allclose(history["c_loss"], 0.0, atol=1e-6)


@pytest.mark.parametrize("steps_per_execution", [1, 2])
def test_logs_are_means_over_the_steps_of_their_epoch(steps_per_execution):
    class Kept(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.losses = []

        def on_train_batch_end(self, batch, logs=None):
            self.losses.append(float(logs["b_loss"]))

    relay, kept = made(starts={0: ("b",)}, steps_per_execution=steps_per_execution), Kept()
    options = {"steps_per_epoch": 4, "epochs": 2, "verbose": 0, "callbacks": [kept]}
    history = relay.fit(DATA, **options).history
    # the loss is the weight: 1, 0, -1 and -2, then -3 to -6
    np.testing.assert_allclose(history["b_loss"], [-0.5, -4.5], rtol=1e-6)
    running = [1.0, 0.5, 0.0, -0.5, -3.0, -3.5, -4.0, -4.5]
    expected = running[steps_per_execution - 1 :: steps_per_execution]
    np.testing.assert_allclose(kept.losses, expected, rtol=1e-6, atol=1e-6)


def test_a_player_who_leaves_does_not_change_the_draws_of_another():
    both, alone = made(starts={0: ("a", "b")}), made(starts={0: ("b",)})
    draws = [g.fit(DATA, steps_per_epoch=1, verbose=0).history["b_draw"] for g in (both, alone)]
    assert draws[0] == draws[1]


def test_a_step_by_hand_is_that_of_its_phase():
    relay = made()
    for _ in range(8):
        relay.train_step(tf.zeros([4, 1]))
    assert moves(relay) == [3.0, 8.0, 3.0]


def test_a_graph_of_one_step_is_refused_where_players_change():
    relay = made()
    with pytest.raises(ValueError, match="use `fit`. Received: phases from the steps .0, 3, 5."):
        tf.function(relay.train_step)(tf.zeros([4, 1]))


@pytest.mark.parametrize(
    ("starts", "message"),
    [
        ({1: ("a",)}, r"must begin at step 0 .*Received: first steps \[1\]"),
        ({0: ("a",), 2: ("d",)}, r"only players of \['a', 'b', 'c'\].*other players \['d'\]"),
    ],
)
def test_a_wrong_table_of_phases_is_refused(starts, message):
    with pytest.raises(ValueError, match=message):
        made(starts=starts)


@pytest.mark.parametrize("steps_per_execution", [1, 4])
def test_fit_calls_the_train_step_of_a_subclass_and_shows_its_logs(steps_per_execution):
    class Counted(Relay):
        def train_step(self, data):
            values = super().train_step(data)
            self.calls.assign_add(1.0)
            return values | {"calls": self.calls.value}

    relay = Counted()
    relay.calls = relay.add_weight(name="calls", initializer="zeros", trainable=False)
    relay.compile({n: "sgd" for n in "abc"}, steps_per_execution=steps_per_execution)
    assert relay.fit(DATA, steps_per_epoch=8, verbose=0).history["calls"] == [8.0]
