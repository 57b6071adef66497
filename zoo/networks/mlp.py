"""Fully connected generators, critics and encoders, for vectors and for flattened images."""

import math
from collections.abc import Sequence
from typing import Literal

import keras
import numpy as np

from zoo import names
from zoo.networks import dense, geometry, initializers, labels, outputs

MARGIN = 1e-7  # distance of a mean from 0 and 1; pylearn2's init_sigmoid_bias_from_marginals


def generator(
    *,
    latent: int,
    shape: tuple[int, ...],
    value_range: tuple[float, float] | None,
    units: Sequence[int] = (1200, 1200),
    activation: str = "relu",
    normalization: str = "none",
    initializer: str | tuple[str, float] = ("uniform", 0.05),
    output_bias: Literal["mean_image", "zeros"] = "mean_image",
    skip: bool = False,
    mean_image: np.ndarray | None = None,
    classes: int | None = None,
) -> keras.Model:
    """Builds a fully connected generator; the defaults are the MNIST network of the first paper.

    Args:
        latent: Length of z.
        shape: (H, W, C) or (D,) of what is generated.
        value_range: (-1, 1) ends in tanh, (0, 1) in a sigmoid, None is linear.
        units: Number of units of each hidden layer.
        activation: Activation of the hidden layers, as in `activations.layer`.
        normalization: Normalization of the hidden layers: "none", "batch", "plain_batch" or
            "layer"; both batch normalizations replace the biases.
        initializer: Initializer of all weights, as in `initializers.get`.
        output_bias: Initial biases of the output: "mean_image", those that give the mean image
            where there is one, or "zeros".
        skip: Whether the second hidden layer takes z too, by a linear map of its own.
        mean_image: [*shape] in [0, 1], 0 and 1 being the ends of `value_range`: the data's mean.
        classes: Number of classes; with it the network takes [z, label], the label as in
            `labels.latent`. None for a network without labels.

    Returns:
        Model: [B, latent] -> [B, *shape] in `value_range`.

    Raises:
        ValueError: If an option is none of the accepted, or `mean_image` has another shape or no
            range.

    Reference: Goodfellow et al., 2014, arXiv:1406.2661; mnist.yaml of goodfeli/adversarial. With
        normalization="batch" and initializer=("normal", 0.05) and output_bias="zeros" it is
        f-GAN's: Nowozin et al., 2016, arXiv:1606.00709. BiGAN's has a skip: Donahue et al., 2017,
        arXiv:1605.09782.
    """
    shape = geometry.example(shape)
    inputs, z = labels.latent(latent, classes)
    options = {"join": (1,), "joining": z} if skip else {}
    x = dense.hidden(
        z,
        units,
        activation=activation,
        normalization=normalization,
        initializer=initializer,
        **options,
    )
    if output_bias not in ("mean_image", "zeros"):
        raise ValueError(names.unknown("output bias", output_bias, ["mean_image", "zeros"]))
    bias = (
        "zeros"
        if mean_image is None or output_bias == "zeros"
        else keras.initializers.Constant(_bias(mean_image, shape, value_range))
    )
    x = keras.layers.Dense(
        math.prod(shape), kernel_initializer=initializers.get(initializer), bias_initializer=bias
    )(x)
    x = keras.layers.Reshape(shape)(x)
    return keras.Model(inputs, outputs.in_range(x, value_range), name="generator")


