"""A game's endpoints as the game itself computes them: functions to convert, golden values, and a description."""

import numpy as np
import tensorflow as tf

from export.runtime import golden_rows
from zoo import games
from zoo.games import endpoints


def function(endpoint: endpoints.Endpoint) -> tf.types.experimental.PolymorphicFunction:
    """Returns a new graph function of the endpoint, with named arguments and a free batch axis."""
    return tf.function(
        endpoint.function,
        input_signature=[endpoint.inputs[name] for name in endpoint.inputs],
        autograph=False,
    )


def golden(game: games.Game) -> dict[str, golden_rows.Golden]:
    """Returns golden inputs and outputs of every endpoint, at the weights that the game has now.

    Raises:
        ValueError: If a row's outputs depend on the batch that it is in, or are not finite.
    """
    found = {}
    for name, endpoint in game.endpoints().items():
        with tf.device(
            "CPU:0"
        ):  # the reference; a GPU's convolutions are less exact than the tolerance
            compute = function(endpoint)
            inputs = endpoint.example(tf.constant(golden_rows.seeds()))
            outputs = {key: value.numpy() for key, value in compute(**inputs).items()}
            for count in golden_rows.BATCHES:
                for key, value in compute(**{k: v[:count] for k, v in inputs.items()}).items():
                    largest = golden_rows.difference(value, outputs[key][:count])
                    if largest > golden_rows.TOLERANCE:
                        raise ValueError(
                            f"A row of an endpoint must not depend on the rest of its batch, to {golden_rows.TOLERANCE}. "
                            f"Received: {name!r}, whose {key!r} differs by {largest:.2g} at batch {count}"
                        )
        found[name] = golden_rows.Golden(
            {key: value.numpy() for key, value in inputs.items()}, outputs
        )
    return found


def describe(game: games.Game, goldens: dict[str, golden_rows.Golden], data: dict) -> dict:
    """Returns what a manifest says of the endpoints: dtype, shape and range of every input and output.

    Args:
        game: The game.
        goldens: Its golden values.
        data: `shape` and `value_range` of the examples that it was trained on.
    """
    described = {}
    for name, endpoint in game.endpoints().items():
        # an input of the examples' shape is an example
        inputs = {
            key: _tensor(
                value, data["value_range"] if list(value.shape[1:]) == list(data["shape"]) else None
            )
            for key, value in goldens[name].inputs.items()
        }
        outputs = {
            key: _tensor(value, endpoint.ranges[key])
            for key, value in goldens[name].outputs.items()
        }
        described[name] = {"inputs": inputs, "outputs": outputs}
    return described


def _tensor(value: np.ndarray, value_range) -> dict:
    return {
        "dtype": str(value.dtype),
        "shape": [None, *value.shape[1:]],
        "range": list(value_range) if value_range else None,
    }
