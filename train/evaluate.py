"""Measures a run: samples of its game against its data, one line of metrics.jsonl for each number."""

import time

import keras
import numpy as np

from configs import experiment as experiments
from train import data, gaussian_fit, likelihood, records, representations, runs, sample, splits, toys
from train import subject as subjects
from zoo import names
from zoo.metrics import means, modes, parzen

SAMPLES = 10_000  # of a generator
VALIDATION = 1000  # images that choose the bandwidth, and
TEST = 10_000  # images that are measured: the released parzen_ll.py
_CHUNK = 500


def evaluate(run: runs.Run, metric: str, *, num: int | None = None, seed: int = 0, verbose: bool = True) -> dict:
    """Measures a run's newest checkpoint, with averaged weights where it has some, and adds the record to metrics.jsonl.

    Args:
        run: A trained run.
        metric: One of METRICS.
        num: How many samples; of a bound, draws for each example. The metric's own number if None.
        seed: Of the samples, in [0, 2**31).
        verbose: Whether to show progress bars.

    Returns:
        `metric`, `value`, `standard_error` (None where it has none), `step`, `protocol` (what one must know to measure it
        again), `beside` (what the value is to be read with) and `seconds`.

    Raises:
        ValueError: If there is no such metric, or it does not apply to the run's data.
        FileNotFoundError: If this is no run, or one without a checkpoint.
    """
    check([metric])
    start = time.monotonic()
    game = run.game()
    with game.averaged_weights():
        found = METRICS[metric](subjects.Subject(game, run.experiment(), num, seed, verbose))
    averaged = any(optimizer.use_ema for optimizer in game.optimizers.values())
    drawn = {"data": run.experiment().data.name, "seed": seed, "weights": "averaged" if averaged else "last"}
    record = {
        "metric": metric,
        "value": found["value"],
        "standard_error": found["standard_error"],
        "step": int(game.step.numpy()),
        "protocol": drawn | found["protocol"],
        "beside": found["beside"],
        "seconds": round(time.monotonic() - start, 1),
    }
    records.append(run.metrics, record)
    return record


def check(metrics: list[str]) -> None:
    """Raises ValueError for a metric that does not exist, with the nearest one."""
    for metric in metrics:
        if metric not in METRICS:
            raise ValueError(names.unknown("metric", metric, METRICS))


def log_likelihood(subject: subjects.Subject) -> dict:
    """Parzen window estimate, in nats, of the test images' mean log likelihood, pixels in [0, 1].

    The bandwidth is chosen on the first 1000 images of the last sixth of `train` (of MNIST, train[50000:]), the value is
    measured on the first 10,000 of `test`; beside it stands the value that as many images drawn from the rest of `train` reach.
    """
    config, count = subject.experiment.data, subject.num or SAMPLES
    train, test = _images(config, "train"), _images(config, "test")
    held_out = train.count - train.count // 6
    validation = range(held_out, min(held_out + VALIDATION, train.count))
    chosen = np.random.default_rng(subject.seed).choice(held_out, min(count, held_out), replace=False)
    tested = range(min(TEST, test.count))
    low, high = next(iter(subject.game.endpoints()["sample"].ranges.values()))
    x_fake = (sample.drawer(subject.game, subject.seed)(count).astype(np.float64) - low) / (high - low)
    x_valid, x_train, x_test = (_rows(source, rows) for source, rows in [(train, validation), (train, chosen), (test, tested)])
    model = _parzen("samples", x_fake.reshape(len(x_fake), -1), x_valid, x_test, subject.verbose)
    real = _parzen("training images", x_train, x_valid, x_test, subject.verbose)
    protocol = {
        "samples": count,
        "unit": "nats",
        "pixels": "[0, 1], those of samples not rounded",
        "kernel": "isotropic Gaussian",
        "bandwidth": model["bandwidth"],
        "bandwidths": "logspace(-1, 0, 10), the one with the highest mean log likelihood of the validation images",
        "validation": f"train[{validation.start}:{validation.stop}]",
        "test": f"test[:{len(tested)}]",
        "standard_error": "std over test images / sqrt(their count)",
        "trained_on": config.split,
        "validation_images_trained_on": overlap(config.split, "train", validation, train.count),
        "test_images_trained_on": overlap(config.split, "test", tested, test.count),
    }
    protocol["warnings"] = _warnings(protocol, model["bandwidth"])
    source = f"{len(chosen)} of train[:{held_out}], numpy default_rng({subject.seed}).choice without replacement"
    return {
        "value": model["value"],
        "standard_error": model["standard_error"],
        "protocol": protocol,
        "beside": {"training_images": real | {"images": source}},
    }


