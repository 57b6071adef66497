"""WGAN-GP's residual generators and critics, for images of any size."""

from collections.abc import Callable

import keras

from zoo.networks import activations, geometry, initializers, labels, normalizers, outputs

SMALLEST_GENERATED = 4  # 32 -> 16 -> 8 -> 4
SMALLEST_JUDGED = 8  # 32 -> 16 -> 8
PLAIN_BLOCKS = 2  # of the critic, at its smallest size
LINEAR = "glorot_uniform"  # the paper's code, for layers that no ReLU follows


def generator(
    *,
    latent: int,
    shape: tuple[int, int, int],
    value_range: tuple[float, float] | None,
    width: int = 128,
    levels: int | None = None,
    normalization: str = "batch",
    activation: str = "relu",
    initializer: str | tuple[str, float] = ("fan_average", 2.0),
    classes: int | None = None,
) -> keras.Model:
    """Builds a generator of residual blocks.

    Each block doubles the sides by repetition and crops the pixels that are too many.

    Args:
        latent: Length of z, 128 in the paper.
        shape: (H, W, C) of the image.
        value_range: (-1, 1) ends in tanh, (0, 1) in a sigmoid, None is linear.
        width: Number of channels of every hidden layer.
        levels: Number of halvings from the image to the smallest size; None stops when the smaller
            side is at most 4.
        normalization: Normalization before every activation: "batch", "layer" or "none".
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of the blocks' 3x3 convolutions, as in `initializers.get`; all
            other weights have Glorot's.
        classes: Number of classes; with it the network takes [z, label], the label as in
            `labels.latent`. None for a network without labels.

    Returns:
        Model: [B, latent] -> [B, *shape] in `value_range`.

    Raises:
        ValueError: If an option is none of the accepted, or `shape` is not an image's.

    Reference: Gulrajani et al., 2017, the CIFAR-10 ResNet without labels, arXiv:1704.00028;
        gan_cifar_resnet.py of igul222/improved_wgan_training.
    """
    geometry.positive(width=width)
    height, breadth, channels = geometry.image(shape)
    *sizes, smallest = geometry.halvings(
        height, breadth, levels=levels, smallest=SMALLEST_GENERATED
    )

    def enter(x):
        return activations.layer(activation)(normalizers.apply(x, normalization))

    inputs, x = labels.latent(latent, classes)
    x = keras.layers.Dense(
        smallest[0] * smallest[1] * width, kernel_initializer=initializers.get(LINEAR)
    )(x)
    x = keras.layers.Reshape((*smallest, width))(x)
    for size in reversed(sizes):
        x = _block(x, width, enter=enter, initializer=initializer, before=_double(size))
    x = _convolution(enter(x), channels, 3, LINEAR)
    return keras.Model(inputs, outputs.in_range(x, value_range), name="generator")


def critic(
    *,
    shape: tuple[int, int, int],
    width: int = 128,
    levels: int | None = None,
    normalization: str = "none",
    activation: str = "relu",
    initializer: str | tuple[str, float] = ("fan_average", 2.0),
    classes: int | None = None,
    label: labels.Entrance = "concatenate",
) -> keras.Model:
    """Builds a critic of residual blocks.

    Blocks that halve the sides by averaging come first, then two that keep them, then the mean over
    positions.

    Args:
        shape: (H, W, C) of the image.
        width: Number of channels of every hidden layer.
        levels: Number of halvings of the sides, rounded up; None stops when the smaller side
            is at most 8.
        normalization: Normalization before the activations of all blocks but the first: "none",
            "layer", or "batch", which a gradient penalty forbids.
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of the blocks' 3x3 convolutions, as in `initializers.get`; all
            other weights have Glorot's.
        classes: Number of classes; with it the network takes [x, label]. None for a network
            without labels.
        label: Where the label enters, "concatenate" or "projection", as in `labels.example`.

    Returns:
        Model: [B, *shape] -> [B, 1] logits; its layer "features" gives [B, width].

    Raises:
        ValueError: If an option is none of the accepted, or `shape` is not an image's.

    Reference: as for `generator`; its first block has no activation before the first convolution.
    """
    geometry.positive(width=width)
    shape = geometry.image(shape)
    depth = len(geometry.halvings(*shape[:2], levels=levels, smallest=SMALLEST_JUDGED)) - 1

    def activate(x):
        return activations.layer(activation)(x)

    def enter(x):
        return activate(normalizers.apply(x, normalization))

    inputs, first, late = labels.example(shape, classes, entrance=label)
    x = _convolution(first, width, 3, initializer)
    x = _halve(_convolution(activate(x), width, 3, initializer))
    x = keras.layers.Add()([x, _convolution(_halve(first), width, 1, LINEAR)])
    for _ in range(depth - 1):
        x = _block(x, width, enter=enter, initializer=initializer, after=_halve)
    for _ in range(PLAIN_BLOCKS):
        x = _block(x, width, enter=enter, initializer=initializer)
    x = keras.layers.GlobalAveragePooling2D()(activate(x))
    x = outputs.logits(x, initializer=LINEAR, label=late)
    return keras.Model(inputs, x, name="critic")


def _same(x):
    return x


def _block(
    x,
    width: int,
    *,
    enter: Callable,
    initializer,
    before: Callable = _same,
    after: Callable = _same,
):
    shortcut = x
    if before is not _same or after is not _same:
        shortcut = after(_convolution(before(x), width, 1, LINEAR))
    x = _convolution(before(enter(x)), width, 3, initializer)
    x = after(_convolution(enter(x), width, 3, initializer))
    return keras.layers.Add()([x, shortcut])


def _convolution(x, channels: int, kernel: int, initializer):
    return keras.layers.Conv2D(
        channels, kernel, padding="same", kernel_initializer=initializers.get(initializer)
    )(x)


def _double(size: tuple[int, int]) -> Callable:
    return lambda x: geometry.crop(keras.layers.UpSampling2D(2)(x), size)


def _halve(x):
    # at an odd edge, the mean of the pixels that exist
    return keras.layers.AveragePooling2D(2, padding="same")(x)
