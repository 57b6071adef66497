"""Metrics of samples beside examples of data that were not trained on: in pixels, and in the features of a classifier."""

import functools

import numpy as np

from train.data import toys
from train.evaluation import candidates, feature_networks
from train.inference import grids
from zoo.metrics import classes, features, means, modes, ms_ssim, neighbors, sliced_wasserstein

SAMPLES = 10_000
NEIGHBORS = 2000  # samples whose nearest training image is looked for
RESAMPLES = 20
K = 5  # of precision, recall, density and coverage


def frechet_distance(candidate: candidates.Candidate, network: str) -> dict:
    """Fréchet distance between Gaussians fitted to the features of samples and of held-out examples; lower is nearer."""
    (_, x_fake), (_, x), protocol = _features(candidate, network)
    error = _bootstrap(
        lambda rows: features.frechet_distance(x, x_fake[rows]), len(x_fake), candidate.seed
    )
    return {
        "value": features.frechet_distance(x, x_fake),
        "standard_error": error,
        "protocol": protocol | _RESAMPLED,
        "beside": {},
    }


def kernel_distance(candidate: candidates.Candidate, network: str) -> dict:
    """Squared maximum mean discrepancy of the features under a cubic kernel, without bias: 0 in the mean where the two are alike."""
    (_, x_fake), (_, x), protocol = _features(candidate, network)
    value, error = features.kernel_distance(x, x_fake)
    protocol |= {"kernel": "(x.y / F + 1)**3, over blocks of 1000", "standard_error": "over blocks"}
    return {"value": value, "standard_error": error, "protocol": protocol, "beside": {}}


def classifier_score(candidate: candidates.Candidate, network: str) -> dict:
    """exp of the mean KL from the marginal to each sample's class probabilities, by the classifier; beside it, that of held-out examples."""
    (logits_fake, _), (logits, _), protocol = _features(candidate, network)
    error = _bootstrap(
        lambda rows: features.classifier_score(logits_fake[rows]), len(logits_fake), candidate.seed
    )
    return {
        "value": features.classifier_score(logits_fake),
        "standard_error": error,
        "protocol": protocol | _RESAMPLED,
        "beside": {"examples": features.classifier_score(logits)},
    }


def coverage(candidate: candidates.Candidate, network: str) -> dict:
    """Share of held-out examples that have a sample nearer than their own k-th neighbour; beside it, precision, recall and density."""
    (_, x_fake), (_, x), protocol = _features(candidate, network)
    found = neighbors.coverage(x, x_fake, K)
    return {
        "value": found.coverage,
        "standard_error": (found.coverage * (1.0 - found.coverage) / len(x)) ** 0.5,
        "protocol": protocol | {"k": K, "standard_error": "of a share of the examples"},
        "beside": {"precision": found.precision, "recall": found.recall, "density": found.density},
    }


def class_count(candidate: candidates.Candidate, network: str) -> dict:
    """Classes with at least a tenth of their fair share of the samples; beside it, all shares, and how far they are from the examples'."""
    (logits_fake, _), (logits, _), protocol = _features(candidate, network)
    counts = np.bincount(logits.argmax(axis=1), minlength=logits.shape[1])
    found = classes.distribution(logits_fake.argmax(axis=1), np.maximum(counts, 1))
    return {
        "value": len(counts) - found.missing,
        "standard_error": None,
        "protocol": protocol
        | {"classes": len(counts), "found": "at least a tenth of the fair share"},
        "beside": {
            "shares": (found.counts / len(logits_fake)).round(5).tolist(),
            "examples": (counts / len(logits)).round(5).tolist(),
            "kl": found.kl,
        },
    }


def sliced_wasserstein_distance(candidate: candidates.Candidate) -> dict:
    """Sliced 2-Wasserstein distance between the pixels of samples and of held-out examples, or between points."""
    x_fake, x, protocol = _samples(candidate, SAMPLES)
    count, split = min(len(x), len(x_fake)), protocol["references"].rpartition("[")[0]
    x_fake, x = (
        _unit(rows[:count], candidate.value_range).reshape(count, -1) for rows in (x_fake, x)
    )
    error = _bootstrap(
        lambda rows: sliced_wasserstein.distance(x, x_fake[rows], directions=128),
        count,
        candidate.seed,
    )
    return {
        "value": sliced_wasserstein.distance(x, x_fake),
        "standard_error": error,
        "protocol": protocol
        | {"samples": count, "references": f"{split}[:{count}]", "directions": 512}
        | _RESAMPLED,
        "beside": {},
    }


def pair_similarity(candidate: candidates.Candidate) -> dict:
    """Multi-scale structural similarity of random pairs of samples; beside it, that of held-out examples. Above it, samples are too alike."""
    x_fake, x, protocol = _samples(candidate, SAMPLES)
    found, real = (
        ms_ssim.similarity(_unit(rows, candidate.value_range), seed=candidate.seed)
        for rows in (x_fake, x)
    )
    value, error = means.mean_and_standard_error(found)
    expected, expected_error = means.mean_and_standard_error(real)
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol | {"pairs": len(found)},
        "beside": {"examples": expected, "examples_standard_error": expected_error},
    }


