"""Weight initializers written as plain JSON values."""

import math
import numbers

import keras

KINDS = ("uniform", "normal", "fan_average", "fan_in")


@keras.saving.register_keras_serializable(package="zoo")
class FanAverage(keras.initializers.Initializer):
    """Uniform weights scaled by both fans of a layer that may have a stride.

    variance = 2 * scale / (fan_in + fan_out)

    A fan counts the connections of one unit, so a stride divides the fan on the side of the smaller
    image, which is the kernel's last axis in a convolution (its outputs) and in a transposed one
    (its inputs). Without a stride, scale 1 is Glorot's initializer.

    Args:
        scale: Factor above 0; 2 makes up for a ReLU.
        stride: Stride of the layer on both axes.

    Reference: Gulrajani et al., 2017, the released code. arXiv:1704.00028
    """

    def __init__(self, scale: float, stride: int = 1):
        self.scale = scale
        self.stride = stride

    def __call__(self, shape, dtype=None):
        *window, rows, columns = shape
        fans = math.prod(window) * (rows + columns / self.stride**2)
        limit = math.sqrt(3.0 * 2.0 * self.scale / fans)  # U[-a, a] has the variance a**2 / 3
        return keras.initializers.RandomUniform(-limit, limit)(shape, dtype)

    def get_config(self):
        return {"scale": self.scale, "stride": self.stride}


def get(initializer: str | tuple[str, float], *, stride: int = 1) -> keras.initializers.Initializer:
    """Returns a new initializer.

    Args:
        initializer: One of Keras's names such as "he_normal", or a pair: ("uniform", a) for U(-a,
            a), ("normal", std), ("fan_average", scale) for `FanAverage`, ("fan_in", scale) for a
            uniform one of variance scale / fan_in, where a third is PyTorch's.
        stride: Stride of the layer that it is for; only `FanAverage` depends on it.

    Raises:
        ValueError: If it is none of these.
    """
    error = (
        f"`initializer` must be a Keras name or a pair of {', '.join(KINDS)} and a number > 0. "
        f"Received: {initializer!r}"
    )
    if isinstance(initializer, str):
        try:
            return keras.initializers.get(initializer)
        except ValueError:
            raise ValueError(error) from None
    if not isinstance(initializer, (tuple, list)) or len(initializer) != 2:
        raise ValueError(error)
    kind, value = initializer
    if kind not in KINDS or not isinstance(value, numbers.Real) or not value > 0:
        raise ValueError(error)
    if kind == "uniform":
        return keras.initializers.RandomUniform(-value, value)
    if kind == "normal":
        return keras.initializers.RandomNormal(0.0, value)
    if kind == "fan_in":
        return keras.initializers.VarianceScaling(value, "fan_in", "uniform")
    return FanAverage(value, stride)
