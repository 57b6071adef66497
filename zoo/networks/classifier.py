"""A small convolutional classifier of images of any size.

Its last hidden layer is a space to compare images in.
"""

from collections.abc import Sequence

import keras

from zoo.networks import activations, dropout, geometry, initializers, normalizers


def convolutional(
    *,
    shape: tuple[int, int, int],
    classes: int,
    widths: Sequence[Sequence[int]] = ((16,), (32, 32), (64, 128)),
    dropout_rate: float = 0.25,
    normalization: str = "batch",
    activation: str = "relu",
    initializer: str | tuple[str, float] = "he_normal",
) -> keras.Model:
    """Builds a classifier of groups of 3x3 convolutions at stride 1.

    Max pooling halves the sides between groups; the mean over positions follows the last one.

    Args:
        shape: (H, W, C) of the image.
        classes: Number K of classes.
        widths: Channels of each convolution, group by group.
        dropout_rate: Fraction dropped between groups and before the logits, in [0, 1).
        normalization: Normalization of every convolution, as in `normalizers.apply`.
        activation: Activation after each normalization, as in `activations.layer`.
        initializer: Initializer of all weights, as in `initializers.get`.

    Returns:
        Model: [B, *shape] -> [B, K] logits; its layer "features" gives the last group's means over
        positions [B, F].

    Raises:
        ValueError: If an option is none of the accepted, or `shape` is not an image's.

    Reference: of the kind of Springenberg et al., 2015, table 1, with maxima in the place of
        strides. arXiv:1412.6806
    """
    geometry.positive(
        classes=classes,
        **{
            f"widths[{i}][{j}]": width
            for i, group in enumerate(widths)
            for j, width in enumerate(group)
        },
    )
    inputs = x = keras.Input(geometry.image(shape), name="x")
    for number, group in enumerate(widths):
        if number:
            x = keras.layers.MaxPooling2D(2, padding="same")(x)
            x = dropout.Dropout(dropout_rate)(x)
        for width in group:
            weights, biased = initializers.get(initializer), not normalizers.centers(normalization)
            x = keras.layers.Conv2D(
                width, 3, padding="same", use_bias=biased, kernel_initializer=weights
            )(x)
            x = activations.layer(activation)(normalizers.apply(x, normalization))
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Identity(dtype="float32", name="features")(x)
    x = dropout.Dropout(dropout_rate, dtype="float32")(x)
    outputs = keras.layers.Dense(
        classes,
        kernel_initializer=initializers.get("glorot_uniform"),
        dtype="float32",
        name="logits",
    )(x)
    return keras.Model(inputs, outputs, name="classifier")
