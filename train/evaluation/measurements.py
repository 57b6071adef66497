"""Measures one number of a candidate, under a protocol that says how to measure it again."""

import math
import time
from typing import TYPE_CHECKING

from export.runtime import files
from train import runs
from train.evaluation import metrics, records

if TYPE_CHECKING:
    from train.evaluation import candidates  # which imports TensorFlow


def evaluate(
    run: runs.Run, metric: str, *, num: int | None = None, seed: int = 0, verbose: bool = True
) -> dict:
    """Measures a run's game and adds the record to metrics.jsonl.

    The game has its averaged weights where it has some. The protocol of a best checkpoint says
    what chose it, in `chosen_by`: the metric, the split of the data and the value.

    Args:
        run: A trained run.
        metric: Name of a metric.
        num: Number of samples; of a bound, of draws for each example. The metric's own if None.
        seed: Seed of the samples and of every other draw, in [0, 2**31).
        verbose: Whether to show progress bars.

    Returns:
        The record, as `measure` gives it.

    Raises:
        ValueError: If there is no such metric, or it does not apply to the run's game or data.
        FileNotFoundError: If this is no run, or a run without such a checkpoint.
    """
    from train import checkpoints  # which imports TensorFlow, as this one does
    from train.evaluation import candidates

    metrics.check([metric])
    game = checkpoints.load_game(run)
    with game.averaged_weights():
        candidate = candidates.of_game(game, run.experiment(), run.directory.resolve().name)
        record = measure(candidate._replace(num=num, seed=seed, verbose=verbose), metric)
    gathered = checkpoints.gathered_batches(run, int(game.step.numpy()))
    if gathered:
        record["protocol"]["batch_statistics"] = f"of {gathered} batches after the training"
    if run.best:
        chosen = files.read_json(run.checkpoints / checkpoints.BEST_FILE)
        chosen.pop("step")  # which the record has
        record["protocol"]["chosen_by"] = chosen
    records.append(run.metrics, record)
    return record


def measure(candidate: "candidates.Candidate", metric: str) -> dict:
    """Measures one number of a candidate.

    Returns:
        A record (see `records`): `metric`, `value`, `standard_error` (None where it has none, as of
        a single example), `step`, `protocol`, `beside`, `seconds` and `commit`. What is no number
        is None in `beside` too.

    Raises:
        ValueError: If there is no such metric, it does not apply to the candidate, or its value is
            not finite.
    """
    metrics.check([metric])
    row = metrics.METRICS[metric]
    _check_fits(candidate, row)
    if row.needs == "labels" and candidate.classes is None:
        raise ValueError(
            f"`{metric}` needs a conditional game, or a bundle of one. "
            f"Received: {candidate.name!r}, which takes no label"
        )
    start = time.monotonic()
    result = metrics.resolve(row)(candidate)
    if result["value"] is not None and not math.isfinite(result["value"]):
        raise ValueError(
            f"The value of a metric must be finite. Received: {metric} = {result['value']} of "
            f"{candidate.name!r}; see whether its samples or the examples hold such numbers"
        )
    protocol = {"data": candidate.data and candidate.data.name, "seed": candidate.seed}
    if row.needs in metrics.SAMPLES and candidate.classes is not None:
        protocol["labels"] = f"each of the {candidate.classes} classes in turn"
    return {
        "metric": metric,
        "value": result["value"],
        "standard_error": _finite(result["standard_error"]),
        "step": candidate.step,
        "protocol": protocol | candidate.identity | result["protocol"],
        "beside": _finite(result["beside"]),
        "seconds": round(time.monotonic() - start, 1),
        "commit": runs.commit(),
    }


def _check_fits(candidate: "candidates.Candidate", row: "metrics.Metric") -> None:
    """Raises ValueError if a metric needs more than a candidate is."""
    fitting = metrics.SAMPLES
    if candidate.model is not None:
        fitting += metrics.ENDPOINTS
    if row.needs in fitting or candidate.game is not None:
        return
    alone = ", ".join(sorted(m.name for m in metrics.METRICS.values() if m.needs in fitting))
    kinds = "a run or a bundle" if row.needs in metrics.ENDPOINTS else "a run"
    of = "a bundle" if candidate.model is not None else "samples alone"
    raise ValueError(
        f"`{row.name}` measures {kinds}; of {of} there are {alone}. Received: {candidate.kind}"
    )


def _finite(value):
    """Returns a JSON value in which None stands for every number that is not finite."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
