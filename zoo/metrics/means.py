"""A mean over independent examples, and how far it may be off."""

import math

import numpy as np


def mean_and_standard_error(values: np.ndarray) -> tuple[float, float]:
    """Returns the mean and its standard error.

    standard_error = std(values) / sqrt(N), the std with divisor N; NaN for one value, which says
    nothing of its error

    Args:
        values: [N], one independent value per example, N at least 1.

    Example:
        >>> mean_and_standard_error(np.array([1.0, 3.0, 1.0, 3.0]))
        (2.0, 0.5)
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"`values` must be [N] with N at least 1. Received: shape {values.shape}")
    error = float(values.std()) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return float(values.mean()), error
