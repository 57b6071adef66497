"""Line charts as inline SVG, coloured by the page that they stand in."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from train.report import pages

_WIDTH, _HEIGHT = 360, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 338, 8, 174  # of the plot inside
_DECADES = 3  # above which positive values go on a logarithmic axis
_FLAT = 0.05  # a share of the axis that a series must fill beside others
_FEW = 40  # points that are marked one by one
_LARGEST = 1e300  # beyond it a range can overflow


class Series(NamedTuple):
    """One line of a chart.

    Attributes:
        name: In the legend.
        x: Ascending.
        y: As long as `x`; a value that is not finite leaves a gap.
        error: Half the length of each point's error bar; none unless given.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    error: Sequence[float] = ()


class _Axis(NamedTuple):
    low: float
    high: float
    logarithmic: bool

    def share(self, value: float) -> float:
        low, high, value = (
            math.log10(v) if self.logarithmic else v for v in (self.low, self.high, value)
        )
        return (value - low) / (high - low)


def chart(title: str, x_label: str, series: Sequence[Series], *, decades: float = _DECADES) -> str:
    """Returns a chart with axes, and a legend that says the last, the least and the greatest value of each line.

    The vertical axis is logarithmic where all values are positive and span more than `decades`.

    Args:
        title: Above it.
        x_label: What `x` counts.
        series: At most `pages.PALETTE` lines.
        decades: Powers of ten.
    """
    bounds = [v for one in series for v in _bounds(one)]
    if not bounds:
        return f'<figure class="chart"><h3>{pages.text(title)}</h3>{pages.note("No finite value.")}</figure>'
    across = _axis([x for one in series for x in one.x], False)
    up = _axis(bounds, logarithmic(bounds, decades), room=0.04)
    lines = "".join(_line(number, _thinned(one), across, up) for number, one in enumerate(series))
    word = f"{title} (logarithmic)" if up.logarithmic else title
    drawing = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{pages.text(title)}">{_grid(across, up, x_label)}{lines}</svg>'
    return f'<figure class="chart"><h3>{pages.text(word)}</h3>{drawing}{_legend(series)}</figure>'


def together(series: Sequence[Series]) -> bool:
    """Returns whether lines can share an axis: none that changes would be flattened to under a twentieth of it."""
    values = [v for one in series for v in _bounds(one)]
    if len(series) > pages.PALETTE or not values or logarithmic(values):
        return len(series) <= pages.PALETTE
    spans = [max(found) - min(found) for found in map(_bounds, series) if found]
    return all(span >= _FLAT * (max(values) - min(values)) for span in spans if span)


def logarithmic(values: Sequence[float], decades: float = _DECADES) -> bool:
    """Returns whether values are all positive and span more than `decades`, powers of ten."""
    return min(values) > 0 and math.log10(max(values)) - math.log10(min(values)) > decades


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Returns round numbers in [low, high], at most `count` steps: multiples of 1, 2 or 5 times a power of ten.

    Example:
        >>> ticks(0.0, 1.0)
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    power = 10.0 ** math.floor(math.log10((high - low) / count))
    step = next(
        m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power * count >= (high - low) * (1 - 1e-9)
    )
    found = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [float(f"{i * step:.12g}") for i in found]


def _drawn(value: float) -> bool:
    return abs(value) < _LARGEST  # not so for NaN


def _bounds(series: Series) -> list[float]:
    """Returns the finite values, or both ends of their error bars."""
    found = [
        (y, e if _drawn(e) else 0.0)
        for y, e in zip(series.y, series.error or [0.0] * len(series.y))
        if _drawn(y)
    ]
    return [end for y, e in found for end in ((y - e, y + e) if e else (y,))]


def _axis(values: Sequence[float], log: bool, room: float = 0.0) -> _Axis:
    """Returns the axis of some values, of which `room` is free at either end."""
    low, high = min(values), max(values)
    if (
        high - low <= 1e-9 * max(abs(low), abs(high)) or high - low < 1 / _LARGEST
    ):  # one value, in the middle
        half = 0.1 * max(abs(low), abs(high))
        half = half if half > 1 / _LARGEST else 1.0
        return _Axis(low - half, high + half, False)
    if log:
        factor = (high / low) ** room
        return _Axis(low / factor, high * factor, True)
    return _Axis(low - room * (high - low), high + room * (high - low), False)


