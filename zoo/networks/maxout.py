"""The maxout critic of the first adversarial nets."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from zoo.networks import dropout, geometry, initializers, labels, outputs


@keras.saving.register_keras_serializable(package="zoo")
class Maxout(keras.layers.Layer):
    """The largest of every `pieces` features in a row: [B, units * pieces] -> [B, units].

    output[:, i] = max(x[:, i * pieces : (i + 1) * pieces])

    Args:
        pieces: Number of linear pieces of a unit; must divide the number of features.

    Reference: Goodfellow et al., 2013, section 3. arXiv:1302.4389
    """

    def __init__(self, pieces: int, **kwargs):
        super().__init__(**kwargs)
        geometry.positive(pieces=pieces)
        self.pieces = pieces

    def build(self, input_shape):
        if input_shape[-1] % self.pieces:
            raise ValueError(
                "`pieces` must divide the features. "
                f"Received: pieces={self.pieces}, features={input_shape[-1]}"
            )

    def call(self, inputs):
        return tf.reduce_max(
            tf.reshape(inputs, [-1, inputs.shape[-1] // self.pieces, self.pieces]), axis=-1
        )

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1] // self.pieces)

    def get_config(self):
        return {**super().get_config(), "pieces": self.pieces}


def critic(
    *,
    shape: tuple[int, ...],
    units: Sequence[int] = (240, 240),
    pieces: int = 5,
    dropout_input: float = 0.2,
    dropout_hidden: float = 0.5,
    initializer: str | tuple[str, float] = ("uniform", 0.005),
    classes: int | None = None,
    label: labels.Entrance = "concatenate",
) -> keras.Model:
    """Builds the maxout critic with dropout; the defaults are the MNIST network of the first paper.

    Args:
        shape: (H, W, C) or (D,); images are flattened.
        units: Maxout units per hidden layer.
        pieces: Linear pieces per unit.
        dropout_input: Fraction dropped from the example, in [0, 1).
        dropout_hidden: Fraction dropped from every hidden layer's output, in [0, 1).
        initializer: Initializer of all weights, as in `initializers.get`.
        classes: Number of classes; with it the network takes [x, label]. None for a network
            without labels.
        label: Where the label enters, "concatenate" or "projection", as in `labels.example`.

    Returns:
        Model: [B, *shape] -> [B, 1] logits; its layer "features" gives [B, units[-1]].

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: Goodfellow et al., 2014, arXiv:1406.2661; mnist.yaml of goodfeli/adversarial.
    """
    inputs, x, late = labels.example(
        shape, classes, entrance=label, flatten=True, rate=dropout_input
    )
    for position, count in enumerate(units):
        geometry.positive(units=count, pieces=pieces)
        x = dropout.Dropout(dropout_hidden)(x) if position else x
        x = keras.layers.Dense(count * pieces, kernel_initializer=initializers.get(initializer))(x)
        x = Maxout(pieces)(x)
    rate = dropout_hidden if units else 0.0
    x = outputs.logits(x, initializer=initializer, rate=rate, label=late)
    return keras.Model(inputs, x, name="critic")
