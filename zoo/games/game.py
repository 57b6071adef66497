"""The engine: an ordered table of players, who move in turn inside Keras's training loop."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from zoo import names, noise, replicas
from zoo.games import (
    calls,
    compiling,
    endpoints,
    evaluating,
    feeding,
    fitting,
    logs,
    micro_batches,
    phases,
    reading,
    saving,
    scaling,
    summing,
)

SCHEDULES = ("alternating", "simultaneous")


class Player(NamedTuple):
    """The networks that a player may change, the loss that it minimises, and its moves in a step.

    Attributes:
        networks: Built Keras networks; only their variables change in this player's moves.
        loss: (batch, noise) -> (scalar over the local batch, logs by name). The batch is a dict of
            tensors [B, ...], keyed by `Game.inputs`, fresh for each move.
        updates: Moves in a step, at least 1.
    """

    networks: tuple[keras.Model, ...]
    loss: Callable[[dict[str, tf.Tensor], noise.Noise], tuple[tf.Tensor, dict[str, tf.Tensor]]]
    updates: int = 1

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """The variables that the player may change."""
        return [v for network in self.networks for v in network.trainable_variables]


class Game(
    compiling.Compiled,
    fitting.Fitted,
    evaluating.Evaluated,
    phases.Phased,
    saving.Saved,
    calls.Called,
    keras.Model,
):
    """A Keras model whose training step lets its players move.

    A subclass defines `players()` and `endpoints()`, and `phases()` if its players change. If a
    player moves `turns` times in a step and each move shall see B examples, batch the data set to
    `turns * B`; the game splits the batch by stride.

    Attributes:
        inputs: Names of what a batch holds. A data set yields a dict with these names, or a tuple
            in this order; for a game with one input also the tensor alone, or (x, y), whose y is
            not used. `label` is a batch of classes [B], passed on as int64.

    Args:
        schedule: "alternating": a player sees the others' newest weights. "simultaneous": in each
            round every player's gradient is taken at the same weights, on the same data and draws,
            before any of them moves. A pass that two players make is drawn once for both if both
            make it in the same `noise.section`.
        seed: Seed of every random draw in training, in [0, 2**31).
    """

    inputs = ("x",)

    def __init__(self, *, schedule: str = "alternating", seed: int = 0):
        super().__init__()
        if schedule not in SCHEDULES:
            raise ValueError(names.unknown("schedule", schedule, SCHEDULES))
        self.schedule, self.seed = schedule, seed
        self.step = self.add_weight(
            name="step", shape=(), dtype="int64", trainable=False, initializer="zeros"
        )
        self.logs = logs.Logs()
        self._phase = None  # first step of the phase in which `fit` makes a step
        self.built = True  # as its networks are

    def players(self) -> dict[str, Player]:
        """Returns all players by name, in the order in which they move."""
        raise NotImplementedError

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        """Returns what the trained game offers, by name."""
        raise NotImplementedError

    def references(self) -> dict[str, float]:
        """Returns the values of logs at which something is known, by the names of the logs.

        They are drawn as lines into the curves of a run: a critic's loss where it cannot tell
        generated from real data, for example. None unless a game has some.
        """
        return {}

    def phases(self) -> dict[int, dict[str, Player]]:
        """Returns the players that move from each step on, by the first step of the phase.

        One phase begins at step 0. Every name is one of `players()`, with the same networks.
        """
        return {0: self.players()}

    def steps_as_the_engine(self) -> bool:
        """Returns whether `train_step` is the engine's, not one of a subclass."""
        return getattr(self.train_step, "__func__", None) is Game.train_step

    @property
    def turns(self) -> int:
        """How many times the batch size one step consumes."""
        tables = [self.players(), *self.phases().values()]
        return max(player.updates for players in tables for player in players.values())

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self.logs]

    def train_step(self, data) -> dict[str, tf.Tensor]:
        """Makes one step: the moves of the players of this phase, in the order of the schedule.

        Args:
            data: A batch, as a data set yields it; see `inputs`.

        Returns:
            The means of the logs since the epoch began, by name.

        Raises:
            ValueError: If the batch is not what `inputs` says, or does not split into the moves.
        """
        players, values, turns = self.moving(), {}, self.turns
        batch = feeding.batch(
            data, self.inputs, turns, fixed=replicas.count() > 1 or self.accumulate > 1
        )
        rounds = [
            [(name, move)] for name, player in players.items() for move in range(player.updates)
        ]
        if self.schedule == "simultaneous":
            rounds = [
                [(name, move) for name, player in players.items() if move < player.updates]
                for move in range(turns)
            ]
        # after the data: where it has ended, a step that is not made counts nowhere
        with tf.control_dependencies(list(batch.values())):
            step = tf.convert_to_tensor(self.step.value)
            for turn in rounds:
                read = reading.once([players[name] for name, _ in turn])
                results = [
                    self._gradients(n, m, players, feeding.part(batch, m, turns), step, read)
                    for n, m in turn
                ]
                for (name, _), (gradients, state, logged) in zip(turn, results):
                    norm = self._move(name, players[name], gradients, state)
                    values |= logged | {f"{name}_gradient_norm": norm}
            self.step.assign(step + 1)
            self.logs.update_state(values)
        return self.logs.result()

    def draws(
        self, name: str, batch: dict[str, tf.Tensor], step, move: int, part: int = 0, parts: int = 1
    ) -> noise.Noise:
        """Returns the random numbers of a player's move, for one of the parts of its batch."""
        # its place among all players, so that one who leaves does not change the others' draws
        position = 0 if self.schedule == "simultaneous" else list(self.players()).index(name)
        examples = next(iter(batch.values()))
        size = examples.shape[0] or tf.shape(examples)[0]
        keys = {"seed": self.seed, "step": step, "player": position, "move": move}
        return noise.Noise(**keys, batch=size, part=part, parts=parts)

    def gradients(self, name: str, batch: dict[str, tf.Tensor]) -> list[tf.Tensor]:
        """Returns the gradients of a player's first move on its examples; nothing is written."""
        return self._gradients(name, 0, next(iter(self.phases().values())), batch)[0]

    def _gradients(self, name: str, move: int, players: dict, batch, step=None, read=()):
        """Returns a player's gradients / replicas, the new state of its networks, and its logs.

        `step` and `read`, (variable, value) of networks, are what the players of a round share.
        """
        step = self.step.value if step is None else step

        def compute(part, rows, state):
            draws = self.draws(name, rows, step, move, part, self.accumulate)
            one = functools.partial(self._computed, name, players[name], draws)
            # in the eager mode there is nothing around it that could keep what is compiled
            xla = self.jit_compile and tf.inside_function()
            return compiling.by_xla(one, rows, state) if xla else one(rows, state, read)

        return micro_batches.mean(batch, self.accumulate, compute)

    def _computed(self, name: str, player: Player, draws: noise.Noise, batch, state, read=()):
        """Returns what `_gradients` does, of one micro-batch; nothing is written.

        `state` holds (variable, value) of what networks wrote in the micro-batch before.
        """
        variables = player.trainable_variables
        values = {id(v): value for v, value in read}
        weights = [values.get(id(v), v.value) for v in variables]
        # the scope keeps what networks write (moving statistics, power iterations): of it only the
        # mover's is written; Keras takes the weights that it regularises from the scope too
        with tf.GradientTape() as tape, draws.current():
            tape.watch(weights)
            regularised = [(v, v.value) for v in variables if v.regularizer is not None]
            with keras.StatelessScope([*regularised, *read, *state], collect_losses=True) as scope:
                loss, logged = player.loss(batch, draws)
                own = [tf.cast(r, tf.float32) for n in player.networks for r in n.losses]
            loss = tf.cast(loss, tf.float32) + sum(own)
            local = loss / replicas.count()  # gradients are summed over replicas
            # a game that is not compiled has gradients too
            factor = scaling.scale(getattr(self, f"{name}_optimizer", None))
            local = local if factor is None else local * factor
        gradients = tape.gradient(local, weights)
        if any(gradient is None for gradient in gradients):
            idle = [v.path for v, gradient in zip(variables, gradients) if gradient is None]
            raise ValueError(
                f"The loss of player {name!r} must depend on every variable of its networks. "
                f"Received none of: {idle}"
            )
        # an embedding's gradient is sparse, which sums over replicas and clipping do not take
        gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
        written = [
            (v, scope.get_current_value(v))
            for network in player.networks
            for v in network.non_trainable_variables
        ]
        return (
            gradients,
            [(v, new) for v, new in written if new is not None and new is not values.get(id(v))],
            {f"{name}_loss": loss} | logged,
        )

    def _move(self, name: str, player: Player, gradients, state) -> tf.Tensor:
        """Updates one player; returns the norm of the gradient over the global batch."""
        optimizer, gradients = getattr(self, f"{name}_optimizer"), replicas.total(gradients)
        factor, norm = scaling.scale(optimizer), tf.linalg.global_norm(gradients)
        with summing.already(optimizer):
            optimizer.apply(gradients, player.trainable_variables)
        norm, state = scaling.after(norm, state, factor)
        for variable, value in state:
            variable.assign(value)
        return norm
