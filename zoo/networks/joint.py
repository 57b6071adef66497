"""Critics of pairs: an example and a latent in, one logit out."""

from collections.abc import Sequence

import keras

from zoo.networks import activations, dcgan, dense, dropout, geometry, initializers, outputs


def critic(
    *,
    latent: int,
    shape: tuple[int, ...],
    units: Sequence[int] = (1024, 1024),
    join: int = 0,
    residual: int = 0,
    square: float = 0.0,
    activation: str = "leaky_relu",
    normalization: str = "none",
    initializer: str | tuple[str, float] = "glorot_uniform",
) -> keras.Model:
    """Builds a fully connected critic of pairs, whose latent joins at one of the hidden layers.

    A linear map of z is added to that layer's sums: at layer 0 this is what concatenating x and z
    gives.

    Args:
        latent: Length Z of a latent.
        shape: (H, W, C) or (D,) of an example; images are flattened.
        units: Number of units of each hidden layer, one at least.
        join: Number of the hidden layer that takes z, from 0.
        residual: Blocks after the hidden layers: x + dense(relu(dense(x))), of units[-1] both, each
            starting as the identity.
        square: Weight of |z|**2 in the logit; 0.5 gives minus the log density of N(0, I).
        activation: Activation of the hidden layers, as in `activations.layer`.
        normalization: Normalization of the hidden layers that follow the first: "none", "batch",
            "plain_batch" or "layer"; both batch normalizations replace the biases.
        initializer: Initializer of all weights, as in `initializers.get`.

    Returns:
        Model: [x [B, *shape], z [B, Z]] -> [B, 1] logits;
        its layer "features" gives [B, units[-1]].

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: the critic of pairs in Donahue et al., 2017, arXiv:1605.09782, is join=1,
        normalization="plain_batch"; the toy adversary of Mescheder et al., 2017, arXiv:1701.04722,
        is units=(256,), residual=5, square=1, activation="elu".
    """
    geometry.positive(latent=latent)
    shape = geometry.example(shape)
    inputs, z = keras.Input(shape, name="x"), keras.Input((latent,), name="z")
    x = dense.hidden(
        keras.layers.Flatten()(inputs),
        units,
        activation=activation,
        normalization=normalization,
        normalize_first=False,
        initializer=initializer,
        join=(join,),
        joining=z,
    )
    for _ in range(residual):
        inner = keras.layers.Dense(
            units[-1], "relu", kernel_initializer=initializers.get(initializer)
        )(x)
        x = keras.layers.Add()(
            [x, keras.layers.Dense(units[-1], kernel_initializer="zeros")(inner)]
        )
    if residual:
        x = activations.layer(activation)(x)
    return keras.Model(
        [inputs, z],
        _with_square(outputs.logits(x, initializer=initializer), z, square),
        name="critic",
    )


