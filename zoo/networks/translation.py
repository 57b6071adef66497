"""CycleGAN's networks: translators from images to images, and critics that judge patches."""

import keras

from zoo.networks import activations, geometry, initializers, normalizers, outputs

LARGE = 256  # the side from which the paper takes nine residual blocks; six below
WINDOW = 7  # side of the first and of the last convolution's window


@keras.saving.register_keras_serializable(package="zoo")
class ReflectionPadding(keras.layers.Layer):
    """Mirrors `size` rows and columns of images [B, H, W, C] at each edge, without the edge itself.

    Args:
        size: Rows and columns at each edge, below H and W.
        **options: As in Keras.
    """

    def __init__(self, size: int, **options):
        super().__init__(**options)
        self.size = size

    def call(self, x):
        both = (self.size, self.size)
        return keras.ops.pad(x, ((0, 0), both, both, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return batch, height + 2 * self.size, width + 2 * self.size, channels

    def get_config(self):
        return super().get_config() | {"size": self.size}


def translator(
    *,
    shape: tuple[int, int, int],
    value_range: tuple[float, float] | None,
    width: int = 64,
    levels: int = 2,
    blocks: int | None = None,
    normalization: str = "instance",
    activation: str = "relu",
    initializer: str | tuple[str, float] = ("normal", 0.02),
) -> keras.Model:
    """Builds a translator: convolutions that halve the image, residual blocks, and the way back up.

    Args:
        shape: (H, W, C) of the images, of both domains.
        value_range: (-1, 1) ends in tanh, (0, 1) in a sigmoid, None is linear.
        width: Number of channels of the first layer; doubled whenever the image is halved.
        levels: How often the image is halved.
        blocks: Number of residual blocks; None is the paper's 6, or 9 from 256 pixels a side on.
        normalization: Normalization of the hidden layers, as in `normalizers.apply`.
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of all weights, as in `initializers.get`.

    Returns:
        Model: [B, *shape] -> [B, *shape] in `value_range`.

    Raises:
        ValueError: If an option is none of the accepted, or the image is too small to be mirrored
            at its edges: 4 pixels a side, and 2 after the last halving.

    Departs from the paper: odd sides are cropped after they were doubled.

    Reference: Zhu et al., 2017, section 4 and appendix 7.2. arXiv:1703.10593
    """
    shape = geometry.image(shape)
    blocks = (9 if min(shape[:2]) >= LARGE else 6) if blocks is None else blocks
    geometry.positive(width=width, blocks=blocks)
    sizes = geometry.halvings(*shape[:2], levels=levels, smallest=1)
    if min(shape[:2]) <= WINDOW // 2 or min(sizes[-1]) < 2:
        raise ValueError(
            f"A translator of {levels} levels needs images of at least {WINDOW // 2 + 1} pixels a "
            f"side, and 2 after the last halving. Received: shape={shape}, at last {sizes[-1]}"
        )
    biased = not normalizers.centers(normalization)

    def weights(stride=1):
        return initializers.get(initializer, stride=stride)

    def mirrored(x, channels, window, use_bias=biased):
        x = ReflectionPadding(window // 2)(x)
        return keras.layers.Conv2D(
            channels, window, use_bias=use_bias, kernel_initializer=weights()
        )(x)

    def finish(x):
        return activations.layer(activation)(normalizers.apply(x, normalization))

    inputs = keras.Input(shape, name="x")
    x = finish(mirrored(inputs, width, WINDOW))
    for level in range(1, levels + 1):
        x = keras.layers.Conv2D(
            width * 2**level, 3, 2, "same", use_bias=biased, kernel_initializer=weights(2)
        )(x)
        x = finish(x)
    channels = width * 2**levels
    for _ in range(blocks):
        inner = finish(mirrored(x, channels, 3))
        inner = normalizers.apply(mirrored(inner, channels, 3), normalization)
        x = keras.layers.Add()([x, inner])
    for size in reversed(sizes[:-1]):
        channels //= 2
        x = keras.layers.Conv2DTranspose(
            channels, 3, 2, "same", use_bias=biased, kernel_initializer=weights(2)
        )(x)
        x = finish(geometry.crop(x, size))
    x = mirrored(x, shape[-1], WINDOW, use_bias=True)
    return keras.Model(inputs, outputs.in_range(x, value_range), name="translator")


def patch_critic(
    *,
    shape: tuple[int, int, int],
    width: int = 64,
    levels: int = 3,
    normalization: str = "instance",
    activation: str = "leaky_relu",
    initializer: str | tuple[str, float] = ("normal", 0.02),
) -> keras.Model:
    """Builds a critic of patches: one logit for each position, which sees a part of the image.

    With 3 levels a logit sees 70x70 pixels, with 2 levels 34x34, with 1 level 16x16.

    Args:
        shape: (H, W, C) of the image.
        width: Number of channels of the first layer; doubled at each level, up to 8 times as many.
        levels: Number of convolutions with stride 2.
        normalization: Normalization of the hidden layers but the first, as in `normalizers.apply`.
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of all weights, as in `initializers.get`.

    Returns:
        Model: [B, *shape] -> [B, H', W', 1] logits.

    Raises:
        ValueError: If an option is none of the accepted, or `shape` is not an image's.

    Departs from the released code: all convolutions keep or halve the sides, rounded up, where
    the last two of the code lose a row and a column.

    Reference: Zhu et al., 2017, appendix 7.2; Isola et al., 2017, appendix 6.1.2 on the size of
        patches, arXiv:1611.07004. arXiv:1703.10593
    """
    geometry.positive(width=width, levels=levels)
    shape = geometry.image(shape)
    inputs = x = keras.Input(shape, name="x")
    for level in range(levels + 1):
        normalized = "none" if level == 0 else normalization
        stride = 2 if level < levels else 1
        x = keras.layers.Conv2D(
            width * min(2**level, 8),
            4,
            stride,
            "same",
            use_bias=not normalizers.centers(normalized),
            kernel_initializer=initializers.get(initializer, stride=stride),
        )(x)
        x = activations.layer(activation)(normalizers.apply(x, normalized))
    x = keras.layers.Conv2D(
        1, 4, 1, "same", kernel_initializer=initializers.get(initializer), name="patches"
    )(x)
    x = keras.layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model(inputs, x, name="critic")
