import math

import keras
import numpy as np
import pytest

from zoo.networks import initializers


def test_uniform_fills_its_interval():
    w = np.asarray(initializers.get(("uniform", 0.05))((200, 200)))
    assert np.abs(w).max() <= 0.05
    np.testing.assert_allclose(
        [w.min(), w.max(), w.std()], [-0.05, 0.05, 0.05 / math.sqrt(3)], rtol=0.02
    )


def test_normal_has_its_standard_deviation():
    w = np.asarray(initializers.get(["normal", 0.02])((200, 200)))
    np.testing.assert_allclose(w.std(), 0.02, rtol=0.03)
    assert np.abs(w).max() > 0.06  # not truncated


@pytest.mark.parametrize(
    ("stride", "shape", "fan_in", "fan_out"),
    [
        (1, (100, 300), 100, 300),
        (1, (3, 3, 32, 64), 9 * 32, 9 * 64),
        (2, (5, 5, 32, 64), 25 * 32, 25 * 64 / 4),
    ],
)
def test_fan_average_matches_the_released_code(stride, shape, fan_in, fan_out):
    w = np.asarray(initializers.get(("fan_average", 2.0), stride=stride)(shape))
    std = math.sqrt(4 / (fan_in + fan_out))
    np.testing.assert_allclose([w.std(), np.abs(w).max()], [std, std * math.sqrt(3)], rtol=0.02)


def test_fan_average_of_a_transposed_convolution_divides_the_inputs():
    layer = keras.layers.Conv2DTranspose(
        64, 5, 2, kernel_initializer=initializers.get(("fan_average", 2), stride=2)
    )
    layer.build((None, 4, 4, 32))
    std = math.sqrt(4 / (25 * 32 / 4 + 25 * 64))
    np.testing.assert_allclose(np.std(layer.kernel), std, rtol=0.02)


def test_fan_in_of_a_third_is_pytorch_s():
    """PyTorch draws a linear layer's weights from U(-a, a) with a = 1 / sqrt(fan_in)."""
    w = np.asarray(initializers.get(("fan_in", 1 / 3))((64, 5000)))
    np.testing.assert_allclose([w.min(), w.max()], [-1 / 8, 1 / 8], rtol=1e-3)
    np.testing.assert_allclose(np.std(w), 1 / 8 / math.sqrt(3), rtol=0.01)


def test_keras_name_gives_keras_initializer():
    assert isinstance(initializers.get("he_normal"), keras.initializers.HeNormal)


def test_draws_repeat_with_the_global_seed():
    def draw():
        keras.utils.set_random_seed(3)
        return np.asarray(initializers.get(("fan_average", 2.0))((4, 5)))

    np.testing.assert_array_equal(draw(), draw())


@pytest.mark.parametrize(
    "wrong",
    ["he_norml", ("gauss", 0.1), ("normal", 0.0), ("normal", "0.1"), ("normal",), 0.05, None],
    ids=str,
)
def test_another_value_is_refused(wrong):
    with pytest.raises(
        ValueError,
        match="a pair of uniform, normal, fan_average, fan_in and a number > 0. Received: ",
    ):
        initializers.get(wrong)
