"""The last hidden layer of a network, named "features"."""

import math
from collections.abc import Callable

import keras
import tensorflow as tf

from zoo import constraints


def features(network: keras.Model) -> Callable | None:
    """Returns the function from a network's inputs to its layer "features", flat [B, F].

    Returns None if the network has no layer of that name.
    """
    normalized = isinstance(network, constraints.SpectralNormalization)
    inner = network.network if normalized else network
    if "features" not in [layer.name for layer in inner.layers]:
        return None
    layer = inner.get_layer("features").output
    part = network.hidden("features") if normalized else keras.Model(inner.inputs, layer)
    size = math.prod(layer.shape[1:])

    def function(inputs):
        outputs = part(inputs) if normalized else part(inputs, training=False)
        return tf.reshape(tf.cast(outputs, tf.float32), [tf.shape(outputs)[0], size])

    return function


def needs_label(network: keras.Model) -> bool:
    """Returns whether the layer "features" depends on another input than the first."""
    inner = network.network if isinstance(network, constraints.SpectralNormalization) else network
    try:
        keras.Model(inner.inputs[0], inner.get_layer("features").output)
    except ValueError:  # Keras finds an input that is not among those given
        return True
    return False
