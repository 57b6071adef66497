"""Augmentations of what a critic sees: of real and of generated images alike, with gradients.

Each is a function (x, noise) -> x of the same shape. A critic that sees augmented images only
cannot learn a small data set by heart. The generator does not learn to make augmented images, as
it would if the data alone were augmented, since its own images go through the same distribution of
changes. Nothing of it is in what a game samples or exports.
"""

import functools
from collections.abc import Callable, Sequence

import tensorflow as tf

from zoo import names

Augmentation = Callable[..., tf.Tensor]

COLOR, TRANSLATION, CUTOUT = "color", "translation", "cutout"
SHIFTED = 0.125  # of a side, the farthest translation
CUT = 0.5  # of a side, the square that is cut out


def diff_augment(
    policy: Sequence[str] = (COLOR, TRANSLATION, CUTOUT),
    value_range: tuple[float, float] | None = (-1.0, 1.0),
) -> Augmentation:
    """Differentiable augmentation: colour, translation and cutout, drawn for each image.

    color: x + b, b ~ U[-1/2, 1/2); then (x - mean_C(x)) * s + mean_C(x), s ~ U[0, 2), where the
        mean is over channels; then (x - mean(x)) * c + mean(x), c ~ U[1/2, 3/2), over the image
    translation: by whole pixels, uniform in [-1/8, 1/8] of each side; 0 comes in
    cutout: a square of half of the side, around a uniform position, becomes 0

    The numbers are for images in [-1, 1]. In another range, b is scaled by half of its width, and
    the middle of the range stands in the place of 0. The three changes of color leave the
    expectation of an image as it is; translation and cutout do not. A result may lie outside of
    the range.

    Args:
        policy: Which of the three, in the order in which they are applied: "color",
            "translation", "cutout".
        value_range: (low, high) of the images.

    Returns:
        An augmentation: (x [B, H, W, C], noise) -> x of the same shape.

    Raises:
        ValueError: If the policy is empty or names another one, or the data are no images.

    Reference: Zhao et al., 2020, section 3.2, and the constants of its released code.
        arXiv:2006.10738
    """
    changes = {COLOR: _color, TRANSLATION: _translation, CUTOUT: _cutout}
    policy = (policy,) if isinstance(policy, str) else tuple(policy)
    for name in policy:
        if name not in changes:
            raise ValueError(names.unknown("change of `policy`", name, changes))
    if not policy:
        raise ValueError(f"`policy` must have one of {', '.join(changes)}. Received: none")
    if value_range is None:
        raise ValueError("`diff_augment` is for images. Received: data without a value range")
    low, high = value_range
    middle, half = 0.5 * (low + high), 0.5 * (high - low)

    def augment(x: tf.Tensor, noise) -> tf.Tensor:
        if x.shape.rank != 4:
            raise ValueError(
                f"`diff_augment` takes images [B, H, W, C]. Received: shape {tuple(x.shape)}"
            )
        x = (tf.cast(x, tf.float32) - middle) / half
        for name in policy:
            x = changes[name](x, noise)
        return x * half + middle

    return augment


def _color(x: tf.Tensor, noise) -> tf.Tensor:
    one = (1, 1, 1)
    x += noise.uniform(one, -0.5, 0.5)
    x = _away_from(tf.reduce_mean(x, axis=3, keepdims=True), x, noise.uniform(one, 0.0, 2.0))
    mean = tf.reduce_mean(x, axis=(1, 2, 3), keepdims=True)
    return _away_from(mean, x, noise.uniform(one, 0.5, 1.5))


def _away_from(mean: tf.Tensor, x: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    return (x - mean) * factor + mean


def _translation(x: tf.Tensor, noise) -> tf.Tensor:
    for axis in (1, 2):
        side = x.shape[axis]
        farthest = int(side * SHIFTED + 0.5)
        shift = _integer(noise, -farthest, farthest)
        places = tf.range(side) + shift  # [B, side]: where each pixel comes from
        inside = tf.cast((places >= 0) & (places < side), x.dtype)
        taken = tf.gather(x, tf.clip_by_value(places, 0, side - 1), axis=axis, batch_dims=1)
        x = taken * tf.reshape(inside, (-1, side, 1, 1) if axis == 1 else (-1, 1, side, 1))
    return x


def _cutout(x: tf.Tensor, noise) -> tf.Tensor:
    within = []
    for side in x.shape[1:3]:
        size = int(side * CUT + 0.5)
        # the square may reach beyond the edge by half of itself
        first = _integer(noise, 0, side - size % 2) - size // 2
        places = tf.range(side)
        within.append((places >= first) & (places < first + size))  # [B, side]
    square = within[0][:, :, tf.newaxis] & within[1][:, tf.newaxis, :]
    return x * tf.cast(~square, x.dtype)[..., tf.newaxis]


def _integer(noise, low: int, high: int) -> tf.Tensor:
    """Returns [B, 1] integers, uniform from `low` to `high`, both included."""
    drawn = tf.floor(noise.uniform((1,), float(low), float(high + 1)))
    return tf.cast(tf.minimum(drawn, float(high)), tf.int32)  # a draw may round up to the end


AUGMENTATIONS = {"diff_augment": diff_augment}


def table(value_range: tuple[float, float] | None) -> dict[str, Callable[[], Augmentation]]:
    """Returns the augmentations by name, for images in a range."""
    return {
        name: functools.partial(make, value_range=value_range)
        for name, make in AUGMENTATIONS.items()
    }
