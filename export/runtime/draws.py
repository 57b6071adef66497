"""The draws of `zoo.seeds` in numpy, for inputs that a caller of a bundle leaves out.

Threefry-2x32 with 20 rounds.

Reference: Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

import math

import numpy as np

# what a manifest says of these draws; other numbers for a seed would be another version
SAMPLER = {"name": "threefry2x32-20", "version": 1}
# of one seed: tried in turn, to find which of them a noise or a latent is
STREAMS = 8

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)  # Threefry's key schedule constant for 32-bit words


def words(seeds: np.ndarray, stream: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns two arrays [N, count] of pseudo-random words, uint32, as `zoo.seeds.Rows` draws them.

    Args:
        seeds: Seed of each row [N], int64; a negative one is the same 64 bits as 2**64 more.
        stream: Number of the draw, from 0: one seed gives as many draws as are asked for.
        count: Words of each kind in a row.
    """
    low = seeds.astype(np.uint32)[:, np.newaxis]  # a cast keeps the lower 32 bits
    high = (seeds >> 32).astype(np.uint32)[:, np.newaxis]
    keys = (low, high, low ^ high ^ _PARITY)
    x0 = np.arange(count, dtype=np.uint32)[np.newaxis, :] + keys[0]
    x1 = np.full_like(x0, stream) + keys[1]
    for group in range(5):
        for bits in _ROTATIONS[group % 2]:
            x0 = x0 + x1  # modulo 2**32, as additions of uint32 are
            x1 = ((x1 << np.uint32(bits)) | (x1 >> np.uint32(32 - bits))) ^ x0
        x0 = x0 + keys[(group + 1) % 3]
        x1 = x1 + keys[(group + 2) % 3] + np.uint32(group + 1)
    return x0, x1


def normal(seeds: np.ndarray, stream: int, shape: tuple[int, ...]) -> np.ndarray:
    """Returns draws [N, *shape] of N(0, 1), float32, by Box and Muller's transform.

    Args:
        seeds: Seed of each row [N], int64 in [0, 2**63).
        stream: Number of the draw, from 0.
        shape: Shape of one row's draws.
    """
    count = math.prod(shape)
    first, second = (_unit(part) for part in words(seeds, stream, (count + 1) // 2))
    radius, angle = np.sqrt(-2.0 * np.log(first)), np.float32(2.0 * math.pi) * second
    drawn = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return drawn[:, :count].reshape([-1, *shape])


def uniform(seeds: np.ndarray, stream: int, shape: tuple[int, ...]) -> np.ndarray:
    """Returns draws [N, *shape] on the open interval (0, 1), float32; arguments as in `normal`."""
    count = math.prod(shape)
    drawn = np.concatenate(words(seeds, stream, (count + 1) // 2), axis=-1)[:, :count]
    return _unit(drawn).reshape([-1, *shape])


def _unit(part: np.ndarray) -> np.ndarray:
    # the top 23 bits and a half: exact in float32, never 0 nor 1
    return ((part >> np.uint32(9)).astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)
