"""What a trained game offers to its users, in the form that samplers and exporters take."""

import math
from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from zoo import constraints, priors, seeds


class Endpoint(NamedTuple):
    """One batched function of a trained game.

    Attributes:
        function: Takes the inputs by name, returns a dict of named outputs; batch axis first in every input and output, a
            row's outputs depend on its own inputs only.
        inputs: Name -> tf.TensorSpec with None as the batch axis.
        ranges: Output name -> (low, high) that its values keep to, or None where they are unbounded.
        example: Takes row seeds [B] int64, returns valid inputs by name; the rows differ.
        input_ranges: Input name -> (low, high) that its values must keep to, or None where any
            value will do; of a `label`, (0, number of classes - 1).
    """

    function: Callable[..., dict[str, tf.Tensor]]
    inputs: dict[str, tf.TensorSpec]
    ranges: dict[str, tuple[float, float] | None]
    example: Callable[[tf.Tensor], dict[str, tf.Tensor]]
    input_ranges: dict[str, tuple[float, float] | None]


def generative(
    decode: Callable, prior: priors.Prior, value_range: tuple[float, float] | None
) -> dict[str, Endpoint]:
    """Returns `generate(z)` and `sample(seed)`, which give the example `image`.

    Args:
        decode: Latents [B, Z] -> examples.
        prior: Of the latents.
        value_range: Of the examples.
    """

    def generate(z):
        return {"image": decode(z)}

    def latents(seed):
        return {"z": prior.sample(seeds.Rows(seed))}

    def sample(seed):
        return generate(**latents(seed))

    z, seed = (
        tf.TensorSpec([None, prior.size], tf.float32, "z"),
        tf.TensorSpec([None], tf.int64, "seed"),
    )
    ranges = {"image": value_range}
    return {
        "generate": Endpoint(generate, {"z": z}, ranges, latents, {"z": None}),
        "sample": Endpoint(
            sample, {"seed": seed}, ranges, lambda seed: {"seed": seed}, {"seed": None}
        ),
    }


def hidden(network: keras.Model) -> Callable | None:
    """Returns the function from a network's inputs to its last hidden layer, named "features", flat [B, F]; None if it has none."""
    normalized = isinstance(network, constraints.SpectralNormalization)
    inner = network.network if normalized else network
    if "features" not in [layer.name for layer in inner.layers]:
        return None
    layer = inner.get_layer("features").output
    part = network.hidden("features") if normalized else keras.Model(inner.inputs, layer)
    size = math.prod(layer.shape[1:])

    def function(inputs):
        found = part(inputs) if normalized else part(inputs, training=False)
        return tf.reshape(tf.cast(found, tf.float32), [tf.shape(found)[0], size])

    return function


def featural(
    network: keras.Model, shape: tuple[int, ...], value_range: tuple[float, float] | None
) -> dict[str, Endpoint]:
    """Returns `features(x)`, the last hidden layer [B, F] of a network that takes examples; nothing if it has none of that name.

    Args:
        network: Takes examples.
        shape: Of an example.
        value_range: Of the examples.
    """
    compute = hidden(network)
    if compute is None:
        return {}

    return {"features": _of_one_example(compute, "features", shape, value_range)}


def transforming(
    name: str, transform: Callable, shape: tuple[int, ...], value_range: tuple[float, float] | None
) -> dict[str, Endpoint]:
    """Returns the endpoint `name(x)`, which makes of an example another one, the output `image`, not bound to the range.

    Args:
        name: Of the endpoint.
        transform: Examples -> examples.
        shape: Of an example.
        value_range: Of the examples that go in.
    """

    return {name: _of_one_example(transform, "image", shape, value_range)}


def _of_one_example(
    compute: Callable, output: str, shape: tuple[int, ...], value_range: tuple[float, float] | None
) -> Endpoint:
    """Returns the endpoint from an example `x` to one unbounded output."""

    def function(x):
        return {output: compute(x)}

    def example(seed):
        return {"x": _examples(seeds.Rows(seed), shape, value_range)}

    spec = tf.TensorSpec([None, *shape], tf.float32, "x")
    return Endpoint(function, {"x": spec}, {output: None}, example, {"x": value_range})


