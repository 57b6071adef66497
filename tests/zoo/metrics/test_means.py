"""The mean and its standard error."""

import numpy as np
import pytest
from scipy import stats

from zoo.metrics import means


def test_standard_error_is_scipys():
    values = np.random.default_rng(0).normal(5.0, 2.0, 1000)
    expected = values.mean(), stats.sem(values, ddof=0)
    np.testing.assert_allclose(means.mean_and_standard_error(values), expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [[0], [2, 1], []])
def test_mean_refuses_what_is_not_a_list_of_values(shape):
    with pytest.raises(ValueError, match="Received"):
        means.mean_and_standard_error(np.zeros(shape))


def test_one_value_has_no_standard_error():
    value, error = means.mean_and_standard_error([3.0])
    assert value == 3.0 and np.isnan(error)
