"""Similarity of pairs: equal images, constants by the formula, another implementation."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.metrics import ms_ssim


def test_equal_images_are_at_one_and_noise_below():
    image = np.random.default_rng(0).uniform(size=(1, 32, 32, 1)).astype("float32")
    np.testing.assert_allclose(
        ms_ssim.similarity(np.repeat(image, 5, axis=0), pairs=20), 1.0, rtol=1e-5
    )
    noise = np.random.default_rng(1).uniform(size=(50, 32, 32, 1)).astype("float32")
    assert ms_ssim.similarity(noise, pairs=50).mean() < 0.2


def test_flat_images_have_the_luminance_of_the_formula():
    x = np.stack([np.full((28, 28, 1), 0.2), np.full((28, 28, 1), 0.6)]).astype("float32")
    c = (0.01 * 1.0) ** 2  # Wang et al., 2004, equation 13, with K_1 = 0.01 and a range of 1
    luminance = (2 * 0.2 * 0.6 + c) / (
        0.2**2 + 0.6**2 + c
    )  # counts at the coarsest scale only, the second of two
    exponent = 0.2856 / (0.0448 + 0.2856) * 1.0001
    np.testing.assert_allclose(ms_ssim.similarity(x, pairs=3), luminance**exponent, rtol=1e-3)


def test_a_large_image_has_every_scale():
    x = np.random.default_rng(0).uniform(size=(2, 180, 200, 3)).astype("float32")
    expected = tf.image.ssim_multiscale(x[0], x[1], 1.0)
    np.testing.assert_allclose(ms_ssim.similarity(x, pairs=2), float(expected), rtol=1e-4)


@pytest.mark.parametrize(
    "shape, expected", [((28, 28, 1), 0.9384490180713321), ((192, 176, 3), 0.9605221420443598)]
)
def test_it_is_that_of_another_implementation(shape, expected):
    # pytorch-msssim 1.0.0 in float64, computed once; for the small images with the two weights that
    # remain, and without its check of their size
    x = np.random.default_rng(0).uniform(size=(2, *shape))
    x[1] = 0.8 * x[0] + 0.2 * x[1]
    np.testing.assert_allclose(
        ms_ssim.similarity(x.astype("float32"), pairs=2), expected, rtol=1e-5
    )


def test_small_images_are_refused():
    with pytest.raises(ValueError, match="sides of at least 11 pixels"):
        ms_ssim.similarity(np.zeros((2, 8, 8, 1)))


def test_few_images_make_independent_pairs(monkeypatch):
    """Each image is in one pair, so that the mean's standard error is that of its pairs."""
    pairs = []
    monkeypatch.setattr(
        tf.image, "ssim_multiscale", lambda a, b, *_, **__: pairs.append((a, b)) or np.zeros(len(a))
    )
    x = np.arange(9.0)[:, None, None, None] * np.ones((28, 28, 1))
    assert ms_ssim.similarity(x, pairs=1000).shape == (4,)
    (first, second) = pairs[0]
    numbers = np.concatenate([first, second])[:, 0, 0, 0]
    assert len(numbers) == len(set(numbers)) == 8
    assert ms_ssim.similarity(x, pairs=4).shape == (4,)
