"""Metrics of a game with a likelihood: bounds on log p(x) and estimates of it, in nats."""

import numpy as np
import tensorflow as tf

from train.evaluation import candidates, references
from zoo import progress, seeds, trained
from zoo.games import latent_models
from zoo.metrics import ais, bounds, means

ROWS = 20_000  # latents that pass through the decoder at once
IMPORTANCE_SAMPLES = 200
CHAINS, TEMPERATURES, LEAPFROGS = 5, 500, 10
AIS_EXAMPLES = 256
OF_LABELS = ("elbo", "iwae")  # metrics of conditional games too, of log p(x | label)


def importance_weighted(candidate: candidates.Candidate) -> dict:
    """Measures the importance-weighted bound on log p(x) on held-out examples.

    `--num` is the number of draws for each example (200). Next to it is the variational bound. The
    bound needs a posterior with a density: what an adversary says of one may be too high.
    """
    model = latent_model(candidate, "iwae")
    if not model.exact:
        raise ValueError(
            "`iwae` needs a posterior whose density is known; `ais` measures any decoder. "
            "Received: a posterior without one"
        )
    x, protocol = binarized_examples(candidate, model)
    count = candidate.num or IMPORTANCE_SAMPLES
    weights = log_weights_by_label(candidate, model, x, count)
    value, error = means.mean_and_standard_error(bounds.importance_weighted(weights))
    bound, bound_error = means.mean_and_standard_error(bounds.elbo(weights))
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol | {"importance_samples": count},
        "beside": {"elbo": bound, "elbo_standard_error": bound_error},
    }


def variational_bound(candidate: candidates.Candidate) -> dict:
    """Measures the bound on log p(x) that training raised, on held-out examples.

    `--num` is the number of draws for each example (1). With an adversary it is an estimate.
    """
    model = latent_model(candidate, "elbo")
    x, protocol = binarized_examples(candidate, model)
    count = candidate.num or 1
    value, error = means.mean_and_standard_error(
        bounds.elbo(log_weights_by_label(candidate, model, x, count))
    )
    note = (
        "exact in the mean"
        if model.exact
        else "of the adversary's log ratio: no bound unless the adversary is at its best"
    )
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol | {"draws": count, "bound": note},
        "beside": {},
    }


def annealed(candidate: candidates.Candidate) -> dict:
    """Measures log p(x) by annealed importance sampling with Hamiltonian moves.

    It takes the first 256 held-out examples; `--num` is the number of chains for each (5). Next to
    it are the bound on the same examples, which must not be above it, the acceptance of the moves
    and the spread of the chains' weights.
    """
    model = latent_model(candidate, "ais")
    x, protocol = binarized_examples(candidate, model, AIS_EXAMPLES)
    chains = candidate.num or CHAINS
    draws = np.stack([posterior_draws(model, x, candidate.seed, k) for k in range(64)])
    mean, std = draws.mean(axis=0), np.maximum(draws.std(axis=0, ddof=1), 1e-2)
    repeated = tf.constant(np.repeat(x, chains, axis=0))
    slope = tf.function(latent_models.by_latents(model.log_likelihood), autograph=False)

    def target(z):
        value, gradient = slope(repeated, tf.constant(z, tf.float32))
        return value.numpy().astype(np.float64), gradient.numpy().astype(np.float64)

    options = {
        "chains": chains,
        "temperatures": TEMPERATURES,
        "leapfrogs": LEAPFROGS,
        "seed": candidate.seed,
    }
    moves = ais.moves(TEMPERATURES)
    with progress.bar(moves, "Moving the chains", "moves", shown=candidate.verbose) as bar:
        result = ais.log_likelihood(
            target, mean, std, **options, progress=lambda done: bar.update(done - bar.n)
        )
    value, error = means.mean_and_standard_error(result.log_likelihood)
    bound, bound_error = means.mean_and_standard_error(
        bounds.elbo(log_weights(model, x, IMPORTANCE_SAMPLES, candidate))
    )
    warnings = [sentence_above(bound, value) + ", or the chains had not"] if bound > value else []
    if not 0.4 < result.acceptance[TEMPERATURES // 2 :].mean() < 0.9:
        warnings.append("the moves' acceptance is far from the target, so the estimate may be low")
    spread = None if chains == 1 else float(np.median(result.spread))
    if spread is not None and spread > 1.0:
        warnings.append(
            f"the chains' log weights are spread by {spread:.2g} nats, so the estimate may be low; "
            "above 1, more chains are needed"
        )
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol
        | {
            "chains": chains,
            "temperatures": TEMPERATURES,
            "leapfrogs": LEAPFROGS,
            "start": "the Gaussian of 64 posterior draws",
            "step_sizes": "of each example, learnt by chains of their own at every second "
            "temperature, then fixed",
            "warnings": protocol.get("warnings", []) + warnings,
        },
        "beside": {
            "bound": bound,
            "bound_standard_error": bound_error,
            "acceptance": float(result.acceptance.mean()),
            "spread_of_log_weights": spread,
        },
    }


