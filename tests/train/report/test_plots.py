"""Line charts: where lines break, which axis they get, and that nothing is lost."""

import math
import re

import numpy as np
import pytest

from train.report import axes, pages, plots

NAN = math.nan


def chart(*values, error=()):
    lines = [
        plots.Series(f"line {i}", list(range(1, len(y) + 1)), y, error)
        for i, y in enumerate(values)
    ]
    return drawn(plots.chart("title", "epoch", lines))


def drawn(chart):
    """Returns the HTML of a chart."""
    return str(pages.ENVIRONMENT.get_template("macros.html").module.chart(chart))


def line(drawing, number=0):
    (path,) = re.findall(rf'class="line s{number}" d="([^"]*)"', drawing)
    return path


def heights(drawing, number=0):
    return [float(y) for y in re.findall(r"[ML]\S+ ([\d.]+)", line(drawing, number))]


@pytest.mark.parametrize("gap", [NAN, math.inf, -math.inf], ids=["nan", "inf", "-inf"])
def test_a_value_that_is_not_finite_breaks_the_line(gap):
    path = line(chart([1.0, 2.0, gap, 3.0, 2.0]))
    assert re.sub(r"[\d. ]+", " ", path).replace(" ", "") == "MhLMhL"


def test_a_point_between_two_gaps_is_a_dot():
    assert line(chart([1.0, NAN, 2.0])).count("h0") == 2


def test_heights_are_linear_in_values():
    y = heights(chart([0.0, 1.0, 4.0]))
    np.testing.assert_allclose((y[0] - y[1]) / (y[0] - y[2]), 0.25, atol=2e-3)
    assert y[2] < y[0]  # larger is higher


def test_heights_are_linear_in_logarithms_above_three_decades():
    drawing = chart([1.0, 10.0, 1e4])
    y = heights(drawing)
    np.testing.assert_allclose((y[0] - y[1]) / (y[0] - y[2]), 0.25, atol=2e-3)
    assert "title (logarithmic)" in drawing and ">100<" in drawing


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 1001.0], True),
        ([1.0, 999.0], False),
        ([-1.0, 1e9], False),
        ([0.0, 1e9], False),
        ([1e-9, 1.0], True),
    ],
    ids=["over", "under", "negative", "zero", "small"],
)
def test_the_axis_is_logarithmic_where_all_is_positive_and_spans_more_than_three_decades(
    values, expected
):
    assert axes.logarithmic(values) is expected
    assert ("(logarithmic)" in chart(values)) is expected


def test_an_axis_of_few_decades_is_logarithmic_where_asked_and_has_ones_twos_and_fives():
    series = [plots.Series("one", [300, 400, 600], [1.5, 15.0, 60.0])]
    drawing = drawn(plots.chart("title", "step", series, decades=1))
    y = heights(drawing)
    np.testing.assert_allclose(
        (y[0] - y[1]) / (y[0] - y[2]), np.log(10.0) / np.log(40.0), atol=2e-3
    )
    assert (
        all(f">{word}<" in drawing for word in (2, 5, 10, 20, 50))
        and ">1<" not in drawing
        and ">100<" not in drawing
    )


def test_a_negative_end_of_an_error_bar_keeps_the_axis_linear():
    assert "(logarithmic)" not in chart([1.0, 5000.0], error=[2.0, 2.0])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-0.3, 0.3, [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]),
        (1.0, 296.0, [50.0, 100.0, 150.0, 200.0, 250.0]),
        (0.00012, 0.00031, [0.00015, 0.0002, 0.00025, 0.0003]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert axes.ticks(low, high) == expected


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0, 1e-300, 1e299])
def test_one_value_lies_in_the_middle(value):
    drawing = chart([value, value])
    np.testing.assert_allclose(
        heights(drawing), (plots.Chart.top + plots.Chart.bottom) / 2, atol=0.1
    )


def test_epochs_are_whole():
    words = re.findall(r'text-anchor="middle">([^<]*)<', chart([1.0, 2.0]))
    assert words == ["1", "2", "epoch"]


def test_nothing_finite_is_said():
    assert "No finite value." in chart([NAN, NAN])
    assert "no finite value" in chart([NAN, NAN], [1.0, 2.0])


def test_the_legend_tells_last_least_and_greatest():
    assert re.findall(r'<td class="number">([^<]*)</td>', chart([3.0, 1.5, 70000.0, 2.0, NAN])) == [
        "2",
        "1.5",
        "70,000",
    ]


def test_every_line_has_its_colour():
    drawing = chart([1.0, 2.0], [2.0, 1.0], [1.0, 1.5])
    assert [f"s{i}" in drawing and f"f{i}" in drawing for i in range(4)] == [
        True,
        True,
        True,
        False,
    ]


def test_a_spike_among_many_points_is_kept():
    y = np.zeros(20_000)
    y[7777], y[12_345] = 1.0, -1.0
    drawing = chart(y.tolist())
    assert len(heights(drawing)) < 2000
    assert (
        min(heights(drawing)) < max(heights(drawing)) - 150
    )  # of the 166 pixels between top and bottom
    assert {round(h) for h in heights(drawing)} == {
        round(h) for h in (heights(chart([0.0, 1.0, -1.0])))
    }


def test_a_long_gap_among_many_points_is_kept():
    y = np.zeros(20_000)
    y[5000:6000] = NAN
    assert line(chart(y.tolist())).count("M") == 2


def test_lines_share_an_axis_where_none_is_flattened():
    def together(*values):
        return plots.together([plots.Series("a", [1, 2], y) for y in values])

    assert together([0.0, 1.0], [0.5, 2.0])
    assert not together([0.0, 1.0], [0.0, 100.0])
    assert not together([0.0, 1.0], [100.0, 100.0])
    assert together([0.0, 1.0], [0.5, 0.5])  # flat by itself
    assert together([1.0, 2.0], [1.0, 5000.0])  # on a logarithmic axis
    assert together([NAN, NAN])
    assert not together(*[[0.0, 1.0]] * 8)  # more than there are colours


@pytest.mark.parametrize(("value", "shown"), [(1.386, True), (3.5, True), (40.0, False)])
def test_a_reference_is_drawn_where_it_is_near_the_line(value, shown):
    line = plots.Series("critic", [1, 2, 3], [1.0, 2.0, 3.0], reference=value)
    chart = plots.chart("losses", "epoch", [line])
    assert [known.value for known in chart.references] == ([f"{value:.4g}"] if shown else [])
    for known in chart.references:  # inside the plot
        assert chart.top <= float(known.height) <= chart.bottom


def test_a_reference_lies_at_its_value():
    line = plots.Series("critic", [1, 2], [0.0, 1.0], reference=0.5)
    chart = plots.chart("losses", "epoch", [line])
    middle = (chart.top + chart.bottom) / 2
    np.testing.assert_allclose(float(chart.references[0].height), middle, rtol=0, atol=0.1)
