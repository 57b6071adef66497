"""What a trained game offers to its users, in the form that samplers and exporters take."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from zoo import priors, seeds


class Endpoint(NamedTuple):
    """One batched function of a trained game.

    Attributes:
        function: Takes the inputs by name, returns a dict of named outputs; batch axis first in every input and output, a
            row's outputs depend on its own inputs only.
        inputs: Name -> tf.TensorSpec with None as the batch axis.
        ranges: Output name -> (low, high) that its values keep to, or None where they are unbounded.
        example: Takes row seeds [B] int64, returns valid inputs by name; the rows differ.
    """

    function: Callable[..., dict[str, tf.Tensor]]
    inputs: dict[str, tf.TensorSpec]
    ranges: dict[str, tuple[float, float] | None]
    example: Callable[[tf.Tensor], dict[str, tf.Tensor]]


def generative(decode: Callable, prior: priors.Prior, value_range: tuple[float, float] | None) -> dict[str, Endpoint]:
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

    z, seed = tf.TensorSpec([None, prior.size], tf.float32, "z"), tf.TensorSpec([None], tf.int64, "seed")
    ranges = {"image": value_range}
    return {
        "generate": Endpoint(generate, {"z": z}, ranges, latents),
        "sample": Endpoint(sample, {"seed": seed}, ranges, example=lambda seed: {"seed": seed}),
    }


def inferential(
    encode: Callable, decode: Callable, score: Callable, shape: tuple[int, ...], value_range: tuple[float, float] | None
) -> dict[str, Endpoint]:
    """Returns `encode(x)`, `reconstruct(x)`, `interpolate(x0, x1, weight)` along a line of codes, and `score(x)`.

    Args:
        encode: Examples -> a dict of codes [B, Z], the first of which is what `decode` takes.
        decode: Latents [B, Z] -> examples.
        score: Examples -> [B], higher for what is less like the data.
        shape: Of an example.
        value_range: Of the examples.
    """

    def code(x):
        return next(iter(encode(x).values()))

    def reconstruct(x):
        return {"image": decode(code(x))}

    def interpolate(x0, x1, weight):
        share = weight[:, tf.newaxis]
        return {"image": decode((1.0 - share) * code(x0) + share * code(x1))}

    def examples(rows):
        if value_range is None:
            return rows.normal(shape)
        low, high = value_range
        return low + (high - low) * rows.uniform(shape)

    def one(seed):
        return {"x": examples(seeds.Rows(seed))}

    def two(seed):
        rows = seeds.Rows(seed)
        return {"x0": examples(rows), "x1": examples(rows), "weight": rows.uniform()}

    def spec(name):
        return tf.TensorSpec([None, *shape], tf.float32, name)

    weight = tf.TensorSpec([None], tf.float32, "weight")
    codes = encode(tf.zeros([1, *shape]))
    return {
        "encode": Endpoint(encode, {"x": spec("x")}, dict.fromkeys(codes), one),
        "reconstruct": Endpoint(reconstruct, {"x": spec("x")}, {"image": value_range}, one),
        "interpolate": Endpoint(interpolate, {"x0": spec("x0"), "x1": spec("x1"), "weight": weight}, {"image": value_range}, two),
        "score": Endpoint(lambda x: {"score": score(x)}, {"x": spec("x")}, {"score": None}, one),
    }