def sentence_above(bound: float, value: float) -> str:
    """Returns the warning of a bound that is above the log likelihood, both in nats."""
    return (
        f"the bound {bound:.5g} stands above the log likelihood {value:.5g}: "
        "the adversary had not converged"
    )


def latent_model(candidate: candidates.Candidate, metric: str) -> latent_models.LatentModel:
    """Returns the model that a metric measures; of a conditional game that of class 0."""
    if not hasattr(candidate.game, "latent_model"):
        raise ValueError(
            f"`{metric}` needs a game with a likelihood, p(x | z). "
            f"Received: {type(candidate.game).__name__}"
        )
    if candidate.classes is None:
        return candidate.game.latent_model()
    if metric not in OF_LABELS:
        raise ValueError(
            f"`{metric}` needs a game without labels; of a conditional one there are "
            f"{', '.join(OF_LABELS)}. Received: {candidate.name!r}"
        )
    return candidate.game.latent_model(0)  # of any class: what is asked of it is the same in all


def binarized_examples(
    candidate: candidates.Candidate, model: latent_models.LatentModel, count: int | None = None
) -> tuple[np.ndarray, dict]:
    """Returns the first held-out examples [N, ...], binary if the model's are, and the protocol."""
    x, split = references.held_out(candidate, count)
    protocol = {
        "unit": "nats",
        "examples": f"{split}[:{len(x)}]",
        "trained_on": candidate.experiment.data.split,
    } | references.protocol(candidate, split)
    if candidate.classes is not None:
        protocol["labels"] = "those of the examples: log p(x | label)"
    if model.binarize:
        x = (np.random.default_rng(candidate.seed).random(x.shape, np.float32) < x).astype(
            np.float32
        )
        protocol["binarization"] = (
            "each pixel drawn once with its grey level as the probability, "
            f"numpy default_rng({candidate.seed})"
        )
    return x, protocol


def posterior_draws(
    model: latent_models.LatentModel, x: np.ndarray, seed: int, draw: int
) -> np.ndarray:
    """Returns one draw [N, Z] of the posterior of each example; `draw` is its number."""
    rows = trained.row_seeds(seed, len(x), first=draw * len(x))
    return model.posterior(tf.constant(x), seeds.Rows(tf.constant(rows))).numpy()


def log_weights_by_label(
    candidate: candidates.Candidate, model: latent_models.LatentModel, x: np.ndarray, count: int
) -> np.ndarray:
    """Returns `_log_weights` of the first held-out examples, each under the model of its label."""
    if candidate.classes is None:
        return log_weights(model, x, count, candidate)
    labels = references.labels(candidate, references.held_out(candidate, len(x))[1], len(x))
    row_seeds = trained.row_seeds(candidate.seed, len(x) * count).reshape(len(x), count)
    result = np.empty([len(x), count])
    for label in np.unique(labels):
        rows, of_label = labels == label, candidate.game.latent_model(int(label))
        result[rows] = log_weights(of_label, x[rows], count, candidate, row_seeds[rows])
    return result


def log_weights(
    model: latent_models.LatentModel,
    x: np.ndarray,
    count: int,
    candidate: candidates.Candidate,
    row_seeds: np.ndarray | None = None,
) -> np.ndarray:
    """Returns log p(x, z) - log q(z | x) [N, count], or what an adversary says of it.

    `row_seeds` [N, count] are the seeds of the draws, those of the candidate's seed if None.
    """

    @tf.function(autograph=False, reduce_retracing=True)  # two batch sizes: the last one is another
    def weights(x, rows):
        z, log_ratio = model.log_ratio(x, seeds.Rows(rows))
        return model.log_likelihood(x, z) - log_ratio

    result, step = np.empty([len(x), count]), max(1, ROWS // count)
    if row_seeds is None:
        row_seeds = trained.row_seeds(candidate.seed, len(x) * count).reshape(len(x), count)
    with progress.bar(len(x), "Weighing codes", "examples", shown=candidate.verbose) as bar:
        for start in range(0, len(x), step):
            part = x[start : start + step]
            rows = row_seeds[start : start + step].ravel()
            computed = weights(tf.constant(np.repeat(part, count, axis=0)), tf.constant(rows))
            result[start : start + step] = computed.numpy().reshape(len(part), count)
            bar.update(len(part))
    return result
