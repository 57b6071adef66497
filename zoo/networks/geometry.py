"""Sizes of examples and of the levels between an image and its smallest features."""

import numbers

import keras


def positive(**sizes: int) -> None:
    """Checks that the sizes are integers > 0.

    Raises:
        ValueError: If one is not.
    """
    for name, size in sizes.items():
        if not isinstance(size, numbers.Integral) or isinstance(size, bool) or size < 1:
            raise ValueError(f"`{name}` must be an integer > 0. Received: {name}={size!r}")


def example(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the shape of a vector or of an image as a tuple of Python integers.

    Raises:
        ValueError: If it is empty, or a side is not an integer > 0.
    """
    if len(shape) == 0 or any(not isinstance(side, numbers.Integral) or side < 1 for side in shape):
        raise ValueError(
            "`shape` must hold integers > 0: (D,) of vectors, (H, W, C) of images. "
            f"Received: {tuple(shape)}"
        )
    return tuple(int(side) for side in shape)


def image(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Returns the shape of an image as a tuple of Python integers.

    Raises:
        ValueError: If it is not (H, W, C).
    """
    if len(shape) != 3:
        raise ValueError(
            "A convolutional network needs `shape` = (H, W, C); vectors take an mlp network. "
            f"Received: {tuple(shape)}"
        )
    return example(shape)


def halvings(
    height: int, width: int, *, levels: int | None, smallest: int
) -> list[tuple[int, int]]:
    """Returns the sizes from the image down, each half of the one before, rounded up.

    Args:
        height: Height of the image in pixels.
        width: Width of the image in pixels.
        levels: Number of halvings; None halves once, then on while the smaller side exceeds
            `smallest`.
        smallest: Side in pixels at which None stops.

    Returns:
        `levels + 1` pairs (height, width), the image's first.

    Raises:
        ValueError: If `levels` is neither None nor an integer > 0.

    Example:
        >>> halvings(28, 28, levels=None, smallest=4)
        [(28, 28), (14, 14), (7, 7), (4, 4)]
    """
    if levels is not None:
        positive(levels=levels)
    sizes = [(height, width)]
    while (
        len(sizes) <= levels if levels is not None else len(sizes) == 1 or min(sizes[-1]) > smallest
    ):
        rows, columns = sizes[-1]
        sizes.append((-(-rows // 2), -(-columns // 2)))
    return sizes


def crop(x: keras.KerasTensor, size: tuple[int, int]) -> keras.KerasTensor:
    """Returns the first rows and columns of `x`.

    Args:
        x: [B, H, W, C].
        size: (height, width), at most (H, W).
    """
    rows, columns = x.shape[1] - size[0], x.shape[2] - size[1]
    if rows == columns == 0:
        return x
    return keras.layers.Cropping2D(((0, rows), (0, columns)))(x)