def convolutional(
    *,
    latent: int,
    shape: tuple[int, int, int],
    width: int = 64,
    levels: int | None = None,
    kernel: int = 5,
    units: Sequence[int] = (1024, 1024),
    activation: str = "leaky_relu",
    normalization: str = "batch",
    initializer: str | tuple[str, float] = ("normal", 0.01),
    dropout_input: float = 0.0,
    dropout_hidden: float = 0.0,
) -> keras.Model:
    """Builds a critic of pairs that sees the example through DCGAN's convolutions.

    Fully connected layers see the result and the latent together.

    Args:
        latent: Length Z of a latent.
        shape: (H, W, C) of the image.
        width: Number of channels of the first layer, doubled at each level.
        levels: Number of halvings of the sides, rounded up; None stops when the smaller side
            is at most 4.
        kernel: Side of the convolution's window.
        units: Number of units of each hidden layer after the convolutions, one at least; the first
            takes z too.
        activation: Activation of the hidden layers, as in `activations.layer`.
        normalization: Normalization of the convolutions but the first: "batch", which replaces
            their biases, "layer" or "none".
        initializer: Initializer of all weights, as in `initializers.get`.
        dropout_input: Fraction dropped from the example and from the latent, in [0, 1); 0.2 in the
            paper.
        dropout_hidden: Fraction dropped from every hidden layer's output, in [0, 1); 0.5 in the
            paper.

    Returns:
        Model: [x [B, *shape], z [B, Z]] -> [B, 1] logits;
        its layer "features" gives [B, units[-1]].

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: Dumoulin et al., 2017, appendix A. arXiv:1606.00704. Departs from it: the paper's is
        maxout without normalization, and takes z through two convolutions of one pixel.
    """
    geometry.positive(latent=latent)
    shape = geometry.image(shape)
    inputs, z = keras.Input(shape, name="x"), keras.Input((latent,), name="z")

    def dropped(x, rate):
        return dropout.Dropout(rate)(x) if rate else x

    options = {"activation": activation, "initializer": initializer}
    x = dcgan.convolutions(
        dropped(inputs, dropout_input),
        width=width,
        levels=levels,
        kernel=kernel,
        normalization=normalization,
        dropout_rate=dropout_hidden,
        **options,
    )
    joining = {"join": (0,), "joining": dropped(z, dropout_input)}
    for count in units:
        x = dropped(dense.hidden(x, (count,), **options, **joining), dropout_hidden)
        joining = {}
    return keras.Model([inputs, z], outputs.logits(x, initializer=initializer), name="critic")


def bilinear(
    *,
    latent: int,
    shape: tuple[int, ...],
    units: Sequence[int] = (1024, 1024, 1024),
    width: int = 8192,
    square: float = 0.5,
    activation: str = "leaky_relu",
    initializer: str | tuple[str, float] = "glorot_uniform",
) -> keras.Model:
    """Builds a critic of pairs from an inner product.

    T = <theta(x), s(z)> + T_x(x) + T_z(z) + square * |z|**2

    Args:
        latent: Length Z of a latent.
        shape: (H, W, C) or (D,) of an example; images are flattened.
        units: Number of units of each hidden layer of each of the four parts.
        width: Length of the inner product.
        square: Weight of |z|**2; 0.5 gives minus the log density of N(0, I).
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of all weights, as in `initializers.get`.

    Returns:
        Model: [x [B, *shape], z [B, Z]] -> [B, 1] logits; its layer "features" gives the products
        [B, width], before their sum.

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: the adversary for MNIST in the released code of Mescheder et al., 2017.
        arXiv:1701.04722
    """
    geometry.positive(latent=latent, width=width)
    shape = geometry.example(shape)
    inputs, z = keras.Input(shape, name="x"), keras.Input((latent,), name="z")

    def part(x, last):
        x = dense.hidden(x, units, activation=activation, initializer=initializer)
        return keras.layers.Dense(
            last, kernel_initializer=initializers.get(initializer), dtype="float32"
        )(x)

    flat = keras.layers.Flatten()(inputs)
    products = keras.layers.Multiply(dtype="float32", name="features")(
        [part(flat, width), part(z, width)]
    )
    total = keras.layers.Dense(
        1, use_bias=False, trainable=False, kernel_initializer="ones", dtype="float32", name="sum"
    )(products)
    total = keras.layers.Add(dtype="float32")([total, part(flat, 1), part(z, 1)])
    return keras.Model([inputs, z], _with_square(total, z, square), name="critic")


def _with_square(logits, z, weight: float):
    if not weight:
        return logits
    kernel = keras.initializers.Constant(weight)
    squares = keras.layers.Multiply(dtype="float32")([z, z])
    length = keras.layers.Dense(
        1,
        use_bias=False,
        trainable=False,
        kernel_initializer=kernel,
        dtype="float32",
        name="square",
    )(squares)
    return keras.layers.Add(dtype="float32", name="logits_with_square")([logits, length])
