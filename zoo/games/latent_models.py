"""Games with a likelihood: their decoder, binary pixels, and the model that is evaluated."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from zoo import gradients, likelihoods, priors
from zoo.games import endings, labels


class LatentModel(NamedTuple):
    """A trained model p(x, z) = p(z) p(x | z) with its approximate posterior.

    Attributes:
        prior: p(z).
        log_likelihood: (x [N, ...], z [N, Z]) -> log p(x | z) [N], in nats.
        posterior: (x, source) -> z [N, Z], a draw of q(z | x); a source has `normal(shape)`, as a
            `seeds.Rows` or a `noise.Noise`.
        log_ratio: (x, source) -> (z, log q(z | x) - log p(z) [N]) at a draw z; an adversary's
            estimate, where q has no density.
        exact: Whether `log_ratio` is exact, so that its bound is one, and so is the
            importance-weighted bound.
        binarize: Whether pixels are probabilities of 0 or 1.
    """

    prior: priors.Prior
    log_likelihood: Callable
    posterior: Callable
    log_ratio: Callable
    exact: bool
    binarize: bool


def check(
    decoder: keras.Model,
    prior: priors.Prior,
    shape: tuple[int, ...],
    likelihood: likelihoods.Likelihood,
    *,
    binarize: bool,
    classes: int | None = None,
) -> None:
    """Checks that a decoder takes latents, and labels if there are classes, and gives examples.

    Args:
        decoder: Built network.
        prior: Distribution of the latents.
        shape: Shape of an example.
        likelihood: Likelihood of an example under the decoder's outputs.
        binarize: Whether pixels are probabilities of 0 or 1.
        classes: Number of classes of a conditional model.

    Raises:
        ValueError: If it does not.
    """
    labels.check("decoder", decoder, (prior.size,), classes, "latents of the prior")
    if decoder.output_shape[1:] != tuple(shape):
        shapes = f"decoder to {decoder.output_shape}, encoder from {(None, *shape)}"
        raise ValueError(f"`decoder` must give what `encoder` takes. Received: {shapes}")
    endings.check_linear("decoder", decoder, "since the likelihood bounds the mean")
    if binarize and likelihood.value_range != (0.0, 1.0):
        raise ValueError(
            "`binarize` needs a likelihood of examples in [0, 1]. "
            f"Received: {likelihood.value_range}"
        )


def binary(x: tf.Tensor, source) -> tf.Tensor:
    """Draws pixels of 0 or 1 with the probabilities x [B, ...]."""
    return tf.cast(source.uniform(tuple(x.shape[1:])) < x, tf.float32)


def by_latents(log_likelihood: Callable) -> Callable:
    """Returns the function (x, z) -> (log p(x | z) [N], its gradient by z [N, Z])."""

    return lambda x, z: gradients.by_input(lambda z: log_likelihood(x, z), z)
