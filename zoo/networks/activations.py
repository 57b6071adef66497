"""Activation layers by name."""

import keras


def layer(name: str) -> keras.layers.Layer:
    """Returns the layer of an activation.

    Args:
        name: One of Keras's names; "leaky_relu" has the slope 0.2 of DCGAN.

    Raises:
        ValueError: If Keras knows no such activation.
    """
    if name == "leaky_relu":
        return keras.layers.LeakyReLU(negative_slope=0.2)  # the layer's own default is 0.3
    try:
        return keras.layers.Activation(name)
    except ValueError as error:
        raise ValueError(
            "`activation` must be a Keras activation such as relu, leaky_relu, elu, tanh. "
            f"Received: {name!r}"
        ) from error
