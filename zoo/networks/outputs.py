"""Last layers: a generator's range, a critic's logit, an encoder's codes; float32 in any policy."""

import keras

from zoo.networks import dropout, initializers

ACTIVATIONS = {(-1.0, 1.0): "tanh", (0.0, 1.0): "sigmoid", None: "linear"}


def activation(value_range: tuple[float, float] | None) -> str:
    """Returns the name of the activation whose range is `value_range`.

    Args:
        value_range: (-1, 1), (0, 1), or None for unbounded data.

    Raises:
        ValueError: If it is another range.
    """
    key = value_range if value_range is None else tuple(value_range)
    if key not in ACTIVATIONS:
        raise ValueError(f"`value_range` must be (-1, 1), (0, 1) or None. Received: {value_range}")
    return ACTIVATIONS[key]


def in_range(x: keras.KerasTensor, value_range: tuple[float, float] | None) -> keras.KerasTensor:
    """Returns `x` squashed into `value_range`, as float32."""
    return keras.layers.Activation(activation(value_range), dtype="float32", name="output")(x)


def logits(
    hidden: keras.KerasTensor,
    *,
    initializer: str | tuple[str, float],
    rate: float = 0.0,
    label: keras.KerasTensor | None = None,
) -> keras.KerasTensor:
    """Returns the critic's linear output [B, 1], as float32.

    psi(phi) without a label, psi(phi) + <embedding(label), phi> with one, psi linear

    Args:
        hidden: [B, F], which the layer "features" passes on as float32.
        initializer: Initializer of psi and of the embedding, as in `initializers.get`.
        rate: Rate of the dropout between the features and phi.
        label: One-hot labels [B, K] of a projection critic; None for a critic without them.

    Reference: Miyato and Koyama, 2018, equation 3. arXiv:1802.05637
    """
    x = _features(hidden)
    if rate:
        x = dropout.Dropout(rate, dtype="float32")(x)

    def linear(units: int, name: str, **options):
        kernel = initializers.get(initializer)
        return keras.layers.Dense(
            units, kernel_initializer=kernel, dtype="float32", name=name, **options
        )

    score = linear(1, "logits")(x)
    if label is None:
        return score
    embedding = linear(x.shape[-1], "embedding", use_bias=False)(label)
    product = keras.layers.Dot(axes=1, dtype="float32", name="projection")([embedding, x])
    return keras.layers.Add(dtype="float32", name="output")([score, product])


def codes(
    hidden: keras.KerasTensor,
    count: int,
    *,
    initializer: str | tuple[str, float],
    code_range: tuple[float, float] | None = None,
) -> keras.KerasTensor:
    """Returns an encoder's outputs [B, count] of the hidden ones [B, F], as float32.

    They are linear, or in (-1, 1) by 2 * sigmoid(x) - 1.

    Raises:
        ValueError: If `code_range` is neither (-1, 1) nor None.
    """
    if code_range is not None and tuple(code_range) != (-1.0, 1.0):
        raise ValueError(
            f"`code_range` must be (-1, 1), or None for linear codes. Received: {code_range}"
        )
    x = keras.layers.Dense(
        count, kernel_initializer=initializers.get(initializer), dtype="float32", name="codes"
    )(_features(hidden))
    if code_range is None:
        return x
    half = keras.layers.Rescaling(0.5, dtype="float32")(x)  # 2 * sigmoid(x) - 1 = tanh(x / 2)
    return keras.layers.Activation("tanh", dtype="float32", name="squashed")(half)


def _features(hidden: keras.KerasTensor) -> keras.KerasTensor:
    return keras.layers.Identity(dtype="float32", name="features")(hidden)
