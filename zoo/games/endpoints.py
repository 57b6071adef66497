"""What a trained game offers to its users, in the form that samplers and exporters take."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from zoo import priors, seeds
from zoo.games import arguments, hidden


class Endpoint(NamedTuple):
    """One batched function of a trained game.

    Attributes:
        function: Takes the inputs by name, returns a dict of named outputs. The batch axis is the
            first of every input and output, and a row's outputs depend on its own inputs only.
        inputs: Name -> tf.TensorSpec with None as the batch axis.
        ranges: Output name -> (low, high) that its values keep to, or None where they are
            unbounded.
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
    decode: Callable,
    prior: priors.Prior,
    shape: tuple[int, ...],
    value_range: tuple[float, float] | None,
    *,
    classes: int | None = None,
) -> dict[str, Endpoint]:
    """Returns `generate(z)` and `sample(seed)`, which give an example, `image` or `point`.

    Args:
        decode: Latents [B, Z] -> examples.
        prior: Distribution of the latents.
        shape: Shape of an example.
        value_range: (low, high) of the examples; None for data without bounds.
        classes: Number of classes of a conditional model: `decode` takes labels [B] second, and
            both endpoints have the input `label`.
    """
    second, output = arguments.label(classes), arguments.example_output(shape)

    def generate(z, *label):
        return {output: decode(z, *label)}

    def sample(seed, *label):
        return generate(prior.sample(seeds.Rows(seed)), *label)

    def latents(seed):
        rows = seeds.Rows(seed)
        return {"z": prior.sample(rows), **second.draw(rows)}

    def given(seed):
        return {"seed": seed, **second.draw(seeds.Rows(seed))}

    def endpoint(function, spec, bounds, example):
        inputs = {spec.name: spec} | second.inputs
        bounds, ranges = {spec.name: bounds} | second.ranges, {output: value_range}
        return Endpoint(arguments.named(function, inputs), inputs, ranges, example, bounds)

    z = tf.TensorSpec([None, prior.size], name="z")
    seed = tf.TensorSpec([None], tf.int64, name="seed")
    return {
        "generate": endpoint(generate, z, None, latents),
        "sample": endpoint(sample, seed, seeds.RANGE, given),
    }


def featural(
    network: keras.Model,
    shape: tuple[int, ...],
    value_range: tuple[float, float] | None,
    *,
    classes: int | None = None,
) -> dict[str, Endpoint]:
    """Returns `features(x)`, the layer "features" [B, F] of a network that takes examples.

    Returns no endpoint if the network has no layer of that name.

    Args:
        network: Takes examples; with `classes`, and labels [B].
        shape: Shape of an example.
        value_range: (low, high) of the examples; None for data without bounds.
        classes: Number of classes of a conditional network. The endpoint has the input `label` if
            that layer depends on it.
    """
    compute = hidden.features(network)
    if compute is None:
        return {}

    def features(x, *label):
        if classes is None:
            return compute(x)
        return compute([x, *(label or [tf.zeros([tf.shape(x)[0]], tf.int64)])])

    needed = classes if hidden.needs_label(network) else None
    endpoint = _of_one_example(features, {"features": None}, shape, value_range, classes=needed)
    return {"features": endpoint}


def transforming(
    name: str,
    transform: Callable,
    shape: tuple[int, ...],
    value_range: tuple[float, float] | None,
    *,
    source: str = "x",
    result_range: tuple[float, float] | None = None,
) -> dict[str, Endpoint]:
    """Returns the endpoint `name(x)`, which makes of an example another one of its shape.

    Args:
        name: Name of the endpoint.
        transform: Examples -> examples.
        shape: Shape of an example.
        value_range: Value range of the examples that go in.
        source: Name of the input: that of the part of a batch which it is an example of.
        result_range: Value range of the examples that come out; None if they are unbounded.
    """
    ranges = {arguments.example_output(shape): result_range}
    return {name: _of_one_example(transform, ranges, shape, value_range, source=source)}


