"""The metric of a generator of points on the line, mean + std * z.

It says which Gaussian the generator became, and how far that is from the data.
"""

import numpy as np
import tensorflow as tf

from train.data import toys
from train.evaluation import candidates
from zoo import build
from zoo.laws import table
from zoo.metrics import univariate

INFINITE = 1e6  # an integral that has no value grows with the quadrature's reach
NODES = 64  # of the quadrature over z ~ N(0, 1), exact for what the generator can be


def gaussian_fit(candidate: candidates.Candidate) -> dict:
    """Measures D_f(P || Q) of the mixture from the generator's Gaussian.

    f is the divergence that the run minimised. Next to the value are the Gaussian; the best one and
    its divergence; `bound`, minus the trained critic's loss on the whole densities; and every
    divergence of the table at this Gaussian. A divergence is None where it is infinite, as some are
    for a Gaussian that is much narrower than the data; with the bound, all are None where the
    Gaussian is too narrow for the quadrature, and a warning says so.
    """
    if candidate.experiment.data.name != "mixture":
        raise ValueError(
            "`gaussian_fit` needs data on the line, 'mixture'. "
            f"Received: a run on {candidate.experiment.data.name!r}"
        )
    mixture = univariate.Mixture(*(np.array(values) for values in zip(*toys.MIXTURE)))
    spec = candidate.experiment.game.options["loss"].options.get("divergence")
    if spec is None:
        raise ValueError(
            "`gaussian_fit` needs a loss with a divergence. "
            f"Received: {candidate.experiment.game.options['loss']}"
        )
    mean, std = _moments(candidate.game)
    narrowest = univariate.narrowest(mixture, mean, std)
    resolved = std >= narrowest

    def measured(f) -> float | None:
        return _finite(univariate.divergence(f, mixture, mean, std)) if resolved else None

    own = _f(build.build(spec, role="divergence"))
    best_mean, best_std, smallest = univariate.nearest_gaussian(own, mixture)
    return {
        "value": measured(own),
        "standard_error": None,
        "protocol": {
            "mixture": [
                f"{weight:g} N({center:g}, {width:g}^2)" for weight, center, width in toys.MIXTURE
            ],
            "mean_and_std": f"of the generator, by Gauss-Hermite quadrature with {NODES} nodes",
            "divergences": f"by the trapezoid rule with {univariate.NODES} nodes",
        }
        | ({} if resolved else {"warnings": [_sentence_narrow(std, narrowest)]}),
        "beside": {
            "mean": mean,
            "std": std,
            "best_mean": best_mean,
            "best_std": best_std,
            "best_value": smallest,
            "bound": _bound(candidate.game, mixture, mean, std) if resolved else None,
            "divergences": {name: measured(_f(row())) for name, row in table.ROWS.items()},
        },
    }


def _f(divergence):
    return lambda u: divergence.f(tf.constant(u, tf.float64)).numpy()


def _finite(value: float) -> float | None:
    return value if value < INFINITE else None


def _sentence_narrow(std: float, narrowest: float) -> str:
    return (
        f"the generator has collapsed: its std {std:.3g} is below the {narrowest:.3g} that the "
        "quadrature resolves"
    )


def _moments(game) -> tuple[float, float]:
    z, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    x = game.generate(z[:, None].astype(np.float32))[:, 0].astype(np.float64)
    mean = float(np.sum(weights * x))
    return mean, float(np.sqrt(np.sum(weights * (x - mean) ** 2)))


def _bound(game, mixture: univariate.Mixture, mean: float, std: float) -> float:
    x, width = univariate.nodes(mixture, mean, std)
    logits = tf.cast(game.critic(tf.constant(x[:, None], tf.float32), training=False), tf.float64)
    real, fake = (
        term(logits).numpy()[:, 0] for term in (game.loss.critic_real, game.loss.critic_fake)
    )
    gaussian = univariate.Mixture(np.ones(1), np.array([mean]), np.array([std]))
    p, q = (np.exp(univariate.log_density(density, x)) for density in (mixture, gaussian))
    return float(-width * np.sum(p * real + q * fake))
