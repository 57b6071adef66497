"""What all hand-written steps have in common: gradients, updates, means of logs, and a loop."""

import contextlib
from collections.abc import Sequence

import keras
import tensorflow as tf


class Random:
    """Random draws from TensorFlow's own generator.

    Args:
        batch: Number of examples of a move.
    """

    def __init__(self, batch: int):
        self.batch = batch

    def of_move(self, player: int, move: int) -> "Random":
        """Returns where a move takes its draws from: here from the one generator."""
        return self

    def normal(self, shape) -> tf.Tensor:
        return tf.random.normal([self.batch, *shape])

    def uniform(self, shape, low: float = 0.0, high: float = 1.0) -> tf.Tensor:
        return tf.random.uniform([self.batch, *shape], low, high)

    def section(self, number: int) -> contextlib.AbstractContextManager:
        """Does nothing; the check gives the sections of a game's draws a meaning."""
        return contextlib.nullcontext()

    def current(self) -> contextlib.AbstractContextManager:
        """Does nothing; the check makes dropout draw as it does in a game."""
        return contextlib.nullcontext()


class Step:
    """A training step on Keras networks and optimizers; a subclass has `step`.

    Args:
        players: Player's name -> (optimizer, the networks that it moves).
        draws: Random draws, an object with the methods of `Random`.
        logs: Names of what `step` returns besides losses and norms of gradients.
        all_logs: Whether to keep running means of all that the game logs, or of the losses only.
    """

    def __init__(self, players: dict, draws, *, logs: Sequence[str] = (), all_logs: bool = True):
        self.draws, self.all_logs = draws, all_logs
        self.optimizers = {name: optimizer for name, (optimizer, _) in players.items()}
        self.variables = {
            name: [v for network in networks for v in network.trainable_variables]
            for name, (_, networks) in players.items()
        }
        for name, optimizer in self.optimizers.items():
            optimizer.build(self.variables[name])
        self.names = [f"{name}_loss" for name in players]
        if all_logs:
            self.names += [f"{name}_gradient_norm" for name in players] + list(logs)
        self.totals, self.count = tf.Variable(tf.zeros([len(self.names)])), tf.Variable(0.0)

    def step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Makes one step on a batch, and returns what it logs."""
        raise NotImplementedError

    @contextlib.contextmanager
    def tape(self, name: str):
        """Opens a gradient tape that watches the variables of one player."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in self.variables[name]])
            yield tape

    def gradients(self, tape, name: str, loss, logs: dict) -> list[tf.Tensor]:
        """Returns a player's gradients; adds its loss and their norm to the logs."""
        gradients = tape.gradient(loss, [v.value for v in self.variables[name]])
        logs[f"{name}_loss"] = loss
        if self.all_logs:
            logs[f"{name}_gradient_norm"] = tf.linalg.global_norm(gradients)
        return gradients

    def apply(self, name: str, gradients) -> None:
        """Updates the variables of a player."""
        self.optimizers[name].apply(gradients, self.variables[name])

    def means(self) -> dict[str, float]:
        """Returns the means of the logs since the start, and starts again."""
        means = dict(zip(self.names, (self.totals / self.count).numpy().tolist()))
        self.totals.assign(tf.zeros_like(self.totals))
        self.count.assign(0.0)
        return means

    def counted(self, batch) -> None:
        """Makes one step and adds its logs to the running means."""
        logs = self.step(batch)
        self.totals.assign_add(tf.stack([logs[name] for name in self.names]))
        self.count.assign_add(1.0)

    def train_function(self, steps: int):
        """Returns a graph function that takes an iterator and makes `steps` steps."""

        @tf.function
        def several(iterator):
            for _ in tf.range(steps):
                self.counted(next(iterator))

        return several


def copy(network: keras.Model) -> keras.Model:
    """Returns a network of its own with the same layers and weights."""
    clone = keras.models.clone_model(network)
    clone.set_weights(network.get_weights())
    return clone


def copies(game) -> tuple[dict, dict]:
    """Returns copies of a game's networks by the names of its attributes, and its players.

    The players are as `Step` takes them. A network that a constraint wraps is copied by itself.
    """
    networks, players = {}, {}
    for name, player in game.players().items():
        own = []
        for network in player.networks:
            attribute = next(key for key, value in vars(game).items() if value is network)
            networks[attribute] = copy(getattr(network, "network", network))
            own.append(networks[attribute])
        optimizer = game.optimizers[name]
        players[name] = (type(optimizer).from_config(optimizer.get_config()), own)
    return networks, players


def latents(prior, source) -> tf.Tensor:
    """Draws latents: uniform, normal, or uniform on the unit sphere."""
    if prior.name == "uniform":
        return source.uniform((prior.size,), *prior.bounds)
    z = source.normal((prior.size,))
    return tf.math.l2_normalize(z, axis=-1) if prior.name == "sphere" else z


def binary(x, source) -> tf.Tensor:
    """Draws pixels of 0 or 1 with the probabilities x."""
    return tf.cast(source.uniform(tuple(x.shape[1:])) < x, tf.float32)


def log_likelihood(x, logits) -> tf.Tensor:
    """Returns the mean over examples of the log probability of pixels under their logits."""
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
    return -tf.reduce_mean(tf.reduce_sum(entropy, axis=list(range(1, x.shape.rank))))
