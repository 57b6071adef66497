"""Measures: each number with the protocol that it was measured under, a run's in a line of its metrics.jsonl."""

import time

from train import checkpoints, runs
from train.evaluation import (
    candidates,
    gaussian_fit,
    likelihood,
    parzen,
    records,
    representations,
    sample_quality,
)
from zoo import names

OF_SAMPLES = {
    **sample_quality.METRICS,
    "parzen": parzen.log_likelihood,
}  # of bundles and images too
OF_GAMES = {
    "accuracy": representations.accuracy,
    "ais": likelihood.annealed,
    "code_correlation": representations.code_correlation,
    "elbo": likelihood.variational_bound,
    "gaussian_fit": gaussian_fit.gaussian_fit,
    "iwae": likelihood.importance_weighted,
    "linear_probe": representations.linear_probe,
    "nearest_neighbor": representations.nearest_neighbor,
    "quadrature": likelihood.quadrature,
    "reconstruction": representations.reconstruction,
}
METRICS = OF_SAMPLES | OF_GAMES


def evaluate(
    run: runs.Run, metric: str, *, num: int | None = None, seed: int = 0, verbose: bool = True
) -> dict:
    """Measures a run's game, with averaged weights where it has some, and adds the record to metrics.jsonl.

    Args:
        run: A trained run.
        metric: One of METRICS.
        num: How many samples; of a bound, draws for each example. The metric's own number if None.
        seed: Of the samples, in [0, 2**31).
        verbose: Whether to show progress bars.

    Returns:
        As `measure`.

    Raises:
        ValueError: If there is no such metric, or it does not apply to the run's data.
        FileNotFoundError: If this is no run, or one without such a checkpoint.
    """
    check([metric])
    game = checkpoints.load_game(run)
    with game.averaged_weights():
        candidate = candidates.of_game(game, run.experiment(), run.directory.resolve().name)
        record = measure(candidate._replace(num=num, seed=seed, verbose=verbose), metric)
    records.append(run.metrics, record)
    return record


def measure(candidate: candidates.Candidate, metric: str) -> dict:
    """Measures one number.

    Returns:
        `metric`, `value`, `standard_error` (None where it has none), `step`, `protocol` (what one must know to measure it
        again), `beside` (what the value is to be read with) and `seconds`.

    Raises:
        ValueError: If there is no such metric, or it does not apply to the candidate.
    """
    check([metric])
    if metric in OF_GAMES and candidate.game is None:
        raise ValueError(
            f"`{metric}` measures a run; of samples alone there are {', '.join(sorted(OF_SAMPLES))}. Received: {candidate.kind}"
        )
    start = time.monotonic()
    found = METRICS[metric](candidate)
    drawn = {"data": candidate.data and candidate.data.name, "seed": candidate.seed}
    return {
        "metric": metric,
        "value": found["value"],
        "standard_error": found["standard_error"],
        "step": candidate.step,
        "protocol": drawn | candidate.identity | found["protocol"],
        "beside": found["beside"],
        "seconds": round(time.monotonic() - start, 1),
    }


def check(metrics: list[str]) -> None:
    """Raises ValueError for a metric that does not exist, with the nearest one."""
    for metric in metrics:
        if metric not in METRICS:
            raise ValueError(names.unknown("metric", metric, METRICS))
