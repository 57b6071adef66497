"""Writes a config's training step as StableHLO, with what it gave on this CPU; `stablehlo.py`."""

import contextlib
import functools
import pathlib
from collections.abc import Callable, Iterator, Sequence
from unittest import mock

import cases
import numpy as np
import random_examples
import stablehlo_files
import tensorflow as tf

import configs
from configs import schema
from train import experiments, runs
from train.data import sources
from zoo import noise

# what `torch_peer.py` knows of a GAN, of its networks and of an optimizer
PEER = {"loss", "prior", "generator", "critic", "penalty", "critic_updates"}
PEER_NETWORKS = ("mlp", "dcgan")
PEER_OPTIONS = {"units", "width", "normalization", "initializer", "dense_initializer"}
PEER_OPTIMIZER = {"learning_rate", "beta_1", "beta_2", "epsilon"}


def step(name: str, precision: str, folder: pathlib.Path) -> None:
    """Writes the first training step of a config.

    The step is `train_step` of the game with its optimizers, as `zoo train` makes it on one device.
    Its random draws are arguments of the module, since XLA's own draws are other numbers than
    TensorFlow's; they are those of the run's first step.

    Args:
        name: A config, or `mlp` or `mlp_wide` of `cases.py`.
        precision: `train.precision`.
        folder: Where to.
    """
    # products of float32 then ask the compiler for all their bits, whatever runs the module
    tf.config.experimental.enable_tensor_float_32_execution(False)
    experiment = {**cases.experiments_by_name(), **_configs(name)}[name]
    experiment = experiment.override([f"train.precision={precision}"])
    game, batch, data = _game(experiment)
    variables = game.state()
    state = [variable.value for variable in variables]
    begin = [value.numpy() for value in state]
    made = _Draws()

    def plain(batch):
        with made.used():
            return game.train_step(batch), made.made

    def exported(batch, draws):
        with _Draws(draws).used():
            logs = game.train_step(batch)
        return [tf.convert_to_tensor(value) for value in state], [logs[key] for key in sorted(logs)]

    with game._in_phase(min(game.phases())):
        logs, draws = tf.function(plain, autograph=False)(batch)
        after = [value.numpy() for value in state]
        for value, start in zip(state, begin):
            value.assign(start)
        compiled = tf.function(exported, jit_compile=True, autograph=False)
        module = compiled.experimental_get_compiler_ir(batch, draws)(stage="stablehlo")
        captured = compiled.get_concrete_function(batch, draws).captured_inputs
    places = {id(value.handle): place for place, value in enumerate(state)}
    arguments = [{"kind": "batch", "name": key} for key in sorted(batch)]
    arguments += made.kinds
    before = [*(batch[key].numpy() for key in sorted(batch)), *(draw.numpy() for draw in draws)]
    for tensor in captured:
        place = places.get(id(tensor))
        if place is None and tensor.dtype == tf.resource:
            raise ValueError("The step reads a variable that is no part of the game's state")
        known = {"kind": "constant"} if place is None else {"kind": "state", "state": place}
        arguments.append(known)
        before.append(tensor.numpy() if place is None else begin[place])
    about = {
        "config": name,
        "precision": precision,
        "data": data,
        "batch_size": experiment.data.batch_size,
        "game": experiment.game.name,
        "state": [
            {"name": variable.path, "role": role}
            for variable, role in zip(variables, _roles(game, variables))
        ],
        "arguments": arguments,
        "logs": {key: float(logs[key]) for key in sorted(logs)},
        "peer": _peer(experiment) and experiment.as_dict(),
        "versions": runs.versions(),
        "commit": runs.commit(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    if about["peer"]:
        _write_for_torch(folder, game, batch["x"], experiment.data.value_range)
    stablehlo_files.write(folder, stablehlo_files.portable(module), about, before, after)


def _configs(name: str) -> dict[str, schema.Experiment]:
    return {name: configs.load(name)} if name in configs.available() else {}


def _game(experiment: schema.Experiment) -> tuple:
    """Returns the game, the run's first batch, and whether its examples are `real` or `random`."""
    source, data = random_examples.opened(experiment)
    mean_image = None
    if source is None:
        mean_image = functools.partial(np.full, data["shape"], 0.5, "float32")
    elif source.has_images:
        mean_image = functools.partial(sources.mean_image, source)
    game = experiments.trainable(experiment, data, mean_image=mean_image)
    rows = experiment.data.batch_size * game.turns
    if source is None:
        made = random_examples.batch(game, tuple(data["shape"]), rows)
        return game, {key: tf.constant(value) for key, value in made.items()}, "random"
    given = {"inputs": game.inputs, "batch_size": rows, "seed": experiment.seed}
    batches = sources.batches(source, flip=experiment.data.flip, **given)
    return game, next(iter(batches)), "real"


class _Draws:
    """The random draws of a step in their order: those that it makes, or those that are given."""

    def __init__(self, given: Sequence[tf.Tensor] | None = None):
        self.given, self.made, self.kinds = given, [], []

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Takes the place of the draws of a game while the context lasts."""
        normal, uniform = noise.Noise.normal, noise.Noise.uniform

        def other_normal(one, shape=()):
            return self._next({"distribution": "normal"}, lambda: normal(one, shape))

        def other_uniform(one, shape=(), low=0.0, high=1.0):
            kind = {"distribution": "uniform", "low": low, "high": high}
            return self._next(kind, lambda: uniform(one, shape, low, high))

        with mock.patch.multiple(noise.Noise, normal=other_normal, uniform=other_uniform):
            yield

    def _next(self, kind: dict, make: Callable[[], tf.Tensor]) -> tf.Tensor:
        self.made.append(make() if self.given is None else self.given[len(self.made)])
        self.kinds.append({"kind": "draw"} | kind)
        return self.made[-1]


def _roles(game, variables: Sequence) -> list[str]:
    """Returns what each variable of a game is: `stablehlo_files` has the words."""
    players = game.players()
    weights = {id(v) for player in players.values() for v in player.trainable_variables}
    kept = {id(v) for optimizer in game.optimizers.values() for v in optimizer.variables}
    return [
        stablehlo_files.WEIGHT
        if id(variable) in weights
        else stablehlo_files.OPTIMIZER
        if id(variable) in kept
        else stablehlo_files.OTHER
        for variable in variables
    ]


def _peer(experiment: schema.Experiment) -> bool:
    """Says whether `torch_peer.py` has the networks, the losses and the optimizers of a config."""
    options = experiment.game.options
    if experiment.game.name != "gan" or not set(options) <= PEER:
        return False
    networks = [options["generator"], options["critic"]]
    return (
        options["loss"].name in ("non_saturating", "wasserstein")
        and options["prior"].name in ("uniform", "normal")
        and set(options["prior"].options) == {"size"}
        and all(one.name.partition("_")[0] in PEER_NETWORKS for one in networks)
        and all(set(one.options) <= PEER_OPTIONS for one in networks)
        and all(one.name == "adam" for one in experiment.optimizers.values())
        and all(set(one.options) <= PEER_OPTIMIZER for one in experiment.optimizers.values())
        and all(
            isinstance(one.options["learning_rate"], float)
            for one in experiment.optimizers.values()
        )
        and experiment.data.value_range is not None
    )


def _write_for_torch(folder: pathlib.Path, game, x: tf.Tensor, value_range) -> None:
    """Writes the initial weights and the batch as `torch_peer.py` reads them."""
    weights = {
        f"{name}{i:03}": variable.numpy()
        for name in ("critic", "generator")
        for i, variable in enumerate(getattr(game, name).trainable_variables)
    }
    np.savez(folder / "weights.npz", **weights)
    low, high = value_range
    images = np.round((x.numpy() - low) / (high - low) * 255.0).astype("uint8")
    np.save(folder / "images.npy", images)
