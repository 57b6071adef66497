"""Line charts: where lines, ticks and labels lie. The macro `chart` draws them as inline SVG."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from train.report import axes

PALETTE = 7  # colours of lines in style.css, --s0 to --s6
_FLAT = 0.05  # smallest fraction of an axis that a line must fill to share the axis with others
_FEW = 40  # lines of at most so many points have a dot at each point


class Series(NamedTuple):
    """Values to draw as one line.

    Attributes:
        name: Name of the line in the legend.
        x: Ascending horizontal positions.
        y: Values, as many as `x`; a value that is not finite leaves a gap.
        error: Half the length of each point's error bar; no bars if empty.
        reference: A value at which something is known, for a horizontal line; None for no line.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    error: Sequence[float] = ()
    reference: float | None = None


class Reference(NamedTuple):
    """A horizontal line at a value that is known.

    Attributes:
        number: Number of its colour, which is that of the line that it belongs to.
        height: Vertical position.
        value: Text of the value.
    """

    number: int
    height: str
    value: str


class Line(NamedTuple):
    """A line as it is drawn.

    Attributes:
        number: Number of its colour.
        name: Name in the legend.
        paths: SVG path data of the `line`, its `dots` and its error `bars`; empty if it has none.
        numbers: Texts of the last, the least and the greatest value; none without a finite value.
    """

    number: int
    name: str
    paths: dict[str, str]
    numbers: list[str]


@dataclasses.dataclass(frozen=True)
class Chart:
    """A chart as it is drawn.

    Attributes:
        title: Text above the chart.
        x_label: What the horizontal axis counts.
        logarithmic: Whether the vertical axis is logarithmic.
        rows: Height and label of each tick of the vertical axis.
        columns: Position and label of each tick of the horizontal axis.
        lines: Lines, with their legend; none where no value is finite.
        references: Horizontal lines at values that are known.
    """

    title: str
    x_label: str
    logarithmic: bool = False
    rows: Sequence[tuple[str, str]] = ()
    columns: Sequence[tuple[str, str]] = ()
    lines: Sequence[Line] = ()
    references: Sequence[Reference] = ()

    width: ClassVar[int] = 360  # of the drawing; the plot lies between the four values below
    height: ClassVar[int] = 210
    left: ClassVar[int] = 60
    right: ClassVar[int] = 338
    top: ClassVar[int] = 8
    bottom: ClassVar[int] = 174


def chart(
    title: str, x_label: str, series: Sequence[Series], *, decades: float = axes.DECADES
) -> Chart:
    """Returns a chart of lines, with the last, the least and the greatest value of each line.

    The vertical axis is logarithmic where all values are positive and span more than `decades`.

    Args:
        title: Text above the chart.
        x_label: What `x` counts.
        series: At most `PALETTE` lines.
        decades: Powers of ten.
    """
    bounds = [value for one in series for value in _bounds(one)]
    if not bounds:
        return Chart(title, x_label)
    known = [
        (number, one)
        for number, one in enumerate(series)
        if one.reference is not None and _near(one.reference, bounds)
    ]
    bounds += [one.reference for _, one in known]
    across = axes.around([x for one in series for x in one.x], False)
    up = axes.around(bounds, axes.logarithmic(bounds, decades), room=0.04)
    return Chart(
        title,
        x_label,
        up.logarithmic,
        [(_height(up, value), label) for value, label in axes.labels(up)],
        [(_position(across, value), label) for value, label in axes.labels(across, whole=True)],
        [
            Line(number, one.name, _paths(_thinned(one), across, up), _numbers(one))
            for number, one in enumerate(series)
        ],
        [
            Reference(number, _height(up, one.reference), f"{one.reference:.4g}")
            for number, one in known
        ],
    )


def together(series: Sequence[Series]) -> bool:
    """Returns whether lines can share an axis.

    They cannot if a line that changes would fill less than a twentieth of a linear axis, or if
    there are more lines than colours.
    """
    values = [v for one in series for v in _bounds(one)]
    if len(series) > PALETTE or not values or axes.logarithmic(values):
        return len(series) <= PALETTE
    spans = [max(bounds) - min(bounds) for bounds in map(_bounds, series) if bounds]
    return all(span >= _FLAT * (max(values) - min(values)) for span in spans if span)


def _near(value: float, values: Sequence[float]) -> bool:
    """Whether an axis of some values may be stretched so that it holds another one too."""
    span = max(values) - min(values)
    return min(values) - span <= value <= max(values) + span


def _drawn(value: float) -> bool:
    return abs(value) < axes.LARGEST  # not so for NaN


def _bounds(series: Series) -> list[float]:
    """Returns the finite values, or both ends of their error bars."""
    points = [
        (y, e if _drawn(e) else 0.0)
        for y, e in zip(series.y, series.error or [0.0] * len(series.y))
        if _drawn(y)
    ]
    return [end for y, e in points for end in ((y - e, y + e) if e else (y,))]


def _thinned(series: Series) -> Series:
    """Returns at most four points for each pixel across, so that no spike is lost.

    They are the first, the least, the greatest and the last.
    """
    size = len(series.x) // (Chart.right - Chart.left)
    if size <= 4 or series.error:
        return series
    kept = []
    for start in range(0, len(series.x), size):
        drawn = [i for i in range(start, min(start + size, len(series.x))) if _drawn(series.y[i])]
        least, greatest = (
            function(drawn, key=series.y.__getitem__, default=start) for function in (min, max)
        )
        kept += sorted({*drawn[:1], least, greatest, *drawn[-1:]})
    return Series(series.name, [series.x[i] for i in kept], [series.y[i] for i in kept])


def _position(across: axes.Axis, x: float) -> str:
    return f"{Chart.left + across.fraction(x) * (Chart.right - Chart.left):.1f}"


def _height(up: axes.Axis, y: float) -> str:
    return f"{Chart.bottom - up.fraction(y) * (Chart.bottom - Chart.top):.1f}"


def _paths(series: Series, across: axes.Axis, up: axes.Axis) -> dict[str, str]:
    def place(x, y):
        return f"{_position(across, x)} {_height(up, y)}"

    line, joined = "", False
    for x, y in zip(series.x, series.y):
        if _drawn(y):
            # `h0` makes a dot of a point between two gaps
            line += f"L{place(x, y)}" if joined else f"M{place(x, y)}h0"
        joined = _drawn(y)
    dots = "".join(f"M{place(x, y)}h0" for x, y in zip(series.x, series.y) if _drawn(y))
    bars = "".join(
        f"M{place(x, y - e)}L{place(x, y + e)}"
        for x, y, e in zip(series.x, series.y, series.error)
        if _drawn(y) and _drawn(e) and e
    )
    return {"line": line, "dots": dots if len(series.x) <= _FEW else "", "bars": bars}


def _numbers(series: Series) -> list[str]:
    values = [value for value in series.y if _drawn(value)]
    shown = (values[-1], min(values), max(values)) if values else ()
    return [f"{v:,.0f}" if 1e4 <= abs(v) < 1e9 else f"{v:.4g}" for v in shown]
