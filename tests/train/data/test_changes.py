"""What each change makes of pixels, in memory and inside a graph."""

import numpy as np
import pytest
import tensorflow as tf

from train.data import changes

EXPECTED = {"inverted": lambda pixels: 255 - pixels, "rotated": lambda pixels: np.rot90(pixels)}


@pytest.mark.parametrize("word", changes.CHANGES)
@pytest.mark.parametrize("as_tensor", [False, True], ids=["array", "tensor"])
def test_a_change_is_the_same_for_one_image_and_for_several(word, as_tensor):
    images = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 3), dtype=np.uint8)
    change = changes.CHANGES[word]
    for some in (images, images[0]):
        changed = change.images(tf.constant(some) if as_tensor else some)
        expected = [EXPECTED[word](pixels) for pixels in images]
        np.testing.assert_array_equal(changed, expected if some.ndim == 4 else expected[0])
        assert tuple(changed.shape[-3:]) == change.shape((3, 4, 3))
        assert changed.dtype == (tf.uint8 if as_tensor else np.uint8)