def _thinned(series: Series) -> Series:
    """Returns at most four points for each pixel across: the first, the least, the greatest and the last, so that no spike is lost."""
    size = len(series.x) // (_RIGHT - _LEFT)
    if size <= 4 or series.error:
        return series
    kept = []
    for start in range(0, len(series.x), size):
        drawn = [i for i in range(start, min(start + size, len(series.x))) if _drawn(series.y[i])]
        extremes = (
            {
                drawn[0],
                min(drawn, key=series.y.__getitem__),
                max(drawn, key=series.y.__getitem__),
                drawn[-1],
            }
            if drawn
            else {start}
        )
        kept += sorted(extremes)
    return Series(series.name, [series.x[i] for i in kept], [series.y[i] for i in kept])


def _line(number: int, series: Series, across: _Axis, up: _Axis) -> str:
    def place(x, y):
        return f"{_LEFT + across.share(x) * (_RIGHT - _LEFT):.1f} {_BOTTOM - up.share(y) * (_BOTTOM - _TOP):.1f}"

    path, joined = "", False
    for x, y in zip(series.x, series.y):
        if _drawn(y):
            path += (
                f"L{place(x, y)}" if joined else f"M{place(x, y)}h0"
            )  # a point between two gaps is a dot
        joined = _drawn(y)
    points = [(x, y) for x, y in zip(series.x, series.y) if _drawn(y)]
    found = f'<path class="line s{number}" d="{path}"/>'
    if len(series.x) <= _FEW:
        found += f'<path class="dots s{number}" d="{"".join(f"M{place(*point)}h0" for point in points)}"/>'
    bars = [
        (x, y, e)
        for x, y, e in zip(series.x, series.y, series.error)
        if _drawn(y) and _drawn(e) and e
    ]
    if bars:
        found += f'<path class="bars s{number}" d="{"".join(f"M{place(x, y - e)}L{place(x, y + e)}" for x, y, e in bars)}"/>'
    return found


def _grid(across: _Axis, up: _Axis, x_label: str) -> str:
    found = ""
    for value, word in _labels(up):
        y = _BOTTOM - up.share(value) * (_BOTTOM - _TOP)
        found += f'<path class="grid" d="M{_LEFT} {y:.1f}H{_RIGHT}"/><text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{word}</text>'
    for value, word in _labels(across, whole=True):
        x = _LEFT + across.share(value) * (_RIGHT - _LEFT)
        found += f'<path class="axis" d="M{x:.1f} {_BOTTOM}v4"/><text x="{x:.1f}" y="{_BOTTOM + 16}" text-anchor="middle">{word}</text>'
    found += f'<path class="axis" d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}"/>'
    return (
        found
        + f'<text x="{(_LEFT + _RIGHT) / 2}" y="{_HEIGHT - 4}" text-anchor="middle">{pages.text(x_label)}</text>'
    )


def _labels(axis: _Axis, whole: bool = False) -> list[tuple[float, str]]:
    """Returns an axis's ticks with their words; of epochs and steps only whole ones."""
    if axis.logarithmic:
        first, last = math.ceil(math.log10(axis.low)), math.floor(math.log10(axis.high))
        if last - first < 2:
            every = [
                float(f"{digit}e{k}") for k in range(first - 1, last + 1) for digit in (1, 2, 5)
            ]
            return [(value, f"{value:g}") for value in every if axis.low <= value <= axis.high]
        return [
            (10.0**k, f"{10.0**k:g}") for k in range(first, last + 1, max(1, (last - first) // 4))
        ]
    found = [value for value in ticks(axis.low, axis.high) if not whole or value == round(value)]
    largest, step = (
        max(map(abs, found), default=0.0),
        min((b - a for a, b in zip(found, found[1:])), default=1.0),
    )
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if largest >= 1e7 or digits > 5:
        return [(value, f"{value:.5g}") for value in found]
    return [(value, f"{value:,.{digits}f}") for value in found]


def _legend(series: Sequence[Series]) -> str:
    rows = ""
    for number, one in enumerate(series):
        values = [v for v in one.y if _drawn(v)]
        told = (values[-1], min(values), max(values)) if values else ()
        cells = (
            "".join(
                f'<td class="number">{f"{v:,.0f}" if 1e4 <= abs(v) < 1e9 else f"{v:.4g}"}</td>'
                for v in told
            )
            or "<td colspan=3>no finite value</td>"
        )
        rows += (
            f'<tr><td><span class="swatch f{number}"></span>{pages.text(one.name)}</td>{cells}</tr>'
        )
    head = "".join(f'<th class="number">{word}</th>' for word in ("last", "min", "max"))
    return f'<div class="wide"><table class="legend"><tr><td></td>{head}</tr>{rows}</table></div>'
