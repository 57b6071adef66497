"""Diagonal Gaussians over the last axis, by mean and log variance."""

import math

import tensorflow as tf

from zoo import replicas, shapes


def log_prob(x: tf.Tensor, mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """Log density in nats, summed over the last axis.

    -0.5 * sum((x - mean)**2 / exp(log_variance) + log_variance + log(2 * pi))

    Args:
        x: [..., D].
        mean: [..., D].
        log_variance: [..., D].

    Returns:
        [...].
    """
    shapes.same_shape(x=x, mean=mean, log_variance=log_variance)
    return -0.5 * tf.reduce_sum(
        tf.square(x - mean) * tf.exp(-log_variance) + log_variance + math.log(2.0 * math.pi),
        axis=-1,
    )


def kl_to_standard_normal(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """KL(N(mean, variance) || N(0, I)) in nats, summed over the last axis.

    0.5 * sum(exp(log_variance) - 1 - log_variance + mean**2)

    Args:
        mean: [..., D].
        log_variance: [..., D].

    Returns:
        [...], at least 0.

    Example:
        >>> round(float(kl_to_standard_normal(tf.constant([1.0]), tf.math.log([4.0]))), 6)
        1.306853

    Reference: Kingma and Welling, 2014, appendix B. arXiv:1312.6114
    """
    shapes.same_shape(mean=mean, log_variance=log_variance)
    # ONNX has no expm1; what cancels near 0 is 1e-7 of a nat
    return 0.5 * tf.reduce_sum(tf.exp(log_variance) - 1.0 - log_variance + tf.square(mean), axis=-1)


def drawn_kl_to_standard_normal(z: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """Estimate of KL(N(mean, variance) || N(0, I)) in nats from one draw z of N(mean, variance).

    0.5 * sum(z**2 - 1 - log_variance), which is `kl_to_standard_normal` in the mean over z

    Args:
        z: [..., D].
        log_variance: [..., D].

    Returns:
        [...], which may be negative.

    Reference: Mescheder et al., 2017, the released VAE_toy_example.ipynb. arXiv:1701.04722
    """
    shapes.same_shape(z=z, log_variance=log_variance)
    return 0.5 * tf.reduce_sum(tf.square(z) - 1.0 - log_variance, axis=-1)


def batch_kl_to_standard_normal(codes: tf.Tensor, *, variance_for_std: bool = False) -> tf.Tensor:
    """KL of the Gaussian fitted to each coordinate of the global batch to N(0, 1), in nats.

    0.5 * (variance + mean**2) - log(std) - 0.5

    Args:
        codes: [B, Z], B at least 2.
        variance_for_std: Take the variance where the formula has the deviation, as the released
            code of AGE does by a slip.

    Returns:
        [Z], the same on every replica.

    Reference: Ulyanov et al., 2017, section 3.1. arXiv:1704.02304; DmitryUlyanov/AGE, src/losses.py
    """
    mean = replicas.mean(codes)
    log_variance = tf.math.log(replicas.mean(tf.square(codes - mean)))
    log_variance = 2.0 * log_variance if variance_for_std else log_variance
    return kl_to_standard_normal(mean[:, tf.newaxis], log_variance[:, tf.newaxis])