def critic(
    *,
    shape: tuple[int, ...],
    units: Sequence[int] = (240, 240),
    activation: str = "elu",
    normalization: str = "none",
    initializer: str | tuple[str, float] = ("normal", 0.05),
    classes: int | None = None,
    label: labels.Entrance = "concatenate",
) -> keras.Model:
    """Builds a fully connected critic; the defaults are f-GAN's variational function for MNIST.

    Args:
        shape: (H, W, C) or (D,); images are flattened.
        units: Number of units of each hidden layer; none at all gives a linear critic.
        activation: Activation of the hidden layers, as in `activations.layer`.
        normalization: Normalization of the hidden layers: "none", "batch", "plain_batch" or
            "layer"; both batch normalizations replace the biases.
        initializer: Initializer of all weights, as in `initializers.get`.
        classes: Number of classes; with it the network takes [x, label]. None for a network
            without labels.
        label: Where the label enters, "concatenate" or "projection", as in `labels.example`.

    Returns:
        Model: [B, *shape] -> [B, 1] logits; its layer "features" gives [B, units[-1]].

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: Nowozin et al., 2016, arXiv:1606.00709
    """
    inputs, x, late = labels.example(shape, classes, entrance=label, flatten=True)
    x = dense.hidden(
        x, units, activation=activation, normalization=normalization, initializer=initializer
    )
    x = outputs.logits(x, initializer=initializer, label=late)
    return keras.Model(inputs, x, name="critic")


def encoder(
    *,
    latent: int,
    shape: tuple[int, ...],
    units: Sequence[int] = (500,),
    activation: str = "tanh",
    normalization: str = "none",
    normalize_first: bool = True,
    initializer: str | tuple[str, float] = ("normal", 0.01),
    statistics: int = 2,
    code_range: tuple[float, float] | None = None,
    classes: int | None = None,
) -> keras.Model:
    """Builds a fully connected encoder; the defaults are the variational autoencoder's for MNIST.

    Args:
        latent: Length Z of a code.
        shape: (H, W, C) or (D,); images are flattened.
        units: Number of units of each hidden layer.
        activation: Activation of the hidden layers, as in `activations.layer`.
        normalization: Normalization of the hidden layers: "none", "batch", "plain_batch" or
            "layer"; both batch normalizations replace the biases.
        normalize_first: Whether the first hidden layer is normalised too.
        initializer: Initializer of all weights, as in `initializers.get`.
        statistics: Numbers for each coordinate of a code: 2 for a mean and a log variance, 1 for
            the code itself.
        code_range: (-1, 1) squashes a code by 2 * sigmoid - 1, for a uniform prior; None leaves it
            linear.
        classes: Number of classes; with it the network takes [x, label], the label as in
            `labels.example`. None for a network without labels.

    Returns:
        Model: [B, *shape] -> [B, statistics * latent]; its layer "features" gives [B, units[-1]].

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: BiGAN's encoder, Donahue et al., 2017, arXiv:1605.09782, has units=(1024, 1024),
        normalize_first=False, statistics=1, code_range=(-1, 1); the defaults: Kingma and Welling,
        2014, appendix C and section 5. arXiv:1312.6114
    """
    geometry.positive(latent=latent, statistics=statistics)
    inputs, x, _ = labels.example(shape, classes, flatten=True)
    x = dense.hidden(
        x,
        units,
        activation=activation,
        normalization=normalization,
        normalize_first=normalize_first,
        initializer=initializer,
    )
    return keras.Model(
        inputs,
        outputs.codes(x, statistics * latent, initializer=initializer, code_range=code_range),
        name="encoder",
    )


def _bias(mean_image, shape, value_range) -> np.ndarray:
    mean = np.asarray(mean_image, np.float64)
    if mean.shape != shape or not (mean.min() >= 0 and mean.max() <= 1):
        raise ValueError(
            f"`mean_image` must have the shape {shape} and values in [0, 1]. "
            f"Received: shape {mean.shape}, range [{mean.min()}, {mean.max()}]"
        )
    mean = np.clip(mean, MARGIN, 1.0 - MARGIN).ravel()
    logit = np.log(mean) - np.log1p(-mean)
    activation = outputs.activation(value_range)
    if activation == "linear":
        raise ValueError("`mean_image` needs a `value_range`. Received: value_range=None")
    # tanh(t / 2) = 2 * sigmoid(t) - 1
    return (logit if activation == "sigmoid" else 0.5 * logit).astype(np.float32)
