"""Lenses: networks from examples to examples that begin at the identity."""

from collections.abc import Sequence

import keras

from zoo.networks import activations, dense, geometry, initializers


def residual(
    *,
    shape: tuple[int, int, int],
    width: int = 32,
    blocks: int = 8,
    activation: str = "leaky_relu",
    initializer: str | tuple[str, float] = "glorot_uniform",
) -> keras.Model:
    """Builds the lens for images: x + activation(conv(...)) over residual blocks.

    All convolutions are 3x3 at stride 1, without normalization.

    The last convolution begins at 0, so that the lens begins at the identity.

    Args:
        shape: (H, W, C) of the image.
        width: Number of channels of every hidden layer.
        blocks: Residual blocks of two convolutions.
        activation: Activation after every convolution but a block's last, as in
            `activations.layer`.
        initializer: Initializer of all weights but the last layer's, as in `initializers.get`.

    Returns:
        Model: [B, *shape] -> [B, *shape], unbounded.

    Raises:
        ValueError: If an option is none of the accepted, or `shape` is not an image's.

    Reference: Sajjadi et al., 2018, figure 4. arXiv:1802.04374
    """
    geometry.positive(width=width, blocks=blocks)
    shape = geometry.image(shape)

    def convolution(x, channels: int, start=initializer):
        return keras.layers.Conv2D(
            channels, 3, padding="same", kernel_initializer=initializers.get(start)
        )(x)

    inputs = keras.Input(shape, name="x")
    x = activations.layer(activation)(convolution(inputs, width))
    for _ in range(blocks):
        inner = activations.layer(activation)(convolution(x, width))
        x = keras.layers.Add()([x, convolution(inner, width)])
    change = activations.layer(activation)(convolution(x, shape[-1], "zeros"))
    return _added(inputs, change)


def mlp(
    *,
    shape: tuple[int, ...],
    units: Sequence[int] = (128, 128),
    activation: str = "leaky_relu",
    initializer: str | tuple[str, float] = "glorot_uniform",
) -> keras.Model:
    """Builds a fully connected lens, x plus a network of it whose last layer begins at 0.

    Args:
        shape: (D,) or (H, W, C) of an example.
        units: Number of units of each hidden layer.
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of all weights but the last layer's, as in `initializers.get`.

    Returns:
        Model: [B, *shape] -> [B, *shape], unbounded.

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: for points, in the place of that of Sajjadi et al., 2018, which is convolutional.
        arXiv:1802.04374
    """
    shape = geometry.example(shape)
    inputs = keras.Input(shape, name="x")
    x = keras.layers.Flatten()(inputs)
    size = x.shape[-1]
    x = dense.hidden(x, units, activation=activation, initializer=initializer)
    x = keras.layers.Dense(size, kernel_initializer="zeros")(x)
    return _added(inputs, keras.layers.Reshape(shape)(x))


def _added(inputs, change) -> keras.Model:
    return keras.Model(
        inputs, keras.layers.Add(dtype="float32", name="output")([inputs, change]), name="lens"
    )
