"""The user's own networks: subclasses of `keras.Model`, and networks that are not built yet."""

import keras

from zoo import constraints


def functional(name: str, network, *shapes: tuple[int, ...]) -> keras.Model:
    """Returns a network whose inputs and outputs can be asked for.

    A functional or sequential network with an input is returned as it is. Another one is called
    once on symbolic inputs, which builds it; its weights stay its own.

    Args:
        name: Name of the network in messages.
        network: A Keras network or layer.
        *shapes: Shapes of the examples of each of its inputs, where the game knows them; a second
            one of shape () takes labels. Without them the network must be built.

    Raises:
        TypeError: If it is no Keras network.
        ValueError: If it is not built, and the shapes of its inputs are not known.
    """
    if not isinstance(network, keras.Layer):
        raise TypeError(f"`{name}` must be a Keras network. Received: {network!r}")
    if isinstance(network, constraints.SpectralNormalization) or getattr(network, "inputs", None):
        return network
    shapes = shapes or _built(name, network)
    inputs = [keras.Input(shape, dtype=None if shape else "int64") for shape in shapes]
    inputs = inputs[0] if len(inputs) == 1 else inputs
    outputs = network(inputs)
    if getattr(network, "inputs", None):  # a sequential network, which has been built by the call
        return network
    return keras.Model(inputs, outputs, name=network.name)


def _built(name: str, network: keras.Layer) -> list[tuple[int, ...]]:
    """Returns the shapes of the examples that a network has been built for."""
    shape = (network.get_build_config() or {}).get("input_shape") if network.built else None
    if not shape:
        raise ValueError(
            f"`{name}` must be built, since the game cannot know what it takes: call it once on an "
            f"example, or `build((None, ...))` it. Received: {network!r}"
        )
    several = isinstance(shape[0], (list, tuple))
    return [tuple(one[1:]) for one in (shape if several else [shape])]
