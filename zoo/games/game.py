"""The engine: an ordered table of players, each moving in its turn, inside Keras's own training loop."""

import contextlib
from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from zoo import names, noise, replicas
from zoo.games import calls, endpoints, feeding, fitting, logs, saving

SCHEDULES = ("alternating", "simultaneous")


class Player(NamedTuple):
    """A player: the networks that it may change, the loss that it minimises, and how often it moves in a step.

    Attributes:
        networks: Built Keras networks; only their variables change in this player's moves.
        loss: (batch, noise) -> (scalar over the local batch, logs by name). The batch is a dict of
            tensors [B, ...], keyed by `Game.inputs`, fresh for each move.
        updates: Moves in a step, at least 1.
    """

    networks: tuple[keras.Model, ...]
    loss: Callable[[dict[str, tf.Tensor], noise.Noise], tuple[tf.Tensor, dict[str, tf.Tensor]]]
    updates: int = 1


class Game(fitting.Fitted, saving.Saved, calls.Called, keras.Model):
    """A Keras model whose training step lets its players move; subclasses define `players()` and `endpoints()`.

    If a player moves `turns` times in a step and each move shall see B examples, batch the data set
    to `turns * B`; the game splits the batch by stride.

    Attributes:
        inputs: Names of what a batch holds. A data set yields a dict with these names, a tuple in
            this order or, for a game with one input, the tensor alone or (x, y), where y is not used.
            `label` is a batch of classes [B], handed on as int64.

    Args:
        schedule: "alternating": a player sees the others' newest weights. "simultaneous": in each round every player's
            gradient is taken at the same weights, on the same data and draws, before any of them moves.
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

    def players(self) -> dict[str, Player]:
        """Returns all players by name, in the order in which they move."""
        raise NotImplementedError

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        """Returns what the trained game offers, by name."""
        raise NotImplementedError

    def phases(self) -> dict[int, dict[str, Player]]:
        """Returns the players that move from each step on, by the first step of the phase.

        One phase begins at step 0. Every name is one of `players()`, with the same networks.
        """
        return {0: self.players()}

    @property
    def turns(self) -> int:
        """How many times the batch size one step consumes."""
        tables = [self.players(), *self.phases().values()]
        return max(player.updates for players in tables for player in players.values())

    @property
    def optimizers(self) -> dict[str, keras.optimizers.Optimizer]:
        """The optimizers by player."""
        return {name: getattr(self, f"{name}_optimizer") for name in self.players()}

    def compile(
        self,
        optimizers,
        *,
        steps_per_execution: int = 1,
        jit_compile: bool = False,
        run_eagerly: bool = False,
    ) -> None:
        """Gives each player its optimizer.

        Args:
            optimizers: Player's name -> Keras optimizer (or its identifier), one for each player.
            steps_per_execution: Steps in one call of the graph; `steps_per_epoch` must be a multiple of it.
            jit_compile: Compile the step with XLA; no gain on a CPU.
            run_eagerly: Run Python in every step, for debugging.

        Raises:
            ValueError: If a player is missing or unknown, a network is not built, or the precision is float16.
        """
        players = self.players()
        if set(optimizers) != set(players):
            raise ValueError(
                f"`optimizers` needs one entry per player {sorted(players)}. Received: {sorted(optimizers)}"
            )
        super().compile(
            "sgd",
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            run_eagerly=run_eagerly,
        )
        self.optimizer = None  # Keras has room for one; the players' are attributes, so that checkpoints hold them
        for name, player in players.items():
            for network in player.networks:
                if not network.built:
                    raise ValueError(
                        f"Networks must be built before `compile`: give them an input shape. Received: {network.name!r}"
                    )
                if network.compute_dtype == "float16":
                    raise ValueError(
                        "float16 needs loss scaling, which games do not have; use mixed_bfloat16. Received: float16"
                    )
            optimizer = keras.optimizers.get(optimizers[name])
            optimizer.build(_trainable(player))
            setattr(self, f"{name}_optimizer", optimizer)
        phases = self.phases()
        strangers = {name for moving in phases.values() for name in moving} - set(players)
        if 0 not in phases or strangers:
            raise ValueError(
                f"`phases` must begin at step 0 and name only players of {sorted(players)}. "
                f"Received: first steps {sorted(phases)}, other players {sorted(strangers)}"
            )
        self.built = True
        # what `tf.train.Checkpoint(model=game)` sees of the state, in whatever the networks lie
        self.checkpointed = tf.train.Checkpoint(state=[v.value for v in self.state()])

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self.logs]

    def state(self) -> list[keras.Variable]:
        """Returns everything that a continued run needs, in a fixed order and without duplicates."""
        variables = [*self.variables, *self.metrics_variables]
        for name in self.players():
            variables += getattr(self, f"{name}_optimizer").variables
        return list({id(v): v for v in variables}.values())

    @contextlib.contextmanager
    def averaged_weights(self):
        """Puts each optimizer's moving average (`use_ema=True`) in the weights' place, and the weights back at the end."""
        averaged = []
        for name, player in self.players().items():
            optimizer = getattr(self, f"{name}_optimizer", None)
            # before the first move the average is 0
            if optimizer is not None and optimizer.use_ema and int(optimizer.iterations.numpy()):
                averaged.append((optimizer, _trainable(player)))
        weights = [weight for _, weights in averaged for weight in weights]
        before = [weight.numpy() for weight in weights]
        try:
            for optimizer, own in averaged:
                optimizer.finalize_variable_values(own)
            yield
        finally:
            for weight, value in zip(weights, before):
                weight.assign(value)

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
        batch = feeding.batch(data, self.inputs, turns, fixed=replicas.count() > 1)
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
            for turn in rounds:
                results = [
                    self._gradients(name, move, players, feeding.part(batch, move, turns))
                    for name, move in turn
                ]
                for (name, _), (gradients, state, logged) in zip(turn, results):
                    norm = self._move(name, players[name], gradients, state)
                    values |= logged | {f"{name}_gradient_norm": norm}
            self.step.assign(self.step.value + 1)
            self.logs.update_state(values)
        return self.logs.result()

    def _gradients(self, name: str, move: int, players: dict[str, Player], batch):
        """Returns the gradients of one player's loss / replicas, the new state of its networks, and its logs."""
        player, variables = players[name], _trainable(players[name])
        # its place among all players, so that one who leaves does not change the others' draws
        position = 0 if self.schedule == "simultaneous" else list(self.players()).index(name)
        examples = next(iter(batch.values()))
        size = examples.shape[0] or tf.shape(examples)[0]
        draws = noise.Noise(
            seed=self.seed, step=self.step.value, player=position, move=move, batch=size
        )
        # the scope keeps what networks write (moving statistics, power iterations), so that only the mover's is written
        with keras.StatelessScope() as scope, tf.GradientTape() as tape, draws.current():
            loss, logged = player.loss(batch, draws)
            loss = tf.cast(loss, tf.float32) + sum(
                tf.cast(r, tf.float32) for network in player.networks for r in network.losses
            )
            local = loss / replicas.count()  # Keras sums gradients over replicas
        gradients = tape.gradient(local, [v.value for v in variables])
        if any(gradient is None for gradient in gradients):
            idle = [v.path for v, gradient in zip(variables, gradients) if gradient is None]
            raise ValueError(
                f"The loss of player {name!r} must depend on every variable of its networks. Received none of: {idle}"
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
            [(v, value) for v, value in written if value is not None],
            {f"{name}_loss": loss} | logged,
        )

    def _move(self, name: str, player: Player, gradients, state) -> tf.Tensor:
        """Updates one player; returns the norm of the gradient over the global batch."""
        optimizer, count = getattr(self, f"{name}_optimizer"), replicas.count()
        gradients = replicas.total(gradients)
        norm = tf.linalg.global_norm(gradients)
        if (
            count > 1
        ):  # an optimizer would clip each replica's part by itself; clip the whole, whose parts then pass
            gradients = _clipped(gradients, optimizer)
            optimizer.apply([gradient / count for gradient in gradients], _trainable(player))
        else:
            # outside a replica Keras leaves out its sum over replicas: an IdentityN, behind which TensorFlow's optimizer of graphs
            # forgets which reads of a weight come before its write, and now and then a gradient is taken at half-new weights
            tf.distribute.get_replica_context().merge_call(
                lambda _: optimizer.apply(gradients, _trainable(player))
            )
        for variable, value in state:
            variable.assign(value)
        return norm


def _trainable(player: Player) -> list[keras.Variable]:
    return [v for network in player.networks for v in network.trainable_variables]


def _clipped(gradients: list[tf.Tensor], optimizer) -> list[tf.Tensor]:
    """Returns the gradients of the global batch, clipped as the optimizer's settings say."""
    if optimizer.clipnorm:
        return [tf.clip_by_norm(gradient, optimizer.clipnorm) for gradient in gradients]
    if optimizer.global_clipnorm:
        return tf.clip_by_global_norm(gradients, optimizer.global_clipnorm)[0]
    if optimizer.clipvalue:
        limit = optimizer.clipvalue
        return [tf.clip_by_value(gradient, -limit, limit) for gradient in gradients]
    return gradients