def _of_one_example(
    compute: Callable,
    ranges: dict[str, tuple[float, float] | None],
    shape: tuple[int, ...],
    value_range: tuple[float, float] | None,
    *,
    source: str = "x",
    classes: int | None = None,
) -> Endpoint:
    """Returns the endpoint from an example, and a label if there are classes, to one output."""
    label = arguments.label(classes)
    (output,) = ranges

    def function(*values):
        return {output: compute(*values)}

    def example(seed):
        rows = seeds.Rows(seed)
        return {source: arguments.examples(rows, shape, value_range), **label.draw(rows)}

    inputs = {source: tf.TensorSpec([None, *shape], tf.float32, source)} | label.inputs
    bounds = {source: value_range} | label.ranges
    return Endpoint(arguments.named(function, inputs), inputs, ranges, example, bounds)


def inferential(
    encode: Callable,
    decode: Callable,
    score: Callable,
    shape: tuple[int, ...],
    value_range: tuple[float, float] | None,
    *,
    noise: tuple[int, ...] | None = None,
    classes: int | None = None,
    features: Callable | None = None,
) -> dict[str, Endpoint]:
    """Returns `encode(x)`, `reconstruct(x)`, `interpolate(x0, x1, weight)` and `score(x)`.

    `interpolate` goes along a line of codes.

    Args:
        encode: Examples -> a dict of codes [B, Z], the first of which is what `decode` takes.
        decode: Latents [B, Z] -> examples.
        score: Examples -> [B], higher for what is less like the data.
        shape: Shape of an example.
        value_range: (low, high) of the examples; None for data without bounds.
        noise: Shape of one example's noise, of N(0, I), for an encoder that draws. `encode` and
            `score` then take it as a second argument, and every endpoint has the input `noise`,
            the same for both ends of a line.
        classes: Number of classes of a conditional model, whose encoder draws nothing. The three
            functions then take labels [B] as a second argument, and every endpoint has the input
            `label`, the same for both ends of a line.
        features: The encoder's inputs -> [B, F], as `hidden.features` gives. `score` then has the
            output `feature_distance` too, the squared distance [B] between the features of an
            example and those of its reconstruction.
    """
    second = arguments.label(classes) if noise is None else arguments.noise(noise)
    made = arguments.example_output(shape)

    def code(x, *second):
        return next(iter(encode(x, *second).values()))

    def decoded(z, *second):
        return {made: decode(z) if classes is None else decode(z, *second)}

    def reconstruct(x, *second):
        return decoded(code(x, *second), *second)

    def interpolate(x0, x1, weight, *second):
        weight = weight[:, tf.newaxis]
        return decoded((1.0 - weight) * code(x0, *second) + weight * code(x1, *second), *second)

    def scored(x, *second):
        outputs = {"score": score(x, *second)}
        if features is not None:
            pair = x, reconstruct(x, *second)[made]
            own, other = (features([each, *second] if second else each) for each in pair)
            outputs["feature_distance"] = tf.reduce_sum(tf.square(own - other), axis=-1)
        return outputs

    def one(seed):
        rows = seeds.Rows(seed)
        return {"x": arguments.examples(rows, shape, value_range), **second.draw(rows)}

    def two(seed):
        rows = seeds.Rows(seed)
        return {
            "x0": arguments.examples(rows, shape, value_range),
            "x1": arguments.examples(rows, shape, value_range),
            "weight": rows.uniform(),
            **second.draw(rows),
        }

    def specs(**shapes):
        own = {name: tf.TensorSpec([None, *size], name=name) for name, size in shapes.items()}
        return own | second.inputs

    def endpoint(function, outputs, example=one, inputs=None):
        inputs = specs(x=shape) if inputs is None else inputs
        bounds = dict.fromkeys(("x", "x0", "x1"), value_range) | {"weight": (0.0, 1.0)}
        bounds = {name: (bounds | second.ranges)[name] for name in inputs}
        return Endpoint(arguments.named(function, inputs), inputs, outputs, example, bounds)

    codes = encode(*(tf.zeros([1, *s.shape[1:]], s.dtype) for s in specs(x=shape).values()))
    distance = {} if features is None else {"feature_distance": None}
    pairs = specs(x0=shape, x1=shape, weight=())
    return {
        "encode": endpoint(encode, dict.fromkeys(codes)),
        "reconstruct": endpoint(reconstruct, {made: value_range}),
        "interpolate": endpoint(interpolate, {made: value_range}, two, pairs),
        "score": endpoint(scored, {"score": None} | distance),
    }
