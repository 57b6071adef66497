"""Endpoints as the game computes them: graph functions, golden values, and a description."""

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from export.runtime import draws, golden_rows, tensors
from zoo.games import arguments, endpoints


def function(
    endpoint: endpoints.Endpoint,
    weights: Sequence[keras.Variable] = (),
    *,
    stored: Sequence[tuple[keras.Variable, Callable[[], tf.Tensor]]] = (),
) -> tf.types.experimental.PolymorphicFunction:
    """Returns a new graph function of the endpoint, with named arguments and a free batch axis.

    Called in any runtime, it fails if an input has another shape, the inputs differ in their number
    of rows, or there are no rows.

    Args:
        endpoint: The endpoint.
        weights: Variables that become inputs, after those of the endpoint, `weight_0` and so on.
        stored: Pairs of a variable and a function that gives what takes its value's place.
    """
    specs = [endpoint.inputs[name] for name in endpoint.inputs]
    given = [
        tf.TensorSpec(weight.shape, weight.dtype, f"weight_{at}")
        for at, weight in enumerate(weights)
    ]

    def checked(*values):
        values, own = values[: len(specs)], values[len(specs) :]
        values = [tf.ensure_shape(value, spec.shape) for value, spec in zip(values, specs)]
        # A reshape to the first input's rows fails for other numbers of elements, and for none:
        # an operation that every runtime has, where an assertion is one that none need have.
        rows = tf.maximum(tf.shape(values[0])[:1], 1)
        values = [_reshaped(value, rows) for value in values]
        if not weights and not stored:
            return endpoint.function(*values)
        others = [(weight, value()) for weight, value in stored]
        with keras.StatelessScope(state_mapping=[*zip(weights, own), *others]):
            return endpoint.function(*values)

    names = [*endpoint.inputs, *(spec.name for spec in given)]
    return tf.function(
        arguments.named(checked, names), input_signature=specs + given, autograph=False
    )


def _reshaped(value: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    # TensorFlow's optimizer takes out a reshape of a vector to a vector
    shape = value.shape if value.shape.rank > 1 else [None, 1]
    reshaped = tf.ensure_shape(tf.reshape(value, tf.concat([rows, shape[1:]], axis=0)), shape)
    return reshaped if value.shape.rank > 1 else tf.squeeze(reshaped, axis=1)


def golden(offered: Mapping[str, endpoints.Endpoint]) -> dict[str, golden_rows.Golden]:
    """Returns golden inputs and outputs of endpoints by name, at the weights that they have now.

    Raises:
        ValueError: If a row's outputs depend on the batch that it is in, or are not finite.
    """
    goldens = {}
    for name, endpoint in offered.items():
        # the reference: a GPU's convolutions are less exact than the tolerance
        with tf.device("CPU:0"):
            compute = function(endpoint)
            example = endpoint.example(tf.constant(golden_rows.seeds()))
            inputs = {key: example[key] for key in endpoint.inputs}
            outputs = {key: value.numpy() for key, value in compute(**inputs).items()}
            for count in golden_rows.BATCHES:
                for key, value in compute(**{k: v[:count] for k, v in inputs.items()}).items():
                    largest = golden_rows.difference(value, outputs[key][:count])
                    if largest > golden_rows.TOLERANCE:
                        raise ValueError(
                            "A row of an endpoint must not depend on the rest of its batch, to "
                            f"{golden_rows.TOLERANCE}. Received: {name!r}, whose {key!r} differs "
                            f"by {largest:.2g} at batch {count}"
                        )
        goldens[name] = golden_rows.Golden(
            {key: value.numpy() for key, value in inputs.items()}, outputs
        )
    return goldens


def describe(
    offered: Mapping[str, endpoints.Endpoint],
    goldens: Mapping[str, golden_rows.Golden],
) -> dict:
    """Returns what a manifest says of endpoints: dtype, shape and range of every input and output.

    An input `noise` has `distribution` too, and `stream`, the number of the draw that it is (see
    `draws.normal`). The output `score` of the endpoint `score` has `direction`.

    Args:
        offered: Endpoints by name.
        goldens: Their golden values.

    Raises:
        ValueError: If an endpoint takes a label and does not say how many classes there are.
    """
    described = {}
    for name, endpoint in offered.items():
        inputs = {
            key: _tensor(value, endpoint.input_ranges.get(key))
            for key, value in goldens[name].inputs.items()
        }
        if "label" in inputs and not endpoint.input_ranges.get("label"):
            raise ValueError(
                f"`input_ranges` of an endpoint must give `label` as (0, classes - 1). "
                f"Received: {endpoint.input_ranges} for {name!r}"
            )
        if "noise" in inputs:
            stream = _stream(goldens[name].inputs["noise"])
            inputs["noise"]["distribution"] = "normal"
            inputs["noise"] |= {} if stream is None else {"stream": stream}
        outputs = {
            key: _tensor(value, endpoint.ranges[key])
            for key, value in goldens[name].outputs.items()
        }
        if name == "score" and "score" in outputs:
            outputs["score"]["direction"] = tensors.DIRECTION
        described[name] = {"inputs": inputs, "outputs": outputs}
    return described


def _stream(noise: np.ndarray) -> int | None:
    """Returns which of the golden seeds' draws the golden noise is; None if it is none of them."""
    for stream in range(draws.STREAMS):
        drawn = draws.normal(golden_rows.seeds(), stream, noise.shape[1:])
        if np.max(np.abs(drawn - noise)) <= golden_rows.TOLERANCE:
            return stream
    return None


def _tensor(value: np.ndarray, value_range) -> dict:
    kind = float
    if np.issubdtype(value.dtype, np.integer):
        kind, value_range = int, value_range or (0, np.iinfo(value.dtype).max)
    return {
        "dtype": str(value.dtype),
        "shape": [None, *value.shape[1:]],
        "range": [kind(bound) for bound in value_range] if value_range else None,
    }
