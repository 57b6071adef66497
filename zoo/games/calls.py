"""Calls of a game's endpoints on any number of rows."""

import numpy as np
import tensorflow as tf

from zoo import names, priors, trained
from zoo.games import endpoints

BATCH = 256


class Calls:
    """The endpoints of one game with their graphs, made once and again when a network is replaced.

    It holds no weight: the graphs read the weights that the game has at the time of a call. It is
    not a Keras object, so neither checkpoints nor Keras's saving see it.
    """

    def __init__(self):
        self._networks: list | None = None
        self._endpoints: dict[str, endpoints.Endpoint] = {}
        self._graphs: dict = {}

    def endpoints(self, game) -> dict[str, endpoints.Endpoint]:
        """Returns `game.endpoints()`, from memory if the game has the same networks as before."""
        networks = [network for player in game.players().values() for network in player.networks]
        if self._networks is None or list(map(id, networks)) != list(map(id, self._networks)):
            self._networks, self._graphs = networks, {}
            self._endpoints = game.endpoints()
        return self._endpoints

    def run(self, game, name: str, inputs: dict, seed: int) -> dict[str, np.ndarray]:
        """Returns the outputs of an endpoint; see `trained.Trained.run`.

        Every call of the graph has the same number of rows, so that the last bit of a row does not
        depend on how many rows there are.
        """
        endpoint = self.endpoints(game)[name]
        if name not in self._graphs:
            self._graphs[name] = tf.function(
                endpoint.function,
                input_signature=list(endpoint.inputs.values()),
                autograph=False,
            )
        rows = _checked(name, endpoint, inputs)
        count = len(next(iter(rows.values())))
        if set(endpoint.inputs) - set(rows):
            drawn = endpoint.example(tf.constant(trained.row_seeds(seed, count)))
            rows = {
                key: rows[key] if key in rows else drawn[key].numpy() for key in endpoint.inputs
            }
        size = -(-count // BATCH) * BATCH
        filled = {key: np.resize(value, (size, *value.shape[1:])) for key, value in rows.items()}
        parts: list[dict[str, tf.Tensor]] = []
        with game.averaged_weights():
            for start in range(0, size, BATCH):
                part = {k: tf.constant(v[start : start + BATCH]) for k, v in filled.items()}
                parts.append(self._graphs[name](**part))
        return {key: np.concatenate([part[key] for part in parts])[:count] for key in parts[0]}


class Called(trained.Trained):
    """The part of a game that answers the calls of a trained model.

    Attributes:
        prior: Distribution of the latents; None of a game without latents.
    """

    prior: priors.Prior | None = None

    def __init__(self, *positional, **named):
        super().__init__(*positional, **named)
        self._calls = Calls()

    def offered(self) -> dict[str, tuple[str, ...]]:
        offered = self._calls.endpoints(self)
        return {name: tuple(endpoint.inputs) for name, endpoint in offered.items()}

    def output_range(self, endpoint: str) -> tuple[float, float] | None:
        self.check_offers(endpoint)
        return next(iter(self._calls.endpoints(self)[endpoint].ranges.values()))

    def run(self, endpoint: str, inputs: dict, *, seed: int = 0) -> dict[str, np.ndarray]:
        """Returns all outputs of an endpoint, with averaged weights where an optimizer keeps them.

        As in `zoo.trained.Trained`; inputs that are not given are drawn.
        """
        self.check_offers(endpoint)
        return self._calls.run(self, endpoint, inputs, seed)

    def latents(self, seeds: np.ndarray) -> np.ndarray:
        self.check_offers("generate")
        drawn = self._calls.endpoints(self)["generate"].example(tf.constant(seeds, tf.int64))
        return drawn["z"].numpy()

    def classes(self) -> int | None:
        """Returns how many classes the input `label` has; None if no endpoint has it."""
        for endpoint in self._calls.endpoints(self).values():
            if "label" in endpoint.inputs:
                return int(endpoint.input_ranges["label"][1]) + 1
        return None


def _checked(name: str, endpoint: endpoints.Endpoint, inputs: dict) -> dict[str, np.ndarray]:
    """Returns the inputs as arrays of the endpoint's types."""
    for key in inputs:
        if key not in endpoint.inputs:
            raise ValueError(names.unknown(f"input of {name!r}", key, endpoint.inputs))
    rows = {k: np.asarray(v, endpoint.inputs[k].dtype.as_numpy_dtype) for k, v in inputs.items()}
    shapes = {key: value.shape for key, value in rows.items()}
    fit = all(endpoint.inputs[k].shape.is_compatible_with(shape) for k, shape in shapes.items())
    for key, value in rows.items():
        if not value.size or not np.issubdtype(value.dtype, np.integer):
            continue
        low, high = endpoint.input_ranges.get(key) or (0, np.iinfo(value.dtype).max)
        if value.min() < low or value.max() > high:
            raise ValueError(
                f"`{key}` of {name!r} must be in [{low}, {high}]. "
                f"Received: {value.min()} to {value.max()}"
            )
    counts = {shape[0] for shape in shapes.values()} if fit else set()
    if len(counts) != 1 or 0 in counts:
        needed = {key: tuple(spec.shape) for key, spec in endpoint.inputs.items()}
        raise ValueError(
            f"{name!r} needs arrays of these shapes, with the same number of rows, at least 1: "
            f"{needed}. Received: {shapes}"
        )
    return rows
