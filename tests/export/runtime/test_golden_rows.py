"""How far outputs are from golden ones."""

import numpy as np
import pytest

from export.runtime import golden_rows


def test_a_difference_is_absolute_in_a_row_up_to_1_and_relative_to_its_largest_above():
    expected = np.array([[0.5, -0.25], [8.0, 0.0], [-4.0, 2.0]])
    for row, column, size in ((0, 0, 1.0), (0, 1, 1.0), (1, 0, 8.0), (1, 1, 8.0), (2, 1, 4.0)):
        values = expected.copy()
        values[row, column] += 0.01
        np.testing.assert_allclose(golden_rows.difference(values, expected), 0.01 / size, rtol=1e-9)


def test_a_row_of_one_number_is_its_own_size():
    np.testing.assert_allclose(
        golden_rows.difference(np.array([80.0, 0.5]), np.array([80.8, 0.6])), 0.1, rtol=1e-9
    )


def test_equal_and_empty_outputs_differ_by_nothing():
    assert golden_rows.difference(np.ones((2, 3)), np.ones((2, 3))) == 0.0
    assert golden_rows.difference(np.ones((0, 3)), np.ones((0, 3))) == 0.0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="must be finite"):
        golden_rows.difference(np.array([value]), np.zeros(1))
