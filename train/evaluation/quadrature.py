"""The metric of a game with two latents: log p(x) by quadrature, on the points of a toy."""

import numpy as np
import tensorflow as tf
from scipy import special

from train.data import toys
from train.evaluation import candidates, likelihood
from zoo.metrics import bounds, entropy, means

REACH, NODES = 6.0, 401  # of the quadrature over two latents, as in the released notebook
CODES = 20_000  # of the aggregated posterior
AGREEING = 0.01  # nats, by which the quadrature with every second node may differ


def quadrature(candidate: candidates.Candidate) -> dict:
    """Measures log p(x) by quadrature over latents in the plane, on the distinct points of a toy.

    Next to it are the bound that training raised, the error of reconstructions (minus log p(x | z)
    for each feature, z drawn from q), and KL(q(z) || p(z)) of the aggregated posterior, by nearest
    neighbours.
    """
    model = likelihood.latent_model(candidate, "quadrature")
    if model.prior.size != 2 or candidate.experiment.data.name not in toys.TOYS:
        raise ValueError(
            "`quadrature` needs points and a latent plane. "
            f"Received: {candidate.experiment.data.name!r}, {model.prior.size} latents"
        )
    x, protocol = likelihood.binarized_examples(candidate, model)
    x = np.unique(x, axis=0)
    side, width = np.linspace(-REACH, REACH, NODES, retstep=True, dtype=np.float32)
    z = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    log_prior = model.prior.log_prob(tf.constant(z)).numpy().astype(np.float64)
    log_likelihood = tf.function(model.log_likelihood, autograph=False)
    values, coarse = [], []
    for row in x:
        log_joint = (
            log_likelihood(tf.constant(np.tile(row, (len(z), 1))), tf.constant(z)).numpy()
            + log_prior
        )
        values.append(special.logsumexp(log_joint) + 2.0 * np.log(width))
        log_joint = log_joint.reshape(NODES, NODES)[::2, ::2]
        coarse.append(special.logsumexp(log_joint) + 2.0 * np.log(2.0 * width))
    many = np.repeat(x, -(-CODES // len(x)), axis=0)
    codes = likelihood.posterior_draws(model, many, candidate.seed, 0)
    error = -log_likelihood(tf.constant(many), tf.constant(codes)).numpy().mean() / x.shape[1]
    value = float(np.mean(values))
    bound, bound_error = means.mean_and_standard_error(
        bounds.elbo(likelihood.log_weights(model, many, 1, candidate))
    )
    warnings = (
        [likelihood.sentence_above(bound, value)] if bound - 2.0 * bound_error > value else []
    )  # the value is exact
    difference = float(np.max(np.abs(np.subtract(values, coarse))))
    if difference > AGREEING:
        warnings.append(
            "the nodes are too few for this decoder: with every second one, log p(x) of a point "
            f"differs by {difference:.2g} nats"
        )
    return {
        "value": value,
        "standard_error": None,
        "protocol": protocol
        | {
            "points": len(x),
            "nodes": NODES**2,
            "reach": REACH,
            "draws": len(many),
            "warnings": warnings,
        },
        "beside": {
            "elbo": bound,
            "elbo_standard_error": bound_error,
            "reconstruction_error": float(error),
            "aggregated_posterior_kl": entropy.kl_to_standard_normal(codes.astype(np.float64)),
        },
    }
