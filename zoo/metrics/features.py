"""Distances between two sets of features; each is named after the network that made them."""

import numpy as np
import tensorflow as tf

from zoo.metrics import tf_gan


def frechet_distance(x: np.ndarray, y: np.ndarray) -> float:
    """The Fréchet distance between Gaussians fitted to two sets of features.

    |mean_x - mean_y|**2 + trace(C_x + C_y - 2 * (C_x C_y)**0.5), with covariances of divisor N - 1

    The estimate is biased upwards, more so with fewer examples: compare equal numbers only. Both
    sets are divided by a common scale first and the distance is multiplied by its square, since
    tensorflow-gan cuts the root off at 1e-10.

    Args:
        x: [N, F], N at least 2.
        y: [M, F], M at least 2.

    Raises:
        ValueError: If the shapes do not fit or a value is not finite.

    Reference: Heusel et al., 2017, equation 6. arXiv:1706.08500; tensorflow-gan's function
    """
    x, y = _checked(x, y)
    scale = max(
        float(np.sqrt(np.mean(np.concatenate([x, y]).var(axis=0)))),
        np.finfo(np.float64).tiny ** 0.25,
    )
    centre = x.mean(axis=0)  # a distance does not see where both lie, float64 does
    function = tf_gan.module("eval.classifier_metrics").frechet_classifier_distance_from_activations
    return scale**2 * float(
        function(tf.constant((x - centre) / scale), tf.constant((y - centre) / scale))
    )


def kernel_distance(x: np.ndarray, y: np.ndarray, *, block: int = 1000) -> tuple[float, float]:
    """The kernel distance, a squared maximum mean discrepancy, and its standard error over blocks.

    It is unbiased; the kernel is (x y / F + 1)**3.

    Args:
        x: [N, F] in random order, N at least 2.
        y: [M, F] in random order, M at least 2.
        block: Examples in a block, at most.

    Raises:
        ValueError: If the shapes do not fit or a value is not finite.

    Reference: Binkowski et al., 2018, section 3. arXiv:1801.01401; tensorflow-gan's function
    """
    x, y = _checked(x, y)
    function = tf_gan.module(
        "eval.classifier_metrics"
    ).kernel_classifier_distance_and_std_from_activations
    value, error = function(tf.constant(x), tf.constant(y), max_block_size=block)
    return float(value), float(error)


def classifier_score(logits: np.ndarray) -> float:
    """The classifier score, also called inception score.

    exp(E KL(p(y|x) || p(y))), in [1, classes]

    Args:
        logits: [N, classes].

    Raises:
        ValueError: If the shape does not fit or a value is not finite.

    Reference: Salimans et al., 2016, section 4. arXiv:1606.03498; tensorflow-gan's function
    """
    (logits,) = _checked(logits)
    return float(
        tf_gan.module("eval.classifier_metrics").classifier_score_from_logits(tf.constant(logits))
    )


def _checked(*sets: np.ndarray) -> list[np.ndarray]:
    sets = [np.asarray(rows, np.float64) for rows in sets]
    if any(rows.ndim != 2 or len(rows) < 2 or rows.shape[1] != sets[0].shape[1] for rows in sets):
        shapes = " and ".join(str(rows.shape) for rows in sets)
        raise ValueError(
            f"Features must be [N, F] and [M, F] with N and M at least 2. Received: {shapes}"
        )
    if not all(np.isfinite(rows).all() for rows in sets):
        raise ValueError("Features must be finite. Received: some that are not")
    return sets
