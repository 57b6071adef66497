"""How a game gets its optimizers: Keras's `compile`, with one optimizer for each player."""

from collections.abc import Callable, Mapping

import keras
import tensorflow as tf

from zoo import replicas
from zoo.games import scaling, scheduling


class Compiled:
    """The part of a game that holds its players' optimizers.

    Attributes:
        optimizer: What Keras's callbacks take for the optimizer of the model: those of all players,
            see `scheduling.EveryOptimizer`. None before `compile`.
    """

    accumulate = 1  # micro-batches of a move

    @property
    def optimizers(self) -> dict[str, keras.optimizers.Optimizer]:
        """The optimizers by player."""
        return {name: getattr(self, f"{name}_optimizer") for name in self.players()}

    def compile(
        self,
        optimizer,
        loss=None,
        metrics=None,
        *,
        steps_per_execution: int | str = 1,
        jit_compile: bool | str = False,
        run_eagerly: bool = False,
        accumulate: int = 1,
    ) -> None:
        """Gives each player its optimizer.

        Args:
            optimizer: Player's name -> Keras optimizer (or its identifier), one for each player; or
                one for all of them. If it is one object for several players, each of them gets a
                new one with the same settings. A player whose networks compute in float16 scales
                its loss, by Keras's `LossScaleOptimizer`.
            loss: None, since each player has a loss of its own.
            metrics: None, since the players' losses say what is logged.
            steps_per_execution: Number of steps in one call of the graph; `steps_per_epoch` must be
                a multiple of it. "auto" lets `fit` choose: see there.
            jit_compile: Whether to compile the gradient of each move with XLA, which is no gain on
                a CPU. Draws stay as they are. "auto" is False.
            run_eagerly: Whether to run Python in every step, for debugging.
            accumulate: Number of micro-batches into which the examples of each move are divided,
                for a batch that does not fit into memory. The gradient is the mean of theirs. It is
                that of the whole batch, unless a network or a loss takes statistics of a batch,
                which are then those of a micro-batch.

        Raises:
            ValueError: If a player is missing or unknown, `loss` or `metrics` is given, a network
                is not built, the phases do not begin at step 0, or `accumulate` is below 1.
        """
        for name, value in {"loss": loss, "metrics": metrics}.items():
            if value is not None:
                raise ValueError(
                    f"`compile` of a game takes no `{name}`, since each player has a loss of its "
                    "own: give `loss` where the game is made, and read the logs of `fit`. "
                    f"Received: {name}={value!r}"
                )
        if accumulate < 1:
            raise ValueError(f"`accumulate` must be at least 1. Received: {accumulate}")
        self.accumulate = accumulate
        players = self.players()
        optimizers = _by_player(optimizer, players)
        self.automatic_steps = steps_per_execution == "auto"
        super().compile(
            "sgd",
            steps_per_execution=1 if self.automatic_steps else steps_per_execution,
            jit_compile=jit_compile is True,
            run_eagerly=run_eagerly,
        )
        for name, player in players.items():
            for network in player.networks:
                if not network.built:
                    raise ValueError(
                        "Networks must be built, with an input shape. "
                        f"Received: {network.name!r}, built={network.built}"
                    )
            optimizers[name] = scaling.optimizer(optimizers[name], player.networks)
            optimizers[name].build(player.trainable_variables)
            # Keras has room for one; the players' are attributes, so that checkpoints hold them
            setattr(self, f"{name}_optimizer", optimizers[name])
        self.optimizer = scheduling.EveryOptimizer(self)
        self.check_phases()
        # what `tf.train.Checkpoint(model=game)` sees of the state, in whatever the networks lie
        self.checkpointed = tf.train.Checkpoint(state=[v.value for v in self.state()])

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Does nothing, since the networks of a game are built.

        Keras's own takes a batch under a strategy, and fails where it is a dict and the strategy
        is one over several hosts.
        """


def by_xla(compute: Callable, rows: dict[str, tf.Tensor], state: list) -> tuple[list, list, dict]:
    """Returns `compute(rows, state)`, compiled by XLA.

    Args:
        compute: (rows, state) -> (gradients, state, logs by name); a state is a list of variables
            with their values, none of which it writes.
        rows: Examples by name.
        state: The state that `compute` takes.

    Raises:
        ValueError: If it takes statistics of the global batch on several replicas, since what XLA
            compiles cannot wait for another replica.
    """
    written: list[keras.Variable] = []  # known once it has been traced

    @tf.function(jit_compile=True, autograph=False)
    def compiled(rows, values):
        gradients, after, logs = compute(rows, list(zip((v for v, _ in state), values)))
        written[:] = [v for v, _ in after]
        return gradients, [value for _, value in after], logs

    try:
        gradients, values, logs = compiled(rows, [value for _, value in state])
    except RuntimeError as error:
        if "merge_call" not in str(error):
            raise
        raise ValueError(
            "XLA compiles a loss on several replicas only if it takes no statistics of the global "
            "batch, as synchronized BatchNormalization and the moments of AGE do: train without "
            f"XLA, or on one device. Received: jit_compile=True, {replicas.count()} replicas"
        ) from error
    return gradients, list(zip(written, values, strict=True)), logs


def _by_player(given, players: Mapping) -> dict[str, keras.optimizers.Optimizer]:
    """Returns the optimizer of each player; no two players have the same object."""
    if not isinstance(given, Mapping):
        given = dict.fromkeys(players, given)
    if set(given) != set(players):
        raise ValueError(
            "`optimizer` needs one entry per player, or is one optimizer for all of them; the "
            f"players are {sorted(players)}. Received: {sorted(given)}"
        )
    objects = [id(one) for one in given.values()]
    optimizers = {}
    for name in players:
        one = keras.optimizers.get(given[name])
        shared = objects.count(id(given[name])) > 1
        optimizers[name] = type(one).from_config(one.get_config()) if shared else one
    return optimizers
