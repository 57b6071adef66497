"""Normalization of a hidden layer by name."""

import keras

from zoo import names

NORMALIZATIONS = ("none", "batch", "plain_batch", "layer", "instance")


def known(normalization: str) -> None:
    """Checks the name, for networks too shallow to apply it.

    Raises:
        ValueError: If it is not one of `NORMALIZATIONS`.
    """
    if normalization not in NORMALIZATIONS:
        raise ValueError(names.unknown("normalization", normalization, NORMALIZATIONS))


def centers(normalization: str) -> bool:
    """Says whether a channel's mean is subtracted, so that a bias before it has no effect."""
    return normalization in ("batch", "plain_batch", "instance")


def apply(
    x: keras.KerasTensor, normalization: str, *, gain: keras.initializers.Initializer | str = "ones"
) -> keras.KerasTensor:
    """Returns `x` normalised over the batch and an image's positions, over each example, or not.

    Args:
        x: [B, F] or [B, H, W, C].
        normalization: "batch", one mean per feature or channel over the global batch;
            "plain_batch", the same without gain or bias; "layer", one mean per example over all its
            other axes, with a gain per feature or channel; "instance", one mean per channel of
            each image, without gain or bias; "none".
        gain: Initializer of the scale.

    Raises:
        ValueError: If the name is none of these, or an instance is a single pixel.

    Reference: Ba et al., 2016, arXiv:1607.06450; over (H, W, C) as in WGAN-GP's released code.
        Instance normalization: Ulyanov et al., 2016, arXiv:1607.08022.
    """
    known(normalization)
    if normalization == "none":
        return x
    if normalization == "instance":
        if len(x.shape) != 4 or x.shape[1] * x.shape[2] < 2:
            raise ValueError(
                "Instance normalization needs images of more than one pixel, since the one of a "
                f"1x1 image is its own mean. Received: shape {tuple(x.shape)}"
            )
        # one group for each channel; the released code's has neither gain nor bias
        return keras.layers.GroupNormalization(groups=-1, epsilon=1e-5, center=False, scale=False)(
            x
        )
    if centers(normalization):
        own = normalization == "batch"
        # Momentum 0.9: the statistics used for sampling follow the generator within tens of steps;
        # Keras's 0.99 lags by hundreds.
        return keras.layers.BatchNormalization(
            momentum=0.9,
            epsilon=1e-5,
            center=own,
            scale=own,
            gamma_initializer=gain,
            synchronized=True,
        )(x)
    # One group is layer normalization with a gain per channel; Keras's LayerNormalization over
    # (H, W, C) would have H * W * C.
    return keras.layers.GroupNormalization(groups=1, epsilon=1e-5, gamma_initializer=gain)(x)
