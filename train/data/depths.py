"""How many bits the values of 16-bit pictures use, and what becomes of them. No TensorFlow."""

import numpy as np

LEAST, MOST = 8, 16


def check(bits: int | None) -> int | None:
    """Returns a number of bits, after checking that pictures can use as many.

    Raises:
        ValueError: If it is neither None nor in [8, 16].
    """
    if bits is not None and not LEAST <= bits <= MOST:
        raise ValueError(
            f"`bits` must be from {LEAST} to {MOST}, or none for as many as the largest value "
            f"needs. Received: bits={bits}"
        )
    return bits


def needed(largest: int) -> int:
    """Returns the number of bits, from 8 to 16, that the largest value of some pictures needs.

    Example:
        >>> needed(4095), needed(4096), needed(3)
        (12, 13, 8)
    """
    return max(LEAST, int(largest).bit_length())


def scaled(samples: np.ndarray, bits: int) -> np.ndarray:
    """Returns the upper 8 bits of values of some bits; values that need more bits become 255.

    Args:
        samples: uint16 of any shape; uint8 values stay as they are.
        bits: From 8 to 16.

    Example:
        >>> scaled(np.array([0, 15, 16, 4095, 4096], np.uint16), 12).tolist()
        [0, 0, 1, 255, 255]
    """
    if samples.dtype == np.uint8:
        return samples
    return np.minimum(samples >> (bits - 8), 255).astype(np.uint8)
