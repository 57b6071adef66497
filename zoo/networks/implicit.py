"""Encoders with a noise input: samplers of a posterior whose density is unknown."""

from collections.abc import Sequence

import keras

from zoo.networks import dense, geometry, initializers, outputs


def encoder(
    *,
    latent: int,
    shape: tuple[int, ...],
    units: Sequence[int] = (64, 64, 64),
    noise: int = 64,
    every_layer: bool = False,
    activation: str = "elu",
    initializer: str | tuple[str, float] = "glorot_uniform",
) -> keras.Model:
    """Builds a black-box sampler: a fully connected network of the example joined with noise.

    Args:
        latent: Length Z of a code.
        shape: (H, W, C) or (D,); images are flattened.
        units: Number of units of each hidden layer.
        noise: Length E of the noise, of N(0, I).
        every_layer: Whether a linear map of the noise is added to the sums of every hidden layer,
            instead of at the input alone.
        activation: Activation of the hidden layers, as in `activations.layer`.
        initializer: Initializer of all weights, as in `initializers.get`.

    Returns:
        Model: [x [B, *shape], noise [B, E]] -> [B, Z], linear;
        its layer "features" gives [B, units[-1]].

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: Mescheder et al., 2017, section 4.1 and figure 4; the defaults are its toy example's,
        every_layer its networks' for MNIST. arXiv:1701.04722
    """
    geometry.positive(latent=latent, noise=noise)
    shape = geometry.example(shape)
    inputs, eps = keras.Input(shape, name="x"), keras.Input((noise,), name="noise")
    x, join = keras.layers.Flatten()(inputs), range(len(units)) if every_layer else ()
    x = x if join else keras.layers.Concatenate()([x, eps])
    x = dense.hidden(
        x, units, activation=activation, initializer=initializer, join=join, joining=eps
    )
    return keras.Model(
        [inputs, eps], outputs.codes(x, latent, initializer=initializer), name="encoder"
    )


def bases(
    *,
    latent: int,
    shape: tuple[int, ...],
    units: Sequence[int] = (300, 300),
    count: int = 16,
    noise: int = 32,
    basis_units: Sequence[int] = (128, 128, 128),
    activation: str = "softplus",
    initializer: str | tuple[str, float] = "glorot_uniform",
) -> keras.Model:
    """Builds a sampler whose moments are known.

    z = z_0(x) + sum over k of a_k(x) * v_k(noise_k), a_k > 0

    Args:
        latent: Length Z of a code.
        shape: (H, W, C) or (D,); images are flattened.
        units: Number of units of each hidden layer of the part that sees x.
        count: Number K of noise bases.
        noise: Length E of each basis's noise, of N(0, I).
        basis_units: Number of units of each hidden layer of every v_k, with ELU.
        activation: Activation of the hidden layers that see x, as in `activations.layer`.
        initializer: Initializer of the weights of the part that sees x, as in `initializers.get`.

    Returns:
        Model: [x [B, *shape], noise [B, K, E]] -> z_0 [B, Z], a [B, K, Z], v [B, K, Z]; its layer
        "features" gives [B, units[-1]].

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: Mescheder et al., 2017, section 6.2 of the supplement; the defaults are the released
        code's for 8 latent dimensions, 32 of 64 for 32. arXiv:1701.04722
    """
    geometry.positive(latent=latent, count=count, noise=noise)
    shape = geometry.example(shape)
    inputs, eps = keras.Input(shape, name="x"), keras.Input((count, noise), name="noise")
    hidden = dense.hidden(
        keras.layers.Flatten()(inputs), units, activation=activation, initializer=initializer
    )
    first = outputs.codes(hidden, latent, initializer=initializer)
    weights = keras.layers.Dense(
        count * latent, kernel_initializer=initializers.get(initializer), dtype="float32"
    )(hidden)
    weights = keras.layers.Rescaling(1.0, -5.0, dtype="float32")(weights)
    weights = keras.layers.Rescaling(1.0, 1.0, dtype="float32")(
        keras.layers.Activation("elu", dtype="float32")(weights)
    )
    weights = keras.layers.Reshape((count, latent), dtype="float32")(weights)
    values = eps
    for size in basis_units:
        values = keras.layers.Activation("elu")(_each(values, count, size))
    values = _each(values, count, latent, dtype="float32")
    return keras.Model([inputs, eps], [first, weights, values], name="encoder")


def _each(x, count: int, units: int, **options):
    """Applies a dense layer of its own to each row: [B, K, E] -> [B, K, units].

    The initial weights are Glorot's.
    """
    geometry.positive(basis_units=units)
    # a kernel [K, E, units] looks like a convolution's, with K times the fans
    kernel = initializers.get(("fan_average", count))
    return keras.layers.EinsumDense(
        "bke,keu->bku", (count, units), bias_axes="ku", kernel_initializer=kernel, **options
    )(x)
