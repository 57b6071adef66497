"""The form of a bundle's images: what they are to those who call it."""

from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

from export import functions, options
from zoo import names
from zoo.games import endpoints


class Form(NamedTuple):
    """What a bundle's images are, those that endpoints take as well as those that they give.

    Attributes:
        output: `float32` for values in the model's range; `uint8` for pixels from 0 to 255.
        layout: `nhwc` for [B, H, W, C], as in the game; `nchw` for [B, C, H, W].
    """

    output: str = options.OUTPUTS[0]
    layout: str = options.LAYOUTS[0]

    def check(self) -> None:
        """Raises ValueError if a part is none of the words that it may be."""
        for kind, available in (("output", options.OUTPUTS), ("layout", options.LAYOUTS)):
            value = getattr(self, kind)
            if value not in available:
                raise ValueError(names.unknown(f"`{kind}` of a bundle", value, available))


def applied(offered: Mapping[str, endpoints.Endpoint], form: Form) -> dict[str, endpoints.Endpoint]:
    """Returns endpoints whose images, inputs and outputs, have a form.

    An image is a float tensor [B, H, W, C].

    Args:
        offered: Endpoints of a game by name.
        form: What the images become.

    Raises:
        ValueError: If no endpoint has images in a range, or images without one would be pixels.
    """
    if form == Form():
        return dict(offered)
    outputs = {name: _outputs(endpoint) for name, endpoint in offered.items()}
    ranges = {
        (name, key): value
        for name, endpoint in offered.items()
        for key, value in _images(endpoint, outputs[name]).items()
    }
    if not any(ranges.values()):
        raise ValueError(
            "The form of images can be chosen for a model with images [rows, height, width, "
            f"channels] in a range. Received: {form} for a model without them"
        )
    unbounded = sorted({name for (name, _), value in ranges.items() if not value})
    if form.output == "uint8" and unbounded:
        raise ValueError(
            "Images become pixels where every image has a range; leave the other endpoints out by "
            f"`endpoints`. Received: {', '.join(unbounded)} with images without one"
        )
    return {name: _converted(offered[name], outputs[name], form) for name in offered}


def to_pixels(x: tf.Tensor, value_range: tuple[float, float]) -> tf.Tensor:
    """Returns uint8 pixels: 255 * (x - low) / (high - low), rounded half to even, then clipped."""
    low, high = value_range
    levels = tf.round((x - low) / (high - low) * 255.0)
    return tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)


def from_pixels(pixels: tf.Tensor, value_range: tuple[float, float]) -> tf.Tensor:
    """Returns float32 values of uint8 pixels: low + (high - low) / 255 * pixel."""
    low, high = value_range
    return low + (high - low) / 255.0 * tf.cast(pixels, tf.float32)


def _outputs(endpoint: endpoints.Endpoint) -> dict[str, tf.TensorSpec]:
    traced = functions.function(endpoint).get_concrete_function()
    return dict(traced.structured_outputs)


def _images(endpoint: endpoints.Endpoint, outputs: Mapping[str, tf.TensorSpec]) -> dict:
    """Returns the ranges, or None, of the inputs and outputs that are images."""
    sides = (endpoint.inputs, endpoint.input_ranges), (outputs, endpoint.ranges)
    return {
        (side, key): ranges.get(key)
        for side, (specs, ranges) in enumerate(sides)
        for key, spec in specs.items()
        if _is_image(spec)
    }


def _is_image(spec: tf.TensorSpec) -> bool:
    return spec.shape.rank == 4 and spec.dtype == tf.float32


def _converted(
    endpoint: endpoints.Endpoint, outputs: Mapping[str, tf.TensorSpec], form: Form
) -> endpoints.Endpoint:
    taken = {
        key: endpoint.input_ranges.get(key)
        for key, spec in endpoint.inputs.items()
        if _is_image(spec)
    }
    given = {key: endpoint.ranges[key] for key, spec in outputs.items() if _is_image(spec)}

    def function(*values):
        values = [
            _inward(value, taken[key], form) if key in taken else value
            for key, value in zip(endpoint.inputs, values)
        ]
        return _each(endpoint.function(*values), given, form)

    def example(seed):
        return _each(endpoint.example(seed), taken, form)

    return endpoint._replace(
        function=function,
        inputs={
            key: _spec(spec, form) if key in taken else spec
            for key, spec in endpoint.inputs.items()
        },
        ranges=endpoint.ranges | {key: _range(value, form) for key, value in given.items()},
        example=example,
        input_ranges=endpoint.input_ranges
        | {key: _range(value, form) for key, value in taken.items()},
    )


def _each(values: Mapping[str, tf.Tensor], images: Mapping[str, tuple | None], form: Form) -> dict:
    return {
        key: _outward(value, images[key], form) if key in images else value
        for key, value in values.items()
    }


def _outward(x: tf.Tensor, value_range: tuple[float, float] | None, form: Form) -> tf.Tensor:
    x = to_pixels(x, value_range) if form.output == "uint8" else x
    return tf.transpose(x, [0, 3, 1, 2]) if form.layout == "nchw" else x


def _inward(x: tf.Tensor, value_range: tuple[float, float] | None, form: Form) -> tf.Tensor:
    x = tf.transpose(x, [0, 2, 3, 1]) if form.layout == "nchw" else x
    return from_pixels(x, value_range) if form.output == "uint8" else x


def _spec(spec: tf.TensorSpec, form: Form) -> tf.TensorSpec:
    dtype = tf.uint8 if form.output == "uint8" else spec.dtype
    rows, height, width, channels = spec.shape
    shape = [rows, channels, height, width] if form.layout == "nchw" else spec.shape
    return tf.TensorSpec(shape, dtype, spec.name)


def _range(value_range: tuple[float, float] | None, form: Form) -> tuple[float, float] | None:
    return (0, 255) if form.output == "uint8" else value_range
