"""Kernels stored in 16 bits: half the bytes, for computations in float32."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

_LEVELS = 2**15 - 1


class Stored(NamedTuple):
    """A kernel as a bundle stores it; its value is `numbers * scale` in float32.

    Attributes:
        numbers: float16 or int16 [..., C].
        scale: float32 [C]; None for 1.
    """

    numbers: np.ndarray
    scale: np.ndarray | None = None

    def value(self) -> np.ndarray:
        """Returns the float32 kernel that graphs compute with."""
        value = self.numbers.astype(np.float32)
        return value if self.scale is None else value * self.scale


def is_kernel(weight: keras.Variable) -> bool:
    """Says whether a weight is stored in 16 bits: float32 of two axes or more.

    Biases and the numbers of normalisations stay in float32: they are few, and what they scale
    would carry their rounding.
    """
    return len(weight.shape) >= 2 and keras.backend.standardize_dtype(weight.dtype) == "float32"


def as_half(value: np.ndarray) -> Stored:
    """Returns the nearest numbers of half precision.

    Raises:
        ValueError: If a value is outside of half precision's range.
    """
    largest = float(np.finfo(np.float16).max)
    if not np.max(np.abs(value), initial=0.0) <= largest:  # NaN is not
        raise ValueError(
            f"Weights in half precision must be in [-{largest:g}, {largest:g}]. "
            f"Received: {value.min():g} to {value.max():g}"
        )
    return Stored(value.astype(np.float16))


def as_integers(value: np.ndarray) -> Stored:
    """Returns integers of 16 bits with a scale for each place of the last axis.

    scale = largest absolute value / (2**15 - 1), so the error is at most half a scale.

    Raises:
        ValueError: If a value is not finite.
    """
    if not np.isfinite(value).all():
        raise ValueError("Weights in 16 bits must be finite. Received: NaN or infinity")
    largest = np.max(np.abs(value), axis=tuple(range(value.ndim - 1)))
    scale = np.where(largest > 0.0, largest, 1.0).astype(np.float32) / np.float32(_LEVELS)
    numbers = np.clip(np.rint(value / scale), -_LEVELS, _LEVELS)
    return Stored(numbers.astype(np.int16), scale)


_WAYS = {"fp16": as_half, "int16": as_integers}


def stored(weights: Sequence[keras.Variable], form: str) -> list[Stored]:
    """Returns kernels as a format has them.

    Args:
        weights: Kernels.
        form: `fp16` or `int16`.

    Raises:
        ValueError: If the format cannot hold a weight, whose path is named.
    """
    made = []
    for weight in weights:
        try:
            made.append(_WAYS[form](weight.numpy()))
        except ValueError as error:
            raise ValueError(f"{error} in {weight.path}; --weights=fp32 takes it") from error
    return made


@contextlib.contextmanager
def assigned(weights: Sequence[keras.Variable], kept: Sequence[Stored]) -> Iterator[None]:
    """Gives kernels the values that are stored within the context, and then their own again."""
    own = [weight.numpy() for weight in weights]
    try:
        for weight, value in zip(weights, kept):
            weight.assign(value.value())
        yield
    finally:
        for weight, value in zip(weights, own):
            weight.assign(value)


def variables(kept: Sequence[Stored]) -> list[Callable[[], tf.Tensor]]:
    """Returns functions that give the kernels in float32 from variables of what is stored."""
    return [_from_variables(value, f"kernel_{at}") for at, value in enumerate(kept)]


def _from_variables(kept: Stored, name: str) -> Callable[[], tf.Tensor]:
    numbers = tf.Variable(kept.numbers, name=name)
    if kept.scale is None:
        return lambda: tf.cast(numbers, tf.float32)
    scale = tf.Variable(kept.scale, name=f"{name}_scale")
    return lambda: tf.cast(numbers, tf.float32) * scale
