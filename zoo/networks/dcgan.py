"""Strided convolutional generators and critics, for images of any size."""

import keras

from zoo.networks import activations, dropout, geometry, initializers, labels, normalizers, outputs

SMALLEST = 4  # the side at which the generator starts
MOST = 8  # times the base width, of the widest layer: what the paper's four levels reach
GAIN_STD = 0.02  # deviation of BatchNormalization's initial gain from 1, in the released code


def generator(
    *,
    latent: int,
    shape: tuple[int, int, int],
    value_range: tuple[float, float] | None,
    width: int = 64,
    levels: int | None = None,
    most: int = MOST,
    kernel: int = 5,
    normalization: str = "batch",
    activation: str = "relu",
    initializer: str | tuple[str, float] = ("normal", 0.02),
    dense_initializer: str | tuple[str, float] | None = None,
    classes: int | None = None,
) -> keras.Model:
    """Builds a generator of transposed convolutions with stride 2.

    A linear layer makes the smallest image with `width * min(2**(levels - 1), most)` channels; each
    level doubles the sides and crops the pixels that are too many. The channels are halved at each
    level, down to `width` before the last, where they are not the most.

    Args:
        latent: Length of z.
        shape: (H, W, C) of the image.
        value_range: (-1, 1) ends in tanh, (0, 1) in a sigmoid, None is linear.
        width: Number of channels of the largest hidden layer; 128 in the paper's code for 64x64
            faces, 64 in WGAN-GP's for MNIST.
        levels: Number of halvings from the image to the smallest size; None stops when the smaller
            side is at most 4.
        most: Channels of the widest layer, as a multiple of `width`. The paper's 64x64 pixels reach
            8; without a limit 256x256 pixels would have 143 million weights.
        kernel: Side of the convolution's window.
        normalization: Normalization of the hidden layers: "batch", which replaces their biases,
            "layer" or "none".
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of all weights, as in `initializers.get`.
        dense_initializer: Initializer of the linear layer; `initializer` if None.
        classes: Number of classes; with it the network takes [z, label], the label as in
            `labels.latent`. None for a network without labels.

    Returns:
        Model: [B, latent] -> [B, *shape] in `value_range`.

    Raises:
        ValueError: If an option is none of the accepted, or `shape` is not an image's.

    Departs from the released code: layers without BatchNormalization have biases, which start at 0,
    and from five levels on channels are bounded, as in the critic of Isola et al., 2017
    (`min(2**n, 8)` in their code). arXiv:1611.07004

    Reference: Radford et al., 2016, arXiv:1511.06434; faces/train_uncond_dcgan.py of
        Newmu/dcgan_code. WGAN-GP's for MNIST is latent=128, value_range=(0, 1),
        normalization="none", initializer=("fan_average", 2), dense_initializer="glorot_uniform".
    """
    geometry.positive(width=width, kernel=kernel, most=most)
    height, breadth, channels_out = geometry.image(shape)
    largest, *sizes, smallest = geometry.halvings(height, breadth, levels=levels, smallest=SMALLEST)
    channels = [width * min(2**level, most) for level in range(len(sizes) + 1)]

    def finish(x):
        return activations.layer(activation)(_normalize(x, normalization))

    def double(x, channels, size, use_bias):
        weights = initializers.get(initializer, stride=2)
        x = keras.layers.Conv2DTranspose(
            channels, kernel, 2, "same", use_bias=use_bias, kernel_initializer=weights
        )(x)
        return geometry.crop(x, size)

    biased = not normalizers.centers(normalization)
    inputs, x = labels.latent(latent, classes)
    weights = initializers.get(dense_initializer or initializer)
    x = keras.layers.Dense(
        smallest[0] * smallest[1] * channels[-1], use_bias=biased, kernel_initializer=weights
    )(x)
    x = finish(x)
    x = keras.layers.Reshape((*smallest, channels[-1]))(x)
    for size, count in zip(reversed(sizes), reversed(channels[:-1])):
        x = finish(double(x, count, size, biased))
    x = double(x, channels_out, largest, True)
    return keras.Model(inputs, outputs.in_range(x, value_range), name="generator")


