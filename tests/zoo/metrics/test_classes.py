"""Shares of classes beside a reference's."""

import numpy as np
import pytest

from zoo.metrics import classes


def test_shares_like_the_reference_have_no_divergence():
    computed = classes.distribution(np.repeat([0, 1, 2], [10, 20, 30]), np.array([1, 2, 3]))
    np.testing.assert_array_equal(computed.counts, [10, 20, 30])
    assert computed.missing == 0
    np.testing.assert_allclose(computed.kl, 0.0, atol=1e-12)


def test_a_lost_class_is_missing_and_costs_its_logarithm():
    computed = classes.distribution(np.repeat([0, 1], 50), np.ones(4))
    assert computed.missing == 2
    np.testing.assert_allclose(computed.kl, np.log(2.0), rtol=1e-12)


@pytest.mark.parametrize("labels", [[0, 4], [-1], []])
def test_labels_are_checked(labels):
    with pytest.raises(ValueError, match=r"in \[0, 4\)"):
        classes.distribution(np.array(labels, int), np.ones(4))


def test_a_reference_that_lacks_a_class_is_refused():
    with pytest.raises(ValueError, match="every count of `reference` above 0"):
        classes.distribution(np.zeros(3, int), np.array([1.0, 0.0]))


def test_a_class_with_a_tenth_of_its_fair_share_is_not_missing():
    # 40 labels in 4 classes: 10 each is fair
    computed = classes.distribution(np.repeat([0, 1, 2, 3], [37, 1, 1, 1]), np.ones(4))
    assert computed.missing == 0
