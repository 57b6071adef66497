"""How alike images of one set are: the multi-scale structural similarity of random pairs."""

import numpy as np
import tensorflow as tf

# of the scales, finest first: Wang et al., 2003, section 3.2
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW = 11  # side of the window in pixels, at every scale


def similarity(x: np.ndarray, *, pairs: int = 1000, seed: int = 0) -> np.ndarray:
    """Similarity [pairs] of random pairs of different images, 1 for equal ones.

    A low mean is a diverse set. Fewer than `2 * pairs` images make N // 2 pairs, each image in one
    at most: the pairs are independent, so that the standard error of their mean is true.

    As many scales are used as leave room for the window at the coarsest, their weights scaled to
    the sum of all: two scales for 28x28 pixels.

    Args:
        x: [N, H, W, C] in [0, 1], N at least 2, sides of at least 11 pixels.
        pairs: Largest number of pairs, at least 1.
        seed: Seed of the pairs.

    Raises:
        ValueError: If the shape does not fit.

    Reference: Wang et al., 2003, equation 7, by tf.image; Odena et al., 2017, section 4.2,
        arXiv:1610.09585
    """
    if x.ndim != 4 or len(x) < 2 or min(x.shape[1:3]) < WINDOW:
        raise ValueError(
            f"Images must be [N, H, W, C], at least two, with sides of at least {WINDOW} pixels. "
            f"Received: {x.shape}"
        )
    random = np.random.default_rng(seed)
    if len(x) < 2 * pairs:
        pairs = len(x) // 2
        first, second = random.permutation(len(x))[: 2 * pairs].reshape(2, pairs)
    else:
        first = random.integers(len(x), size=pairs)
        second = (first + random.integers(1, len(x), size=pairs)) % len(x)
    scales = next(s for s in range(len(WEIGHTS), 0, -1) if min(x.shape[1:3]) >> (s - 1) >= WINDOW)
    weights = [weight * sum(WEIGHTS) / sum(WEIGHTS[:scales]) for weight in WEIGHTS[:scales]]
    values = [
        tf.image.ssim_multiscale(
            x[first[at : at + 256]], x[second[at : at + 256]], 1.0, weights, filter_size=WINDOW
        )
        for at in range(0, pairs, 256)
    ]
    return np.concatenate(values)
