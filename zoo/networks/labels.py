"""The inputs of a network that may take a label: where the label enters, and as what."""

from typing import Literal

import keras
import tensorflow as tf

from zoo import names
from zoo.networks import dropout, geometry

ENTRANCES = ("concatenate", "projection")
Entrance = Literal["concatenate", "projection"]


@keras.saving.register_keras_serializable(package="zoo")
class OneHot(keras.layers.Layer):
    """One-hot vectors of labels: int [B] -> [B, classes]; a label outside [0, classes) gives zeros.

    Args:
        classes: Number K of classes, at least 1.
    """

    def __init__(self, classes: int, **kwargs):
        super().__init__(**kwargs)
        geometry.positive(classes=classes)
        self.classes = classes

    def call(self, inputs):
        return tf.one_hot(inputs, self.classes, dtype=self.compute_dtype)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor((*inputs.shape, self.classes), dtype=self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes}


def latent(size: int, classes: int | None) -> tuple[list | keras.KerasTensor, keras.KerasTensor]:
    """Returns the inputs of a generator, and the vector that its first layer takes.

    Args:
        size: Length Z of a latent.
        classes: Number K of classes; None for a generator without labels.

    Returns:
        `z` [B, Z] twice; with classes, the inputs [`z`, `label` int64 [B]] and z with the one-hot
        label after it [B, Z + K].

    Raises:
        ValueError: If a number is not an integer > 0.

    Reference: Mirza and Osindero, 2014, section 3.2, arXiv:1411.1784. Departs from it: the paper
        maps z and the label to hidden layers of their own first.
    """
    geometry.positive(latent=size)
    z = keras.Input((size,), name="z")
    if classes is None:
        return z, z
    label = _label()
    return [z, label], keras.layers.Concatenate()([z, OneHot(classes)(label)])


def example(
    shape: tuple[int, ...],
    classes: int | None,
    *,
    entrance: Entrance = "concatenate",
    flatten: bool = False,
    rate: float = 0.0,
) -> tuple[list | keras.KerasTensor, keras.KerasTensor, keras.KerasTensor | None]:
    """Returns the inputs of a network of examples, what its first layer takes, and a late label.

    Args:
        shape: (H, W, C) or (D,) of an example.
        classes: Number K of classes; None for a network without labels.
        entrance: "concatenate": the one-hot label follows the vector, or, as K constant planes,
            the channels of the image. "projection": the label does not enter here.
        flatten: Whether the first layer takes a flat example.
        rate: Fraction dropped from the example, and never from the label, in [0, 1).

    Returns:
        inputs: `x` [B, *shape], or [`x`, `label` int64 [B]].
        x: What the first layer takes.
        label: The one-hot label [B, K] for `outputs.logits` to project; None unless projected.

    Raises:
        ValueError: If an option is none of the accepted.

    Reference: concatenation, Mirza and Osindero, 2014, section 3.2, arXiv:1411.1784, whose planes
        are those of Radford et al., 2016, arXiv:1511.06434; the released code of the latter for
        MNIST repeats them at every layer, where here they enter at the first. Projection, Miyato
        and Koyama, 2018, equation 3. arXiv:1802.05637
    """
    if entrance not in ENTRANCES:
        raise ValueError(names.unknown("entrance of a label", entrance, ENTRANCES))
    shape = geometry.example(shape)
    inputs = keras.Input(shape, name="x")
    x = keras.layers.Flatten()(inputs) if flatten else inputs
    if rate:
        x = dropout.Dropout(rate)(x)
    if classes is None:
        return inputs, x, None
    label = _label()
    one_hot = OneHot(classes)(label)
    if entrance == "projection":
        return [inputs, label], x, one_hot
    if len(x.shape) == 4:
        height, width = x.shape[1:3]
        one_hot = keras.layers.RepeatVector(height * width)(one_hot)
        one_hot = keras.layers.Reshape((height, width, classes))(one_hot)
    return [inputs, label], keras.layers.Concatenate()([x, one_hot]), None


def _label() -> keras.KerasTensor:
    return keras.Input((), dtype="int64", name="label")
