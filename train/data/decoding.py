"""Encoded images to pixels inside a graph, the same way for images in memory and streamed ones."""

import functools
import pathlib

import numpy as np
import tensorflow as tf

from train.data import pictures


def decode(
    contents: tf.Tensor, orientation: tf.Tensor, shape: tuple[int, int, int], crop: int | None
) -> tf.Tensor:
    """Decodes one PNG or JPEG image of 8 bits without transparency.

    Args:
        contents: Scalar string.
        orientation: Scalar, EXIF's 1 (upright) to 8.
        shape: Height and width to resize to, and 1 (grey) or 3 channels.
        crop: Side of the square that is cut out of the middle first.

    Returns:
        uint8 [*shape].
    """
    height, width, channels = shape
    image = tf.io.decode_image(contents, channels=channels, expand_animations=False)
    return tf.ensure_shape(fit(upright(image, orientation), size=(height, width), crop=crop), shape)


def decode_file(
    path: tf.Tensor,
    shape: tuple[int, int, int],
    crop: int | None,
    *,
    background: str,
    bits: int | None,
) -> tf.Tensor:
    """Decodes the first picture of an image file of any kind, by Pillow.

    Args:
        path: Scalar string.
        shape: As in `decode`.
        crop: As in `decode`.
        background: Name of the colour behind what is transparent.
        bits: Number of bits that 16-bit values use; None where there are none.

    Returns:
        uint8 [*shape].
    """
    height, width, channels = shape
    options = {"background": background, "bits": bits or 16, "channels": channels}
    read = functools.partial(_read, options)
    image = tf.numpy_function(read, [path], tf.uint8, stateful=False)
    image.set_shape([None, None, channels])
    return tf.ensure_shape(fit(image, size=(height, width), crop=crop), shape)


def upright(image: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Turns pixels [H, W, C] as EXIF's orientation says; 5 to 8 exchange height and width."""
    image = tf.cond(orientation >= 5, lambda: tf.transpose(image, [1, 0, 2]), lambda: image)
    image = tf.cond(_one_of(orientation, 2, 3, 6, 7), lambda: image[:, ::-1], lambda: image)
    return tf.cond(_one_of(orientation, 3, 4, 7, 8), lambda: image[::-1], lambda: image)


def fit(images: tf.Tensor, *, size: tuple[int, int] | None, crop: int | None) -> tf.Tensor:
    """Cuts the middle square out of images, then resizes it without aliasing.

    Args:
        images: uint8 [..., H, W, C].
        size: Height and width to resize to; None keeps the size.
        crop: Side of the square that is cut out first; None keeps everything.

    Returns:
        uint8, as what came in; untouched where there is nothing to do.

    Raises:
        ValueError: If the images are known to be smaller than `crop`.
    """
    if crop is not None:
        if None not in images.shape[-3:] and crop > min(images.shape[-3:-1]):
            raise ValueError(
                f"`crop` must not exceed the images' sides. Received: crop={crop}, "
                f"images of {images.shape[-3]}x{images.shape[-2]}"
            )
        shape = tf.shape(images)
        top, left = (shape[-3] - crop) // 2, (shape[-2] - crop) // 2
        images = images[..., top : top + crop, left : left + crop, :]
    if size is None:
        return images
    shape = tf.shape(images)

    def resized() -> tf.Tensor:
        values = tf.image.resize(images, size, method="bilinear", antialias=True)
        return tf.cast(tf.clip_by_value(tf.round(values), 0.0, 255.0), tf.uint8)

    return tf.cond(tf.reduce_all(shape[-3:-1] == tf.constant(size)), lambda: images, resized)


def fit_array(images: np.ndarray, *, size: tuple[int, int] | None, crop: int | None) -> np.ndarray:
    """Does the same to an array [N, H, W, C], some thousand images at a time."""
    if size is None and crop is None:
        return images
    with tf.device("CPU"):  # where the streamed ones are resized
        return np.concatenate(
            [
                fit(tf.constant(images[at : at + 1024]), size=size, crop=crop)
                for at in range(0, len(images), 1024)
            ]
        )


def _one_of(orientation: tf.Tensor, *values: int) -> tf.Tensor:
    return tf.reduce_any(orientation == tf.constant(values, orientation.dtype))


def _read(options: dict, path: bytes) -> np.ndarray:
    return pictures.decode(pathlib.Path(path.decode()), **options)
