"""Hidden layers of fully connected networks."""

from collections.abc import Collection, Sequence

import keras

from zoo.networks import activations, geometry, initializers, normalizers


def hidden(
    x: keras.KerasTensor,
    units: Sequence[int],
    *,
    activation: str,
    initializer: str | tuple[str, float],
    normalization: str = "none",
    normalize_first: bool = True,
    join: Collection[int] = (),
    joining: keras.KerasTensor | None = None,
) -> keras.KerasTensor:
    """Returns what fully connected layers make of x [B, F]: [B, units[-1]].

    Args:
        x: [B, F].
        units: Number of units of each hidden layer; x itself for none.
        activation: Activation, as in `activations.layer`.
        initializer: Initializer of all weights, as in `initializers.get`.
        normalization: Normalization, as in `normalizers.apply`; batch normalizations replace the
            biases.
        normalize_first: Whether the first layer is normalised too.
        join: The layers, from 0, to whose sums a linear map of `joining` is added before they are
            normalised.
        joining: [B, Z].

    Raises:
        ValueError: If an option is none of the accepted.
    """
    normalizers.known(normalization)
    if not set(join) <= set(range(len(units))):
        raise ValueError(
            f"`join` must name hidden layers, 0 to {len(units) - 1}. "
            f"Received: {', '.join(map(str, join))}"
        )
    for position, count in enumerate(units):
        geometry.positive(units=count)
        normalized = normalization if normalize_first or position else "none"
        x = keras.layers.Dense(
            count,
            use_bias=not normalizers.centers(normalized),
            kernel_initializer=initializers.get(initializer),
        )(x)
        if position in join:
            x = keras.layers.Add()(
                [
                    x,
                    keras.layers.Dense(
                        count, use_bias=False, kernel_initializer=initializers.get(initializer)
                    )(joining),
                ]
            )
        x = activations.layer(activation)(normalizers.apply(x, normalized))
    return x
