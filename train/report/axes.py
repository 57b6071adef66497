"""The axes of charts: their ranges, and the round numbers at which they have ticks."""

import math
from collections.abc import Sequence
from typing import NamedTuple

DECADES = 3  # positive values that span more powers of ten go on a logarithmic axis
LARGEST = 1e300  # a range of larger values can overflow


class Axis(NamedTuple):
    """A range of values, and whether equal factors are equally far apart on it."""

    low: float
    high: float
    logarithmic: bool

    def fraction(self, value: float) -> float:
        """Returns where a value lies: 0 at the low end of the axis, 1 at the high end."""
        low, high, value = (
            math.log10(v) if self.logarithmic else v for v in (self.low, self.high, value)
        )
        return (value - low) / (high - low)


def logarithmic(values: Sequence[float], decades: float = DECADES) -> bool:
    """Returns whether values are all positive and span more than `decades` powers of ten."""
    return min(values) > 0 and math.log10(max(values)) - math.log10(min(values)) > decades


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Returns round numbers in [low, high], at most `count` intervals between them.

    They are multiples of 1, 2 or 5 times a power of ten.

    Example:
        >>> ticks(0.0, 1.0)
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    power = 10.0 ** math.floor(math.log10((high - low) / count))
    step = next(
        m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power * count >= (high - low) * (1 - 1e-9)
    )
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [float(f"{i * step:.12g}") for i in numbers]


def around(values: Sequence[float], log: bool, room: float = 0.0) -> Axis:
    """Returns the axis of some values, with the fraction `room` of it free at either end."""
    low, high = min(values), max(values)
    if high - low <= max(1e-9 * max(abs(low), abs(high)), 1 / LARGEST):  # one value, in the middle
        half = 0.1 * max(abs(low), abs(high))
        half = half if half > 1 / LARGEST else 1.0
        return Axis(low - half, high + half, False)
    if log:
        factor = (high / low) ** room
        return Axis(low / factor, high * factor, True)
    return Axis(low - room * (high - low), high + room * (high - low), False)


def labels(axis: Axis, whole: bool = False) -> list[tuple[float, str]]:
    """Returns the ticks of an axis with their labels; only whole numbers if `whole`."""
    if axis.logarithmic:
        first, last = math.ceil(math.log10(axis.low)), math.floor(math.log10(axis.high))
        if last - first < 2:
            digits = [
                float(f"{digit}e{k}") for k in range(first - 1, last + 1) for digit in (1, 2, 5)
            ]
            return [(value, f"{value:g}") for value in digits if axis.low <= value <= axis.high]
        powers = (10.0**k for k in range(first, last + 1, max(1, (last - first) // 4)))
        return [(power, f"{power:g}") for power in powers]
    values = [value for value in ticks(axis.low, axis.high) if not whole or value == round(value)]
    step = min((b - a for a, b in zip(values, values[1:])), default=1.0)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if max(map(abs, values), default=0.0) >= 1e7 or digits > 5:
        return [(value, f"{value:.5g}") for value in values]
    return [(value, f"{value:,.{digits}f}") for value in values]
