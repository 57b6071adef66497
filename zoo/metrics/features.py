"""Distances between two sets of features; each is named after the network that made them."""

import numpy as np
import tensorflow as tf

from zoo.metrics import tf_gan

LEAST = 3  # rows in a block of the kernel distance, so that one can be left out


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
    """The kernel distance, a squared maximum mean discrepancy, and its standard error.

    It is unbiased; the kernel is (x y / F + 1)**3. The value is the mean over blocks, and the error
    is that of a mean over blocks. Where one block holds all rows, the error is the jackknife's: it
    leaves out each row of both sets in turn.

    Args:
        x: [N, F] in random order, N at least 3 for each block.
        y: [M, F] in random order, M at least 3 for each block.
        block: Examples in a block, at most.

    Raises:
        ValueError: If the shapes do not fit, a value is not finite or the rows are too few.

    Reference: Binkowski et al., 2018, section 3. arXiv:1801.01401; tensorflow-gan's function
    """
    x, y = _checked(x, y)
    blocks = -(-max(len(x), len(y)) // block)
    if min(len(x), len(y)) < LEAST * blocks:
        raise ValueError(
            f"Both sets need {LEAST} rows in each of the blocks of at most {block}. "
            f"Received: {len(x)} and {len(y)} rows, so {blocks} blocks"
        )
    function = tf_gan.module(
        "eval.classifier_metrics"
    ).kernel_classifier_distance_and_std_from_activations
    value, error = function(tf.constant(x), tf.constant(y), max_block_size=block)
    return float(value), float(error) if blocks > 1 else _jackknife_error(x, y)


def _jackknife_error(x: np.ndarray, y: np.ndarray) -> float:
    """Returns the jackknife's standard error of the unbiased distance of two sets, in one block."""

    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1.0) ** 3

    def within(rows):
        """Returns the mean over pairs of rows, and [N] the same without each row."""
        values, count = kernel(rows, rows), len(rows)
        sums = values.sum(axis=1) - np.diag(values)
        pairs = (count - 1) * (count - 2)
        return sums.sum() / (count * (count - 1)), (sums.sum() - 2.0 * sums) / pairs

    (of_x, without_x), (of_y, without_y), between = within(x), within(y), kernel(x, y)
    total, variance = between.sum(), 0.0
    for without, other, sums, rest in (
        (without_x, of_y, between.sum(axis=1), len(y)),
        (without_y, of_x, between.sum(axis=0), len(x)),
    ):
        count = len(without)
        values = without + other - 2.0 * (total - sums) / ((count - 1) * rest)
        variance += (count - 1) * values.var()
    return float(np.sqrt(variance))


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