def memorization(candidate: candidates.Candidate) -> dict:
    """Mean distance from a sample to its nearest training image over that from a held-out image; well below 1, images were copied."""
    x_fake, x, protocol = _samples(candidate, NEIGHBORS)
    split = (
        candidates.FIRST
        if protocol["references"].startswith(candidates.LAST)
        else candidate.data.split
    )
    trained = _unit(
        _pixels(candidates.examples(candidate, split), candidate.data.value_range),
        candidate.value_range,
    )
    trained = trained.reshape(len(trained), -1)
    own, others = (
        neighbors.nearest_distance(
            _unit(rows, candidate.value_range).reshape(len(rows), -1), trained
        )
        for rows in (x_fake, x)
    )
    ratio, spread = (
        own.mean() / others.mean(),
        np.hypot(
            own.std() / own.mean() / len(own) ** 0.5,
            others.std() / others.mean() / len(others) ** 0.5,
        ),
    )
    return {
        "value": float(ratio),
        "standard_error": float(ratio * spread),
        "protocol": protocol
        | {
            "training_images": f"{split}[:{len(trained)}]",
            "distance": "Euclidean, pixels in [0, 1]",
        },
        "beside": {
            "samples": float(own.mean()),
            "smallest": float(own.min()),
            "examples": float(others.mean()),
            "examples_smallest": float(others.min()),
        },
    }


def covered_modes(candidate: candidates.Candidate) -> dict:
    """Modes of a toy mixture that are covered (see `zoo.metrics.modes.coverage`); beside it, shares and counts, of data too."""
    name = candidate.data.name
    if name not in toys.MODES:
        raise ValueError(
            f"`modes` needs data with known modes: {', '.join(sorted(toys.MODES))}. Received: a run on {name!r}"
        )
    centres, std = toys.modes(name)
    count = candidate.num or SAMPLES
    model, real = (
        modes.coverage(points, centres, std)
        for points in (
            candidate.draw(count, candidate.seed),
            toys.points(name, count, seed=candidate.seed + 1),
        )
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


OF_FEATURES = {
    "fd": frechet_distance,
    "kd": kernel_distance,
    "score": classifier_score,
    "coverage": coverage,
    "classes": class_count,
}
METRICS = {
    "memorization": memorization,
    "modes": covered_modes,
    "ms_ssim": pair_similarity,
    "sliced_wasserstein": sliced_wasserstein_distance,
    **{
        f"{kind}_{name}": functools.partial(metric, network=name)
        for kind, metric in OF_FEATURES.items()
        for name in feature_networks.NAMES
    },
}
_RESAMPLED = {"standard_error": f"std over {RESAMPLES} bootstrap resamples of the samples"}


def _samples(candidate: candidates.Candidate, count: int) -> tuple[np.ndarray, np.ndarray, dict]:
    """Returns samples and as many held-out examples (or all), images as uint8, and the protocol so far."""
    if candidate.draw is None:
        raise ValueError(
            f"This metric needs what samples. Received: {candidate.name!r}, which does not"
        )
    count = candidate.num or count
    x, split = candidates.held_out(candidate, count)
    x_fake = candidate.draw(count, candidate.seed)
    if x.shape[1:] != x_fake.shape[1:]:
        raise ValueError(
            f"Samples must have the shape of the examples, {x.shape[1:]}. Received: {x_fake.shape[1:]} of {candidate.name!r}"
        )
    protocol = {
        "samples": len(x_fake),
        "references": f"{split}[:{len(x)}]",
        "trained_on": candidate.data.split,
    }
    if candidate.value_range is None:
        return x_fake, x, protocol
    return (
        _pixels(x_fake, candidate.value_range),
        _pixels(x, candidate.data.value_range),
        protocol | {"pixels": "8 bits"},
    )


def _features(candidate: candidates.Candidate, name: str):
    """Returns (logits, features) of samples and of held-out examples, and the protocol so far."""
    if candidate.value_range is None:
        raise ValueError(f"{name!r} is a space for images. Received: points of {candidate.name!r}")
    network = feature_networks.load(name)
    x_fake, x, protocol = _samples(candidate, SAMPLES)
    protocol |= {"features": name, "features_sha256": network.sha256, "resize": network.resize}
    return network.run(x_fake), network.run(x), protocol


def _pixels(x: np.ndarray, value_range: tuple[float, float] | None) -> np.ndarray:
    return x if value_range is None else grids.pixels(x, value_range)


def _unit(x: np.ndarray, value_range: tuple[float, float] | None) -> np.ndarray:
    """Returns pixels in [0, 1], or points as they are."""
    return x if value_range is None else x.astype(np.float32) / 255.0


def _bootstrap(statistic, count: int, seed: int) -> float:
    """Returns the standard deviation of a statistic of rows, over resamples of them."""
    draws = np.random.default_rng(seed)
    return float(
        np.std([statistic(draws.integers(count, size=count)) for _ in range(RESAMPLES)], ddof=1)
    )


def _coverage(found: modes.Coverage, num: int) -> dict:
    error = (found.fraction * (1.0 - found.fraction) / num) ** 0.5
    smallest, largest = int(found.counts.min()), int(found.counts.max())
    return {
        "covered": found.covered,
        "share": found.fraction,
        "share_standard_error": error,
        "smallest": smallest,
        "smallest_share": smallest / num,
        "largest": largest,
    }