def critic(
    *,
    shape: tuple[int, int, int],
    width: int = 64,
    levels: int | None = None,
    most: int = MOST,
    kernel: int = 5,
    normalization: str = "batch",
    activation: str = "leaky_relu",
    initializer: str | tuple[str, float] = ("normal", 0.02),
    dense_initializer: str | tuple[str, float] | None = None,
    classes: int | None = None,
    label: labels.Entrance = "concatenate",
) -> keras.Model:
    """Builds a critic of convolutions with stride 2, the generator's mirror.

    Args:
        shape: (H, W, C) of the image.
        width: Number of channels of the first layer, doubled at each level up to `most`.
        levels: Number of halvings of the sides, rounded up; None stops when the smaller side
            is at most 4.
        most: Channels of the widest layer, as a multiple of `width`.
        kernel: Side of the convolution's window.
        normalization: Normalization of the hidden layers but the first: "batch", which replaces
            their biases, "layer" or "none".
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of all weights, as in `initializers.get`.
        dense_initializer: Initializer of the linear layer; `initializer` if None.
        classes: Number of classes; with it the network takes [x, label]. None for a network
            without labels.
        label: Where the label enters, "concatenate" or "projection", as in `labels.example`.

    Returns:
        Model: [B, *shape] -> [B, 1] logits; its layer "features" gives the flattened last
        convolution.

    Raises:
        ValueError: If an option is none of the accepted, or `shape` is not an image's.

    Departs from the released code: layers without BatchNormalization have biases, which start at 0,
    and from five levels on channels are bounded, as in the critic of Isola et al., 2017
    (`min(2**n, 8)` in their code). arXiv:1611.07004

    Reference: Radford et al., 2016, arXiv:1511.06434; faces/train_uncond_dcgan.py of
        Newmu/dcgan_code. WGAN-GP's for MNIST is normalization="none",
        initializer=("fan_average", 2), dense_initializer="glorot_uniform".
    """
    inputs, x, late = labels.example(geometry.image(shape), classes, entrance=label)
    options = {"normalization": normalization, "activation": activation, "initializer": initializer}
    x = convolutions(x, width=width, levels=levels, most=most, kernel=kernel, **options)
    x = outputs.logits(x, initializer=dense_initializer or initializer, label=late)
    return keras.Model(inputs, x, name="critic")


def encoder(
    *,
    latent: int,
    shape: tuple[int, int, int],
    width: int = 64,
    levels: int | None = None,
    most: int = MOST,
    kernel: int = 4,
    normalization: str = "batch",
    activation: str = "leaky_relu",
    initializer: str | tuple[str, float] = ("normal", 0.02),
    statistics: int = 2,
    classes: int | None = None,
) -> keras.Model:
    """Builds an encoder of convolutions with stride 2: the critic with a code in the logit's place.

    Args:
        latent: Length Z of a code.
        shape: (H, W, C) of the image.
        width: Number of channels of the first layer, doubled at each level up to `most`.
        levels: Number of halvings of the sides, rounded up; None stops when the smaller side
            is at most 4.
        most: Channels of the widest layer, as a multiple of `width`.
        kernel: Side of the convolution's window.
        normalization: Normalization of the hidden layers but the first: "batch", which replaces
            their biases, "layer" or "none".
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of all weights, as in `initializers.get`.
        statistics: Numbers for each coordinate of a code: 2 for a mean and a log variance, 1 for
            the code itself.
        classes: Number of classes; with it the network takes [x, label], the label as in
            `labels.example`. None for a network without labels.

    Returns:
        Model: [B, *shape] -> [B, statistics * latent], linear; its layer "features" gives the
        flattened last convolution.

    Raises:
        ValueError: If an option is none of the accepted, or `shape` is not an image's.

    Departs from the released code: a linear layer of the last convolution's pixels where it has a
    convolution and their mean.

    Reference: Ulyanov et al., 2017, arXiv:1704.02304; DmitryUlyanov/AGE, models/dcgan64px.py
    """
    geometry.positive(latent=latent, statistics=statistics)
    inputs, x, _ = labels.example(geometry.image(shape), classes)
    options = {"normalization": normalization, "activation": activation, "initializer": initializer}
    x = convolutions(x, width=width, levels=levels, most=most, kernel=kernel, **options)
    return keras.Model(
        inputs, outputs.codes(x, statistics * latent, initializer=initializer), name="encoder"
    )


def convolutions(
    x,
    *,
    width,
    levels,
    kernel,
    normalization,
    activation,
    initializer,
    most=MOST,
    dropout_rate=0.0,
):
    """Returns the flattened smallest features [B, F] of images [B, H, W, C]; see `critic`.

    `dropout_rate` is the fraction that is dropped from every layer's output.
    """
    geometry.positive(width=width, kernel=kernel, most=most)
    normalizers.known(normalization)  # a single level has nothing to normalise
    depth = len(geometry.halvings(*x.shape[1:3], levels=levels, smallest=SMALLEST)) - 1
    for level in range(depth):
        normalized = "none" if level == 0 else normalization
        weights = initializers.get(initializer, stride=2)
        biased = not normalizers.centers(normalized)
        x = keras.layers.Conv2D(
            width * min(2**level, most),
            kernel,
            2,
            "same",
            use_bias=biased,
            kernel_initializer=weights,
        )(x)
        x = activations.layer(activation)(_normalize(x, normalized))
        x = dropout.Dropout(dropout_rate)(x) if dropout_rate else x
    return keras.layers.Flatten()(x)


def _normalize(x, normalization):
    gain = keras.initializers.RandomNormal(1.0, GAIN_STD) if normalization == "batch" else "ones"
    return normalizers.apply(x, normalization, gain=gain)
