"""The priors that this project names, drawn in numpy, to compare golden latents with."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from export.runtime import draws


class Prior(NamedTuple):
    """A prior of `zoo.priors`, as a manifest describes it.

    Attributes:
        fits: (size, bounds) -> whether the prior can have this size and these bounds.
        draw: (seeds [N], stream, size, bounds) -> latents [N, size].
    """

    fits: Callable[[int, list[float] | None], bool]
    draw: Callable[[np.ndarray, int, int, list[float] | None], np.ndarray]


def draw(seeds: np.ndarray, stream: int, prior: dict) -> np.ndarray:
    """Returns the latents [N, Z] of a prior, float32.

    Args:
        seeds: Seed of each row [N], int64.
        stream: Number of the draw; 0 is the one that the endpoint `sample` begins with.
        prior: The manifest's `prior`, of one of the names in `PRIORS`.
    """
    return PRIORS[prior["name"]].draw(seeds, stream, prior["size"], prior["bounds"])


def difference(latents: np.ndarray, seeds: np.ndarray, prior: dict) -> float:
    """Returns how far latents are from what a prior draws for these seeds, at most.

    Args:
        latents: [N, Z].
        seeds: Seed of each row [N].
        prior: The manifest's `prior`, of one of the names in `PRIORS`.
    """
    return min(
        float(np.max(np.abs(draw(seeds, stream, prior) - latents)))
        for stream in range(draws.STREAMS)
    )


def _uniform(seeds, stream, size, bounds):
    low, high = bounds
    return low + (high - low) * draws.uniform(seeds, stream, (size,))


def _sphere(seeds, stream, size, bounds):
    normal = draws.normal(seeds, stream, (size,))
    return normal / np.linalg.norm(normal, axis=-1, keepdims=True)


PRIORS = {
    "normal": Prior(
        lambda size, bounds: bounds is None,
        lambda seeds, stream, size, bounds: draws.normal(seeds, stream, (size,)),
    ),
    "sphere": Prior(lambda size, bounds: size >= 2 and bounds == [-1.0, 1.0], _sphere),
    "uniform": Prior(lambda size, bounds: bounds is not None, _uniform),
}
