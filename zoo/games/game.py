"""The engine: an ordered table of players, each moving in its turn, inside Keras's own training loop."""

import contextlib
from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from zoo import names, noise, replicas
from zoo.games import endpoints, execution, reports

SCHEDULES = ("alternating", "simultaneous")


class Player(NamedTuple):
    """A player: the networks that it may change, the loss that it minimises, and how often it moves in a step.

    Attributes:
        networks: Built Keras networks; only their variables change in this player's moves.
        loss: (x, noise) -> (scalar over the local batch, reports by name); x is [B, ...] data, fresh for each move, or (x, labels [B])
            in a game that is `labelled`.
        updates: Moves in a step, at least 1.
    """

    networks: tuple[keras.Model, ...]
    loss: Callable[[tf.Tensor, noise.Noise], tuple[tf.Tensor, dict[str, tf.Tensor]]]
    updates: int = 1


class Game(keras.Model):
    """A Keras model whose training step lets its players move; subclasses define `players()` and `endpoints()`.

    A batch of the data set holds `turns` (the largest number of moves) times the batch size and is split by stride.

    Attributes:
        labelled: Whether batches are pairs (x, labels); what a data set says beside x is passed over where they are not.

    Args:
        schedule: "alternating": a player sees the others' newest weights. "simultaneous": in each round every player's
            gradient is taken at the same weights, on the same data and draws, before any of them moves.
        seed: Of every draw in training, in [0, 2**31).
    """

    labelled = False

    def __init__(self, *, schedule: str = "alternating", seed: int = 0):
        super().__init__()
        if schedule not in SCHEDULES:
            raise ValueError(names.unknown("schedule", schedule, SCHEDULES))
        self.schedule, self.seed = schedule, seed
        self.step = self.add_weight(
            name="step", shape=(), dtype="int64", trainable=False, initializer="zeros"
        )
        self.reports = reports.Reports()

    def players(self) -> dict[str, Player]:
        """Returns the players by name, in the order in which they move."""
        raise NotImplementedError

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        """Returns what the trained game offers, by name."""
        raise NotImplementedError

    def moving(self, first: int) -> dict[str, Player]:
        """Returns those of `players` that move from step `first` on, which is 0 or one of `changes`, as they then are."""
        return self.players()

    @property
    def changes(self) -> tuple[int, ...]:
        """Steps at which `moving` changes, ascending; none unless a game says so."""
        return ()

    @property
    def turns(self) -> int:
        """How many times the batch size one step consumes."""
        return max(player.updates for player in self.players().values())

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
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self.reports]

    def state(self) -> list[keras.Variable]:
        """Returns everything that a continued run needs, in a fixed order and without duplicates."""
        variables = [*self.variables, *self.metrics_variables]
        for name in self.players():
            variables += getattr(self, f"{name}_optimizer").variables
        return list({id(v): v for v in variables}.values())

    @contextlib.contextmanager
    def averaged_weights(self):
        """Puts each optimizer's moving average (`use_ema=True`) in the weights' place, and the weights back at the end."""
        pairs = []
        for name, player in self.players().items():
            optimizer = getattr(self, f"{name}_optimizer", None)
            if (
                optimizer is not None and optimizer.use_ema and int(optimizer.iterations.numpy())
            ):  # before the first move the average is 0
                pairs += zip(_trainable(player), optimizer._model_variables_moving_average)
        before = [weight.numpy() for weight, _ in pairs]
        try:
            for weight, average in pairs:
                weight.assign(average.numpy())
            yield
        finally:
            for (weight, _), value in zip(pairs, before):
                weight.assign(value)

    def fit(
        self,
        x=None,
        *,
        batch_size: int | None = None,
        steps_per_epoch: int | None = None,
        **options,
    ):
        """Trains as `keras.Model.fit` does.

        Args:
            x: An endless or finite `tf.data.Dataset` of batches [turns * B, ...], or an array of examples [N, ...], which is
                shuffled and batched here; with labels where they are needed, (x, labels).
            batch_size: B, for an array; 32 unless given.
            steps_per_epoch: As in Keras; needed, and a multiple of `steps_per_execution`, if that is above 1.
            **options: Keras's: epochs, initial_epoch, callbacks, verbose.
        """
        if not isinstance(x, (tf.data.Dataset, tf.distribute.DistributedDataset)):
            count = len(x[0] if self.labelled else x)
            x = tf.data.Dataset.from_tensor_slices(x).shuffle(count, seed=self.seed)
            x = x.batch((batch_size or 32) * self.turns, drop_remainder=True).prefetch(2)
        several = self.steps_per_execution
        if several > 1 and (steps_per_epoch is None or steps_per_epoch % several):
            raise ValueError(
                f"`steps_per_epoch` must be a multiple of `steps_per_execution`={several}. Received: {steps_per_epoch}"
            )
        return super().fit(x, steps_per_epoch=steps_per_epoch, shuffle=False, **options)

    def make_train_function(self, force: bool = False):
        # Keras's own nests a function that merges replicas in a loop, which fails with several replicas
        if self.train_function is not None and not force:
            return self.train_function
        changes, graphs = self.changes, {}

        def graph(first: int, steps: int) -> Callable:
            strategy = self.distribute_strategy
            options = {
                "jit_compile": self.jit_compile and strategy.num_replicas_in_sync == 1,
                "run_eagerly": self.run_eagerly,
            }
            return execution.graph(
                lambda batch: self._play(batch, first),
                self.reports.result,
                steps,
                strategy,
                **options,
            )

        def train(iterator):  # in pieces where `moving` changes between
            begin = int(self.step.numpy())
            end = begin + self.steps_per_execution
            for until in [*(c for c in changes if begin < c < end), end]:
                key = max((c for c in changes if c <= begin), default=0), until - begin
                graphs[key] = graphs.get(key) or graph(*key)
                told, begin = graphs[key](iterator), until
            return told

        self.train_function = train if changes else graph(0, self.steps_per_execution)
        return self.train_function

    def train_step(self, data) -> dict[str, tf.Tensor]:
        self._play(data)
        return self.reports.result()

    def _play(self, data, first: int = 0) -> None:
        """Makes one step: the moves of those who move from step `first` on, in the order of the schedule."""
        x, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        if self.labelled and labels is None:
            raise ValueError(
                f"{type(self).__name__} needs batches (x, labels). Received: batches without labels"
            )
        players, found, turns = self.moving(first), {}, self.turns
        if (
            x.shape[0] is None
            and (turns > 1 or replicas.count() > 1)
            or (x.shape[0] or turns) % turns
        ):
            raise ValueError(
                f"Batches need a fixed size, a multiple of {turns} (use drop_remainder=True). Received: shape {x.shape}"
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
        with tf.control_dependencies([x]):
            for turn in rounds:
                parts = [
                    (x[move::turns], labels[move::turns]) if self.labelled else x[move::turns]
                    for _, move in turn
                ]
                found_gradients = [
                    self._gradients(name, move, players, part)
                    for (name, move), part in zip(turn, parts)
                ]
                for (name, _), (gradients, state, told) in zip(turn, found_gradients):
                    found |= told | {
                        f"{name}_gradient_norm": self._move(name, players[name], gradients, state)
                    }
            self.step.assign(self.step.value + 1)
            self.reports.update_state(found)

    def _gradients(self, name: str, move: int, players: dict[str, Player], x):
        """Returns the gradients of one player's loss / replicas, the new state of its networks, and its reports."""
        player, variables = players[name], _trainable(players[name])
        position = 0 if self.schedule == "simultaneous" else list(players).index(name)
        examples = x[0] if self.labelled else x
        batch = examples.shape[0] or tf.shape(examples)[0]
        draws = noise.Noise(
            seed=self.seed, step=self.step.value, player=position, move=move, batch=batch
        )
        # the scope keeps what networks write (moving statistics, power iterations), so that only the mover's is written
        with keras.StatelessScope() as scope, tf.GradientTape() as tape, draws.current():
            loss, told = player.loss(x, draws)
            loss = tf.cast(loss, tf.float32) + sum(
                tf.cast(r, tf.float32) for network in player.networks for r in network.losses
            )
            local = loss / replicas.count()  # Keras sums gradients over replicas
        gradients = tape.gradient(local, [v.value for v in variables])
        if None in gradients:
            idle = [v.path for v, gradient in zip(variables, gradients) if gradient is None]
            raise ValueError(
                f"The loss of player {name!r} must depend on every variable of its networks. Received none of: {idle}"
            )
        written = [
            (v, scope.get_current_value(v))
            for network in player.networks
            for v in network.non_trainable_variables
        ]
        return (
            gradients,
            [(v, value) for v, value in written if value is not None],
            {f"{name}_loss": loss} | told,
        )

    def _move(self, name: str, player: Player, gradients, state) -> tf.Tensor:
        """Updates one player; returns the norm of the gradient over the global batch."""
        optimizer, count = getattr(self, f"{name}_optimizer"), replicas.count()
        gradients = replicas.total(gradients)
        norm = tf.linalg.global_norm(gradients)
        if (
            count > 1
        ):  # an optimizer would clip each replica's part by itself; clip the whole, whose parts then pass
            gradients = optimizer._clip_gradients(gradients)
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
