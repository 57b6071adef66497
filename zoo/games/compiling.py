"""How a game gets its optimizers: Keras's `compile`, with one optimizer for each player."""

from collections.abc import Mapping

import keras
import tensorflow as tf

from zoo.games import scheduling


class Compiled:
    """The part of a game that holds its players' optimizers.

    Attributes:
        optimizer: What Keras's callbacks take for the optimizer of the model: those of all players,
            see `scheduling.EveryOptimizer`. None before `compile`.
    """

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
    ) -> None:
        """Gives each player its optimizer.

        Args:
            optimizer: Player's name -> Keras optimizer (or its identifier), one for each player; or
                one for all of them. If it is one object for several players, each of them gets a
                new one with the same settings.
            loss: None, since each player has a loss of its own.
            metrics: None, since the players' losses say what is logged.
            steps_per_execution: Number of steps in one call of the graph; `steps_per_epoch` must be
                a multiple of it. "auto" lets `fit` choose: see there.
            jit_compile: Whether to compile the step with XLA, which is no gain on a CPU. "auto" is
                False.
            run_eagerly: Whether to run Python in every step, for debugging.

        Raises:
            ValueError: If a player is missing or unknown, `loss` or `metrics` is given, a network
                is not built, the precision is float16, or the phases do not begin at step 0.
        """
        for name, value in {"loss": loss, "metrics": metrics}.items():
            if value is not None:
                raise ValueError(
                    f"`compile` of a game takes no `{name}`, since each player has a loss of its "
                    "own: give `loss` where the game is made, and read the logs of `fit`. "
                    f"Received: {name}={value!r}"
                )
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
                if not network.built or network.compute_dtype == "float16":
                    raise ValueError(
                        "Networks must be built, with an input shape, and not of float16, whose "
                        "loss scaling games do not have; use mixed_bfloat16. Received: "
                        f"{network.name!r}, built={network.built}, {network.compute_dtype}"
                    )
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
