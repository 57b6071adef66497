"""The first batch of a training is looked at before any step: its values, not only its shapes."""

import warnings
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from zoo.games import feeding

ROUNDING = 1e-3  # of the range's width: what 16-bit floats may lie outside of it


def check(
    parts: list, inputs: tuple[str, ...], ranges: Mapping[str, tuple[float, float] | None]
) -> None:
    """Checks the values of a batch.

    Args:
        parts: The batch, or what each replica gets of it; see `feeding.named`.
        inputs: `Game.inputs`.
        ranges: Name -> (low, high) that the values of an input must keep to; None, or no entry,
            for an input without bounds. The range of `label` is (0, number of classes - 1).

    Raises:
        ValueError: If a value is not finite, or outside of the range by more than rounding.

    Warns:
        UserWarning: If the range begins below 0 and no value does.
    """
    parts = [feeding.named(part, inputs) for part in parts]
    for name in inputs:
        tensors = [tf.convert_to_tensor(part[name]) for part in parts]
        if not all(tensor.dtype.is_floating or tensor.dtype.is_integer for tensor in tensors):
            continue
        values = [_numbers(tensor) for tensor in tensors if tf.size(tensor)]
        if values:
            _check(name, np.concatenate(values), tensors[0].dtype.name, ranges.get(name))


def _numbers(tensor: tf.Tensor) -> np.ndarray:
    wide = tf.cast(tensor, tf.float32) if tensor.dtype.is_floating else tensor
    return np.ravel(wide.numpy())


def _check(name: str, values: np.ndarray, dtype: str, bounds: tuple[float, float] | None) -> None:
    finite = np.count_nonzero(np.isfinite(values))
    if finite < values.size:
        raise ValueError(
            f"The values of `{name}` must be finite. Received: {values.size - finite} values that "
            f"are NaN or infinite, of {values.size} in the first batch"
        )
    if bounds is None:
        return
    (low, high), least, most = bounds, float(values.min()), float(values.max())
    received = f"Received: {dtype} values from {least:g} to {most:g} in the first batch"
    if name == "label":
        if not low <= least <= most <= high:
            raise ValueError(f"Labels must be integers in [{low}, {high + 1}). {received}")
        return
    rounding = ROUNDING * (high - low)
    if least < low - rounding or most > high + rounding:
        raise ValueError(
            f"The values of `{name}` must be in [{low:g}, {high:g}], the range of this game's "
            f"examples. {_remedy(name, low, high, least, most)} {received}"
        )
    if low < 0.0 <= least:
        scaled = _scaled(name, 1.0, low, high)
        warnings.warn(
            f"The range of this game's examples is [{low:g}, {high:g}], and the first batch of "
            f"`{name}` has no value below 0: its values are from {least:g} to {most:g}. If the "
            f"data are in [0, 1], scale them by `{scaled}`, or build the game for [0, 1].",
            stacklevel=2,
        )


def _remedy(name: str, low: float, high: float, least: float, most: float) -> str:
    for bits in (8, 16):
        if 0.0 <= least and 1.0 < most <= 2**bits - 1:
            return f"Pixels of {bits} bits are scaled by `{_scaled(name, 2**bits - 1, low, high)}`."
    return "Scale the data, or build the game for the range that the data have."


def _scaled(name: str, white: float, low: float, high: float) -> str:
    """Returns the expression that takes [0, white] to [low, high]."""
    factor, shift = white / (high - low), f" {'+' if low > 0.0 else '-'} {abs(low):g}"
    scale = f" / {factor:g}" if factor > 1.0 else f" * {1.0 / factor:g}" if factor < 1.0 else ""
    return f"{name}{scale}{shift if low else ''}"
