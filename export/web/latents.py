"""Latents of the prior that a manifest describes, drawn in numpy as the page draws them."""

import numpy as np

from export.runtime import draws


def draw(prior: dict, seeds: np.ndarray) -> np.ndarray:
    """Returns the latents [N, Z] of row seeds [N], those of the endpoint `sample`.

    Args:
        prior: `name`, `size` and `bounds` of a manifest's prior.
        seeds: In [0, 2**63), int64.

    Raises:
        ValueError: If the prior has a name that is not known here.
    """
    shape = (prior["size"],)
    if prior["name"] == "uniform":
        low, high = prior["bounds"]
        return np.float32(low) + np.float32(high - low) * draws.uniform(seeds, 0, shape)
    z = draws.normal(seeds, 0, shape)
    if prior["name"] == "sphere":
        return z / np.linalg.norm(z, axis=-1, keepdims=True)
    if prior["name"] == "normal":
        return z
    raise ValueError(f"`prior` must be normal, sphere or uniform. Received: {prior['name']!r}")


def deviation(prior: dict) -> float:
    """Returns the standard deviation of one coordinate of a prior's latents."""
    if prior["name"] == "uniform":
        low, high = prior["bounds"]
        return float(high - low) / 12**0.5
    return prior["size"] ** -0.5 if prior["name"] == "sphere" else 1.0
