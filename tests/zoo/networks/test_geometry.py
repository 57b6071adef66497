import keras
import numpy as np
import pytest

from zoo.networks import geometry


@pytest.mark.parametrize(
    ("size", "smallest", "expected"),
    [
        ((28, 28), 4, [(28, 28), (14, 14), (7, 7), (4, 4)]),
        ((64, 64), 4, [(64, 64), (32, 32), (16, 16), (8, 8), (4, 4)]),
        ((33, 33), 4, [(33, 33), (17, 17), (9, 9), (5, 5), (3, 3)]),
        ((48, 64), 4, [(48, 64), (24, 32), (12, 16), (6, 8), (3, 4)]),
        ((32, 32), 8, [(32, 32), (16, 16), (8, 8)]),
        ((3, 1), 4, [(3, 1), (2, 1)]),
    ],
)
def test_halvings_round_up_until_the_smaller_side_is_small(size, smallest, expected):
    assert geometry.halvings(*size, levels=None, smallest=smallest) == expected


def test_halvings_by_count():
    assert geometry.halvings(64, 64, levels=2, smallest=4) == [(64, 64), (32, 32), (16, 16)]


@pytest.mark.parametrize("levels", [0, -1, 1.5, True])
def test_halvings_refuse_another_count(levels):
    with pytest.raises(ValueError, match="`levels` must be an integer > 0"):
        geometry.halvings(8, 8, levels=levels, smallest=4)


def test_crop_keeps_the_first_rows_and_columns():
    x = np.arange(2 * 8 * 6, dtype=np.float32).reshape(2, 8, 6, 1)
    inputs = keras.Input((8, 6, 1))
    np.testing.assert_array_equal(
        keras.Model(inputs, geometry.crop(inputs, (7, 4)))(x), x[:, :7, :4]
    )
