"""DiffAugment: closed forms in numpy, its expectation, and that gradients flow through it."""

import numpy as np
import pytest
import tensorflow as tf

from zoo import augmentations
from zoo import noise as draws

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1.0, 1.0, (6, 8, 10, 3)).astype("float32")


class Fixed:
    """Draws that are given, in order, as fractions of the range that is asked for."""

    def __init__(self, *fractions):
        self._fractions = list(fractions)

    def uniform(self, shape=(), low=0.0, high=1.0):
        fractions = np.asarray(self._fractions.pop(0), np.float32)
        return tf.constant(low + (high - low) * fractions.reshape(-1, *[1] * len(shape)))


def noise(step=0, batch=6):
    return draws.Noise(seed=3, step=tf.constant(step), player=0, move=0, batch=batch)


def test_color_is_brightness_then_saturation_then_contrast():
    b, s, c = RANDOM.uniform(size=(3, len(X)))
    computed = augmentations.diff_augment("color")(tf.constant(X), Fixed(b, s, c))
    x = X.astype(np.float64) + (b - 0.5).reshape(-1, 1, 1, 1)
    grey = x.mean(axis=3, keepdims=True)
    x = (x - grey) * 2.0 * s.reshape(-1, 1, 1, 1) + grey
    mean = x.mean(axis=(1, 2, 3), keepdims=True)
    expected = (x - mean) * (0.5 + c).reshape(-1, 1, 1, 1) + mean
    np.testing.assert_allclose(computed, expected, rtol=0, atol=2e-6)


def test_color_leaves_the_expectation_of_an_image():
    x = np.repeat(X[:1], 4000, axis=0)
    changed = augmentations.diff_augment("color")(tf.constant(x), noise(batch=len(x))).numpy()
    error = changed.std(axis=0, ddof=1) / np.sqrt(len(x))
    far = np.abs(changed.mean(axis=0, dtype=np.float64) - X[0]) / error
    assert far.max() < 4.5  # of 240 correlated values


@pytest.mark.parametrize(
    ("fractions", "rows", "columns"),
    [((0.0, 0.5), -1, 0), ((0.999, 0.5), 1, 0), ((0.5, 0.0), 0, -1), ((0.5, 0.999), 0, 1)],
)
def test_a_translation_moves_whole_pixels_and_brings_in_zeros(fractions, rows, columns):
    # an eighth of 8 and of 10 pixels is one
    moved = augmentations.diff_augment("translation")(tf.constant(X[:1]), Fixed(*fractions))
    padded = np.pad(X[0], ((1, 1), (1, 1), (0, 0)))
    expected = padded[1 + rows : 9 + rows, 1 + columns : 11 + columns]
    np.testing.assert_allclose(moved[0], expected, rtol=0, atol=0)


def test_translations_are_uniform():
    x = np.zeros((3000, 16, 16, 1), "float32")
    x[:, 8, 8] = 1.0
    moved = augmentations.diff_augment("translation")(tf.constant(x), noise(batch=len(x))).numpy()
    _, rows, columns, _ = np.nonzero(moved)
    for places in (rows, columns):
        counts = np.bincount(places - 6, minlength=5)
        assert len(counts) == 5  # an eighth of 16 to either side
        np.testing.assert_allclose(counts / len(x), 0.2, rtol=0, atol=0.03)


@pytest.mark.parametrize(
    ("fraction", "rows"), [(0.0, slice(0, 2)), (0.5, slice(2, 6)), (0.999, slice(6, 8))]
)
def test_a_cutout_is_half_of_the_side_and_may_reach_over_the_edge(fraction, rows):
    x = np.ones((1, 8, 8, 1), "float32")
    cut = augmentations.diff_augment("cutout")(tf.constant(x), Fixed(fraction, 0.5))
    expected = x.copy()
    expected[:, rows, 2:6] = 0.0
    np.testing.assert_allclose(cut, expected, rtol=0, atol=0)


@pytest.mark.parametrize("policy", [("color",), ("translation",), ("cutout",), None])
def test_gradients_flow_as_the_change_of_the_image_says(policy):
    options = {} if policy is None else {"policy": policy}
    augment, weights = augmentations.diff_augment(**options), tf.constant(X[::-1].copy())
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = tf.reduce_sum(weights * augment(x, noise()))
    gradient = tape.gradient(value, x).numpy()
    # with fixed draws an augmentation is affine: the difference is exact
    step = RANDOM.normal(size=X.shape).astype("float32")
    moved = augment(x + step, noise()) - augment(x, noise())
    expected = np.sum(weights.numpy().astype(np.float64) * moved.numpy())
    np.testing.assert_allclose(np.sum(gradient * step, dtype=np.float64), expected, rtol=2e-4)
    assert np.abs(gradient).max() > 0.1


def test_another_range_is_the_same_picture():
    wide = augmentations.diff_augment()(tf.constant(X), noise())
    narrow = augmentations.diff_augment(value_range=(0.0, 1.0))(tf.constant((X + 1) / 2), noise())
    np.testing.assert_allclose(narrow, (wide + 1) / 2, rtol=0, atol=1e-6)


def test_images_have_draws_of_their_own():
    x = np.repeat(X[:1], 6, axis=0)
    changed = augmentations.diff_augment()(tf.constant(x), noise()).numpy()
    assert len({image.tobytes() for image in changed}) == 6
    again = augmentations.diff_augment()(tf.constant(x), noise()).numpy()
    np.testing.assert_array_equal(changed, again)
    assert (changed != augmentations.diff_augment()(tf.constant(x), noise(step=1)).numpy()).any()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"policy": "colour"}, "Did you mean 'color'"),
        ({"policy": ()}, "must have one of color, translation, cutout"),
        ({"value_range": None}, "is for images"),
    ],
)
def test_bad_options_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        augmentations.diff_augment(**options)


def test_points_are_refused():
    with pytest.raises(ValueError, match=r"takes images \[B, H, W, C\]"):
        augmentations.diff_augment()(tf.zeros((2, 3)), noise(batch=2))
