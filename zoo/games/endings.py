"""The end of a network that gives logits, or what a likelihood bounds: it must be linear."""

import keras

from zoo import constraints

# by the names of the classes, since layers and the operations of keras.ops share them
ACTIVATIONS = {name.replace("_", "") for name in dir(keras.activations)} - {"linear"}
NO_CHANGE = {"Activation", "Cast", "Flatten", "Identity", "Reshape", "Squeeze"}


def check_linear(name: str, network: keras.Model, reason: str) -> None:
    """Checks that a network does not end in an activation.

    Args:
        name: Name of the network in messages.
        network: A built network. An end of the user's own class is taken to be linear: a layer, or
            a subclass of `keras.Model`.
        reason: Reason for the rule, for messages: the rest of the sentence.

    Raises:
        ValueError: If it does.

    Example:
        >>> layers = [keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")]
        >>> check_linear("critic", keras.Sequential(layers), "since losses take logits")
        Traceback (most recent call last):
        ValueError: `critic` must end in a linear layer, since losses take logits. Received: sigmoid
    """
    activation = _activation(network)
    if activation is not None:
        raise ValueError(f"`{name}` must end in a linear layer, {reason}. Received: {activation}")


def _activation(network: keras.Model) -> str | None:
    if isinstance(network, constraints.SpectralNormalization):
        return _activation(network.network)
    sequential = isinstance(network, keras.Sequential)
    parts = network.layers if sequential else getattr(network, "operations", [])
    for last in reversed(parts):
        if isinstance(last, keras.Model):
            return _activation(last)
        kind, activation = type(last).__name__, getattr(last, "activation", None)
        if activation not in (None, keras.activations.linear):
            return getattr(activation, "__name__", type(activation).__name__)
        if kind.lower() in ACTIVATIONS:
            return kind
        if kind not in NO_CHANGE:
            return None
    return None
