"""Points with a known density.

They are the toy data of the papers on mode collapse, in the plane, f-GAN's mixture on the line,
and AVB's four points. Coordinates in the plane are those of the released code of Gulrajani et al.,
2017 (arXiv:1704.00028), section 4 and figure 2.
"""

import math

import numpy as np

from train.data import contents, splits
from zoo import names

COUNT = 100_000


def ring_modes() -> tuple[np.ndarray, float]:
    """Eight Gaussians on a circle of radius 2, std 0.02, all divided by sqrt(2).

    Returns:
        Their centres [8, 2] and their std.
    """
    angles = 2.0 * np.pi * np.arange(8) / 8
    centres = 2.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return centres / math.sqrt(2.0), 0.02 / math.sqrt(2.0)


def grid_modes() -> tuple[np.ndarray, float]:
    """25 Gaussians on {-4, -2, 0, 2, 4}**2, std 0.05, all divided by 2 sqrt(2).

    Returns:
        Their centres [25, 2] and their std.
    """
    side = np.arange(-4.0, 5.0, 2.0)
    centres = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(25, 2)
    return centres / math.sqrt(8.0), 0.05 / math.sqrt(8.0)


MODES = {"ring": ring_modes, "grid": grid_modes}
TOYS = ("ring", "grid", "swiss_roll", "mixture", "one_hot")

# (weight, mean, std) of each part. The paper does not print them; these alone reproduce the 15
# optima of its table to four digits. Nowozin et al., 2016, section 4.1, arXiv:1606.00709
MIXTURE = ((0.33, -1.0, 0.255), (0.67, 2.0, 1.415))


def modes(name: str) -> tuple[np.ndarray, float]:
    """Returns the centres [K, 2] of a toy's Gaussians and their std, of each coordinate.

    Raises:
        ValueError: If the toy is no mixture of Gaussians.

    Example:
        >>> centres, std = modes("ring")
        >>> centres.shape, round(std, 4)
        ((8, 2), 0.0141)
    """
    if name not in MODES:
        raise ValueError(names.unknown("toy with modes", name, MODES))
    return MODES[name]()


def read(name: str, split: str = "train") -> contents.Array:
    """Returns the points [N, D] of a toy, float32; its split `test` is another draw."""
    part, start, stop = splits.parse(split, ["train", "test"])
    examples = points(name, seed=["train", "test"].index(part))
    return contents.Array(examples).part(splits.rows(start, stop, len(examples)))


def points(name: str, count: int = COUNT, *, seed: int = 0) -> np.ndarray:
    """Draws points [count, 2] in float32, the same ones for the same seed.

    Points of `mixture` are [count, 1], those of `one_hot` [count, 4]. Each mode of `ring` and
    `grid`, and each point of `one_hot`, is drawn equally often, up to one.

    Raises:
        ValueError: If the toy is unknown.
    """
    if name == "mixture":
        return mixture(count, seed=seed)
    if name == "one_hot":
        return one_hot(count, seed=seed)
    if name == "swiss_roll":
        return swiss_roll(count, seed=seed)
    if name not in MODES:
        raise ValueError(names.unknown("toy", name, TOYS))
    centres, std = MODES[name]()
    random = np.random.default_rng(seed)
    which = random.permutation(np.arange(count) % len(centres))
    return (centres[which] + std * random.standard_normal((count, 2))).astype(np.float32)


def mixture(count: int = COUNT, *, seed: int = 0) -> np.ndarray:
    """Draws points [count, 1] of the two Gaussians on the line."""
    random = np.random.default_rng(seed)
    weights, means, stds = np.transpose(MIXTURE)
    which = random.choice(len(weights), count, p=weights)
    return (means[which] + stds[which] * random.standard_normal(count))[:, None].astype(np.float32)


def one_hot(count: int = COUNT, *, seed: int = 0) -> np.ndarray:
    """Draws points [count, 4] of which one coordinate is 1 and the others are 0.

    Reference: Mescheder et al., 2017, section 6.1. arXiv:1701.04722
    """
    return np.eye(4, dtype=np.float32)[
        np.random.default_rng(seed).permutation(np.arange(count) % 4)
    ]


def swiss_roll(count: int = COUNT, *, seed: int = 0) -> np.ndarray:
    """Draws points [count, 2] of a spiral: scikit-learn's Swiss roll seen along its axis.

    Its noise is 0.25, and all coordinates are divided by 7.5.
    """
    from sklearn import datasets  # slow to import, and needed for this toy only

    roll, _ = datasets.make_swiss_roll(count, noise=0.25, random_state=seed)
    return (roll[:, [0, 2]] / 7.5).astype(np.float32)
