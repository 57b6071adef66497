"""Metrics of samples next to examples that were not trained on, in pixels or of points."""

from collections.abc import Callable

import numpy as np

from export.runtime import grids
from train.data import toys
from train.evaluation import candidates, references
from zoo import metrics

SAMPLES = 10_000
NEIGHBORS = 2000  # samples whose nearest training image is looked for
RESAMPLES = 20
RESAMPLED = {"standard_error": f"std over {RESAMPLES} bootstrap resamples of the samples"}


def sliced_wasserstein_distance(candidate: candidates.Candidate) -> dict:
    """Measures the sliced 2-Wasserstein distance between samples and held-out examples.

    The distance is between pixels in [0, 1], or between points.
    """
    x_fake, x, protocol = compared(candidate)
    count, split = min(len(x), len(x_fake)), protocol["references"].rpartition("[")[0]
    x_fake, x = (_flat(rows[:count], candidate.value_range) for rows in (x_fake, x))
    error = bootstrap(
        lambda rows: metrics.sliced_wasserstein.distance(x, x_fake[rows], directions=128),
        count,
        candidate.seed,
    )
    protocol |= {"samples": count, "references": f"{split}[:{count}]", "directions": 512}
    return {
        "value": metrics.sliced_wasserstein.distance(x, x_fake),
        "standard_error": error,
        "protocol": protocol | RESAMPLED,
        "beside": {},
    }


def pair_similarity(candidate: candidates.Candidate) -> dict:
    """Measures the multi-scale structural similarity of random pairs of samples.

    Next to it is the similarity of held-out examples; well above that, samples are too alike.
    """
    x_fake, x, protocol = compared(candidate)
    similarity, expected = (
        metrics.ms_ssim.similarity(_unit(rows, candidate.value_range), seed=candidate.seed)
        for rows in (x_fake, x)
    )
    value, error = metrics.means.mean_and_standard_error(similarity)
    expected_value, expected_error = metrics.means.mean_and_standard_error(expected)
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol | {"pairs": len(similarity)},
        "beside": {"examples": expected_value, "examples_standard_error": expected_error},
    }


def memorization(candidate: candidates.Candidate) -> dict:
    """Measures the mean distance from samples to the nearest training image, as a ratio.

    The denominator is the mean distance from held-out images, or, where they were trained on, from
    them to the nearest other one. Well below 1, images were copied. Next to it is the fraction of
    near-copies: of samples that are nearer to a training image than all but 0.1 % of the held-out
    images. A warning says so if there are more than chance gives.
    """
    x_fake, x, protocol = compared(candidate, NEIGHBORS)
    split, references_split = candidate.data.split, protocol["references"].rpartition("[")[0]
    x_train = pixels(references.examples(candidate, split), candidate.examples_range)
    x_train = _flat(x_train, candidate.value_range)
    seen = references.were_trained_on(candidate, references_split)
    own = metrics.neighbors.nearest_distance(_flat(x_fake, candidate.value_range), x_train)
    others = metrics.neighbors.nearest_distance(
        _flat(x, candidate.value_range), x_train, others=seen
    )
    if not others.any():
        raise ValueError(
            "`memorization` needs held-out examples that are not all copies of training examples. "
            f"Received: {len(others)} copies in {candidate.data.name!r}"
        )
    ratio = own.mean() / others.mean()
    error = np.hypot(own.std() / len(own) ** 0.5, ratio * others.std() / len(others) ** 0.5)
    near = metrics.copies.near_copies(own, others)
    part = "training part of " if protocol.get("held_out") else ""
    protocol |= {
        "training_images": f"{part}{split}[:{len(x_train)}]",
        "distance": "Euclidean, pixels in [0, 1]",
    }
    if near.suspicious:
        protocol["warnings"] = [*protocol.get("warnings", []), _copied(near, len(own), len(others))]
    fraction = near.count / len(own)
    return {
        "value": float(ratio),
        "standard_error": float(error / others.mean()) if min(len(own), len(others)) > 1 else None,
        "protocol": protocol,
        "beside": {
            "samples": float(own.mean()),
            "smallest": float(own.min()),
            "examples": float(others.mean()),
            "examples_smallest": float(others.min()),
            "near_copies": fraction,
            "near_copies_standard_error": (fraction * (1.0 - fraction) / len(own)) ** 0.5,
            "near_copies_of_examples": near.of_examples / len(others),
            "near_copies_by_chance": near.by_chance / len(own),
            "near_copy_distance": near.distance,
            "exact_copies": near.exact / len(own),
        },
    }