def _examples(
    rows: seeds.Rows, shape: tuple[int, ...], value_range: tuple[float, float] | None
) -> tf.Tensor:
    if value_range is None:
        return rows.normal(shape)
    low, high = value_range
    return low + (high - low) * rows.uniform(shape)


def inferential(
    encode: Callable,
    decode: Callable,
    score: Callable,
    shape: tuple[int, ...],
    value_range: tuple[float, float] | None,
    *,
    noise: tuple[int, ...] | None = None,
    features: Callable | None = None,
) -> dict[str, Endpoint]:
    """Returns `encode(x)`, `reconstruct(x)`, `interpolate(x0, x1, weight)` along a line of codes, and `score(x)`.

    Args:
        encode: Examples -> a dict of codes [B, Z], the first of which is what `decode` takes.
        decode: Latents [B, Z] -> examples.
        score: Examples -> [B], higher for what is less like the data.
        shape: Of an example.
        value_range: Of the examples.
        noise: Of an encoder that draws: the shape of one example's noise, of N(0, I). `encode` and `score` then take it as a second argument,
            and every endpoint has the input `noise`, both ends of a walk the same.
        features: Of an encoder with such a layer: its inputs -> [B, F], as `hidden` gives. `score` then has the output `feature_distance` too,
            the squared distance [B] between the features of an example and those of its reconstruction.
    """

    def given(x, eps):
        return (x,) if eps is None else (x, eps)

    def code(x, eps):
        return next(iter(encode(*given(x, eps)).values()))

    # arguments by name, with which a function can be saved
    def encoded(x, noise=None):
        return encode(*given(x, noise))

    def reconstruct(x, noise=None):
        return {"image": decode(code(x, noise))}

    def interpolate(x0, x1, weight, noise=None):
        weight = weight[:, tf.newaxis]
        return {"image": decode((1.0 - weight) * code(x0, noise) + weight * code(x1, noise))}

    def scored(x, noise=None):
        outputs = {"score": score(*given(x, noise))}
        if features is not None:
            images = x, reconstruct(x, noise)["image"]
            own, reconstructed = (
                features(image if noise is None else [image, noise]) for image in images
            )
            outputs["feature_distance"] = tf.reduce_sum(tf.square(own - reconstructed), axis=-1)
        return outputs

    def drawn(rows):
        return {} if noise is None else {"noise": rows.normal(noise)}

    def one(seed):
        rows = seeds.Rows(seed)
        return {"x": _examples(rows, shape, value_range), **drawn(rows)}

    def two(seed):
        rows = seeds.Rows(seed)
        return {
            "x0": _examples(rows, shape, value_range),
            "x1": _examples(rows, shape, value_range),
            "weight": rows.uniform(),
            **drawn(rows),
        }

    def specs(**shapes):
        shapes |= {} if noise is None else {"noise": noise}
        return {
            name: tf.TensorSpec([None, *size], tf.float32, name) for name, size in shapes.items()
        }

    def endpoint(function, outputs, example=one, inputs=None):
        inputs = specs(x=shape) if inputs is None else inputs
        bounds = dict.fromkeys(("x", "x0", "x1"), value_range) | {"weight": (0.0, 1.0)}
        return Endpoint(function, inputs, outputs, example, {k: bounds.get(k) for k in inputs})

    codes = encode(*(tf.zeros([1, *spec.shape[1:]]) for spec in specs(x=shape).values()))
    distance = {} if features is None else {"feature_distance": None}
    pairs = specs(x0=shape, x1=shape, weight=())
    return {
        "encode": endpoint(encoded, dict.fromkeys(codes)),
        "reconstruct": endpoint(reconstruct, {"image": value_range}),
        "interpolate": endpoint(interpolate, {"image": value_range}, two, pairs),
        "score": endpoint(scored, {"score": None} | distance),
    }
