"""Principal directions of a model's latents, along which the sliders of a page move."""

import numpy as np

from export.runtime import bundles, tensors
from export.web import routes
from zoo import trained

MOST = 8  # directions on a page
_CODES = 512  # samples that are encoded
_EVALUATIONS = 1024  # calls of the generator, at most, for its response
_STEP = 1e-2  # of a latent's standard deviation: the response is a difference quotient
_STEP_OF_PIXELS = 0.5  # a smaller one is lost where outputs are rounded to grey levels

# in words: what the directions are, and what an eigenvalue is a part of
OF_CODES = ("the principal components of the codes of samples", "its part of their variance")
OF_RESPONSE = (
    "the directions in which a step changes the output most",
    "its part of the mean squared change",
)


def find(bundle: bundles.Bundle) -> dict:
    """Returns the directions of a bundle with `generate` and a known prior, the strongest first.

    With an encoder they are the principal components of the codes of samples: eigenvectors of their
    covariance. Without one they are eigenvectors of

        C = E[J^T J],    J = d generate(z) / d z

    the mean squared change of the output for a step in a direction, over draws of the prior.

    Returns:
        `vectors` [K, Z], orthonormal; `scales` [K], the standard deviation of a latent in each
        direction; `fractions` [K] of the eigenvalues' sum; `how` and `fraction`, what directions
        and fractions are, in words.

    Reference: Constantine et al., 2014, "Active subspace methods in theory and practice", equation
    1.2, for C. arXiv:1304.2070
    """
    encoded = _codes(bundle) if "encode" in bundle.offered() else None
    if encoded is not None:
        matrix, words = np.cov(encoded, rowvar=False).reshape(encoded.shape[1], -1), OF_CODES
    else:
        matrix, words = _response(bundle), OF_RESPONSE
    values, vectors = np.linalg.eigh(matrix)
    values, vectors = np.maximum(values[::-1], 0.0), vectors.T[::-1]
    # an eigenvector has no sign of its own: its largest coordinate is positive
    largest = np.argmax(np.abs(vectors), axis=1)
    vectors = vectors * np.sign(vectors[np.arange(len(vectors)), largest])[:, np.newaxis]
    scales = np.full(len(values), deviation(bundle.manifest["prior"]))
    if encoded is not None:
        scales = np.sqrt(values)
    fractions = values / max(values.sum(), np.finfo(np.float64).tiny)
    return {
        **dict(zip(("how", "fraction"), words)),
        "vectors": vectors[:MOST].round(7).tolist(),
        "scales": scales[:MOST].round(7).tolist(),
        "fractions": fractions[:MOST].round(5).tolist(),
    }


def deviation(prior: dict) -> float:
    """Returns the standard deviation of one coordinate of a prior's latents."""
    if prior["name"] == "uniform":
        low, high = prior["bounds"]
        return float(high - low) / 12**0.5
    return prior["size"] ** -0.5 if prior["name"] == "sphere" else 1.0


def _codes(bundle: bundles.Bundle) -> np.ndarray | None:
    """Returns codes [N, Z] of samples; None if they are not what `generate` takes."""
    size = bundle.manifest["prior"]["size"]
    codes = bundle.encode(bundle.sample(_CODES)).astype(np.float64)
    return codes if codes.shape == (_CODES, size) and codes.std() > 0 else None


def _response(bundle: bundles.Bundle) -> np.ndarray:
    """Returns C [Z, Z] by forward differences at a few draws of the prior."""
    prior = bundle.manifest["prior"]
    of_pixels = tensors.has_pixels(bundle.manifest["endpoints"])
    size = prior["size"]
    step = (_STEP_OF_PIXELS if of_pixels else _STEP) * deviation(prior)
    count = max(2, min(32, _EVALUATIONS // (size + 1)))
    total = np.zeros((size, size))
    for row, z in enumerate(routes.drawn(prior, trained.row_seeds(0, count))):
        moved = np.concatenate([z[np.newaxis], z + step * np.eye(size, dtype=np.float32)])
        label = None if bundle.classes() is None else row % bundle.classes()
        outputs = bundle.generate(moved.astype(np.float32), label=label).astype(np.float64)
        jacobian = (outputs[1:] - outputs[:1]).reshape(size, -1) / step
        total += jacobian @ jacobian.T / count
    return total
