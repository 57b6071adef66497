"""Distances between all rows of two sets, block by block."""

from collections.abc import Iterator

import numpy as np

ENTRIES = 2**22  # numbers in a block: 32 MiB


def squared(x: np.ndarray, references: np.ndarray) -> Iterator[np.ndarray]:
    """Yields blocks of rows of |x_i - r_j|**2 [N, M], in float64 and in order.

    Args:
        x: [N, D].
        references: [M, D], M at least 1.
    """
    # |x - r|**2 = |x|**2 - 2 x.r + |r|**2 cancels; in float64 and around the references' mean
    # little is lost
    mean = references.mean(axis=0, dtype=np.float64)
    references = references - mean
    norms = np.einsum("md,md->m", references, references)
    rows = max(1, ENTRIES // len(references))
    for start in range(0, len(x), rows):
        block = x[start : start + rows] - mean
        values = block @ references.T
        values *= -2.0
        values += np.einsum("nd,nd->n", block, block)[:, None]
        values += norms
        yield np.maximum(values, 0.0, out=values)