def covered_modes(subject: subjects.Subject) -> dict:
    """Modes of a toy mixture that are covered (see `zoo.metrics.modes.coverage`); beside it, shares and counts, of data too."""
    name = subject.experiment.data.name
    if name not in toys.MODES:
        raise ValueError(f"`modes` needs data with known modes: {', '.join(sorted(toys.MODES))}. Received: a run on {name!r}")
    centres, std = toys.modes(name)
    count = subject.num or SAMPLES
    model, real = (
        modes.coverage(points, centres, std)
        for points in (sample.drawer(subject.game, subject.seed)(count), toys.points(name, count, seed=subject.seed + 1))
    )
    protocol = {
        "samples": count,
        "modes": len(centres),
        "covered": f"at least N / (10 K) = {count / (10 * len(centres)):g} samples near it, a tenth of the fair share",
        "near": f"the nearest mode, within {modes.WITHIN:g} standard deviations of {std:.6g}",
    }
    told = _coverage(model, count)
    return {
        "value": told.pop("covered"),
        "standard_error": None,
        "protocol": protocol,
        "beside": told | {"data": _coverage(real, count)},
    }


METRICS = {
    "ais": likelihood.annealed,
    "code_correlation": representations.code_correlation,
    "elbo": likelihood.variational_bound,
    "gaussian_fit": gaussian_fit.gaussian_fit,
    "iwae": likelihood.importance_weighted,
    "linear_probe": representations.linear_probe,
    "modes": covered_modes,
    "nearest_neighbor": representations.nearest_neighbor,
    "parzen": log_likelihood,
    "quadrature": likelihood.quadrature,
    "reconstruction": representations.reconstruction,
}


def overlap(split: str, part: str, wanted: range, count: int) -> int | None:
    """Returns how many examples of a part a split has among the wanted ones, or None if the split is spelled otherwise.

    Args:
        split: As in TFDS: `train[:50000]`, `train+test[10%:]`.
        part: `train` or `test`.
        wanted: Positions in it.
        count: Examples in it.

    Example:
        >>> overlap("train[:50000]", "train", range(49_990, 50_010), 60_000)
        10
    """
    rows = set()
    for word in split.replace(" ", "").split("+"):
        name = word.partition("[")[0]
        if name not in (part, "all"):  # TFDS's word for every part
            continue
        try:
            found = splits.rows(*splits.parse(word, [name])[1:], count)
        except ValueError:
            return None
        rows.update(range(max(found.start, wanted.start), min(found.stop, wanted.stop)))
    return len(rows)


def _images(config: experiments.Data, split: str) -> data.Source:
    rule = "`parzen` needs a data set of images with the splits train and test"
    if config.name in toys.TOYS:
        raise ValueError(f"{rule}. Received: a run on {config.name!r}, which has points")
    try:
        return data.load(config.name, split=split, size=config.size, crop=config.crop)
    except ValueError as error:
        raise ValueError(f"{rule}. Received: a run on {config.name!r}: {error}") from error


def _rows(source: data.Source, rows) -> np.ndarray:
    """Returns some images [N, H * W * C] in [0, 1], in the order asked for, without holding the others."""
    rows = np.asarray(rows)
    x, seen = np.empty([len(rows), int(np.prod(source.shape))]), 0
    for piece in source.reader.pieces():
        here = (rows >= seen) & (rows < seen + len(piece))
        x[here] = piece.reshape(len(piece), -1)[rows[here] - seen] / 255.0
        seen += len(piece)
    return x


def _warnings(protocol: dict, bandwidth: float) -> list[str]:
    known = protocol["validation_images_trained_on"] == 0
    found = (
        [] if known else [f"validation images are, or may be, in {protocol['trained_on']!r}, so the bandwidth was not chosen on new images"]
    )
    if bandwidth in (parzen.BANDWIDTHS[0], parzen.BANDWIDTHS[-1]):
        found.append(f"the bandwidth {bandwidth:g} is at the end of the range; a better one may lie beyond it")
    return found


def _parzen(what: str, samples: np.ndarray, validation: np.ndarray, test: np.ndarray, verbose: bool) -> dict:
    bandwidth, _ = parzen.best_bandwidth(validation, samples)
    if verbose:
        print(f"Log likelihood under {what}, bandwidth {bandwidth:.4g}", flush=True)
    bar = keras.utils.Progbar(len(test), verbose=int(verbose), unit_name="image")
    values = []
    for start in range(0, len(test), _CHUNK):
        values.append(parzen.log_likelihood(test[start : start + _CHUNK], samples, bandwidth))
        bar.update(min(start + _CHUNK, len(test)))
    value, standard_error = means.mean_and_standard_error(np.concatenate(values))
    return {"value": value, "standard_error": standard_error, "bandwidth": bandwidth}


def _coverage(found: modes.Coverage, num: int) -> dict:
    error = (found.share * (1.0 - found.share) / num) ** 0.5
    smallest, largest = int(found.counts.min()), int(found.counts.max())
    return {
        "covered": found.covered,
        "share": found.share,
        "share_standard_error": error,
        "smallest": smallest,
        "smallest_share": smallest / num,
        "largest": largest,
    }
