"""The sizes that suggested networks pass."""

import pytest

from train.data import suggestions
from zoo.networks import geometry


@pytest.mark.parametrize(
    "size, sizes",
    {
        (28, 28): [(28, 28), (14, 14), (7, 7), (4, 4)],
        (8, 8): [(8, 8), (4, 4)],
        (64, 64): [(64 >> k, 64 >> k) for k in range(5)],
    }.items(),
    ids=str,
)
def test_levels_halve_until_the_smaller_side_is_at_most_4(size, sizes):
    assert suggestions.levels(*size) == sizes


def test_levels_are_those_of_the_networks():
    for height, width in ((33, 33), (48, 64), (8, 8), (3, 5), (218, 178)):
        assert suggestions.levels(height, width) == [
            tuple(size)
            for size in geometry.halvings(height, width, levels=None, smallest=suggestions.SMALLEST)
        ]