def covered_modes(candidate: candidates.Candidate) -> dict:
    """Counts the modes of a mixture that samples cover (see `zoo.metrics.modes.coverage`).

    Next to it are fractions and counts of samples near a mode, and the same of data.
    """
    name = candidate.data.name
    if name not in toys.MODES:
        raise ValueError(
            f"`modes` needs data with known modes: {', '.join(sorted(toys.MODES))}. "
            f"Received: a run on {name!r}"
        )
    centres, std = toys.modes(name)
    count = candidate.num or SAMPLES
    model, real = (
        metrics.modes.coverage(points, centres, std)
        for points in (
            candidate.draw(count, candidate.seed),
            toys.points(name, count, seed=candidate.seed + 1),
        )
    )
    protocol = {
        "samples": count,
        "modes": len(centres),
        "covered": f"at least N / (10 K) = {count / (10 * len(centres)):g} samples near it, "
        "a tenth of the fair share",
        "near": f"the nearest mode, within {metrics.modes.WITHIN:g} standard deviations of "
        f"{std:.6g}",
    }
    numbers = _coverage(model, count)
    return {
        "value": numbers.pop("covered"),
        "standard_error": None,
        "protocol": protocol,
        "beside": numbers | {"data": _coverage(real, count)},
    }


def compared(
    candidate: candidates.Candidate, count: int = SAMPLES
) -> tuple[np.ndarray, np.ndarray, dict]:
    """Returns samples and held-out examples [N, ...], and the protocol so far.

    Args:
        candidate: What is measured.
        count: Number of samples and of examples, unless the candidate says how many. There are
            fewer examples if the split has fewer.

    Returns:
        Both as uint8 pixels, or as points.
    """
    if candidate.draw is None:
        raise ValueError(
            f"This metric needs what samples. Received: {candidate.name!r}, which does not"
        )
    count = candidate.num or count
    x, split = references.held_out(candidate, count)
    x_fake = candidate.draw(count, candidate.seed)
    if x.shape[1:] != x_fake.shape[1:]:
        raise ValueError(
            f"Samples must have the shape of the examples, {x.shape[1:]}. "
            f"Received: {x_fake.shape[1:]} of {candidate.name!r}"
        )
    protocol = {
        "samples": len(x_fake),
        "references": f"{split}[:{len(x)}]",
        "trained_on": candidate.data.split,
    } | references.protocol(candidate, split)
    if candidate.value_range is not None:
        protocol["pixels"] = "8 bits"
    return pixels(x_fake, candidate.value_range), pixels(x, candidate.examples_range), protocol


def bootstrap(statistic: Callable[[np.ndarray], float], count: int, seed: int) -> float:
    """Returns the standard deviation of a statistic over resamples.

    Args:
        statistic: Row numbers [count] -> a number.
        count: Number of rows; NaN is returned for one, whose resamples are all alike.
        seed: Seed of the resamples.
    """
    if count < 2:
        return float("nan")
    draws = np.random.default_rng(seed)
    values = [statistic(draws.integers(count, size=count)) for _ in range(RESAMPLES)]
    return float(np.std(values, ddof=1))


def pixels(x: np.ndarray, value_range: tuple[float, float] | None) -> np.ndarray:
    """Returns images as uint8 pixels, and points, which have no range, as they are."""
    return x if value_range is None else grids.pixels(x, value_range)


def _unit(x: np.ndarray, value_range: tuple[float, float] | None) -> np.ndarray:
    """Returns uint8 pixels as numbers in [0, 1], and points as they are."""
    return x if value_range is None else x.astype(np.float32) / 255.0


def _flat(x: np.ndarray, value_range: tuple[float, float] | None) -> np.ndarray:
    return _unit(x, value_range).reshape(len(x), -1)


def _copied(near: "metrics.copies.Copies", samples: int, examples: int) -> str:
    """Returns the warning of copies among the samples."""
    return (
        f"{near.count} of {samples} samples may be copies: they are as near to a training example "
        f"as {near.of_examples} of {examples} held-out examples, and chance gives "
        f"{near.by_chance} at most; {near.exact} of them are exact copies, as "
        f"{near.exact_of_examples} of the held-out examples are"
    )


def _coverage(coverage: "metrics.modes.Coverage", num: int) -> dict:
    error = (coverage.fraction * (1.0 - coverage.fraction) / num) ** 0.5
    smallest, largest = int(coverage.counts.min()), int(coverage.counts.max())
    return {
        "covered": coverage.covered,
        "share": coverage.fraction,
        "share_standard_error": error,
        "smallest": smallest,
        "smallest_share": smallest / num,
        "largest": largest,
    }
