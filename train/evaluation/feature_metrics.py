"""Metrics of samples in the features of a classifier, next to held-out examples."""

import numpy as np

from train.evaluation import candidates, feature_networks, references, sample_quality
from zoo import metrics

BLOCK = 1000  # of the kernel distance
K = 5  # of precision, recall, density and coverage


def frechet_distance(candidate: candidates.Candidate, space: str) -> dict:
    """Measures the Fréchet distance between Gaussians fitted to features; lower is nearer.

    Args:
        candidate: Images or what samples them.
        space: Name of a feature network.
    """
    (_, x_fake), (_, x), protocol = _features(candidate, space)
    error = sample_quality.bootstrap(
        lambda rows: metrics.features.frechet_distance(x, x_fake[rows]), len(x_fake), candidate.seed
    )
    return {
        "value": metrics.features.frechet_distance(x, x_fake),
        "standard_error": error,
        "protocol": protocol | sample_quality.RESAMPLED,
        "beside": {},
    }


def kernel_distance(candidate: candidates.Candidate, space: str) -> dict:
    """Measures the squared maximum mean discrepancy of features under a cubic kernel.

    The estimate has no bias: its mean is 0 where samples and examples are alike.
    """
    (_, x_fake), (_, x), protocol = _features(candidate, space)
    value, error = metrics.features.kernel_distance(x, x_fake, block=BLOCK)
    one = max(len(x), len(x_fake)) <= BLOCK
    protocol |= {
        "kernel": f"(x.y / F + 1)**3, over blocks of {BLOCK}",
        "standard_error": "jackknife over samples and examples" if one else "over blocks",
    }
    return {"value": value, "standard_error": error, "protocol": protocol, "beside": {}}


def classifier_score(candidate: candidates.Candidate, space: str) -> dict:
    """Measures exp of the mean KL from the marginal to each sample's class probabilities.

    Next to it is the score of held-out examples.
    """
    (logits_fake, _), (logits, _), protocol = _features(candidate, space)
    error = sample_quality.bootstrap(
        lambda rows: metrics.features.classifier_score(logits_fake[rows]),
        len(logits_fake),
        candidate.seed,
    )
    return {
        "value": metrics.features.classifier_score(logits_fake),
        "standard_error": error,
        "protocol": protocol | sample_quality.RESAMPLED,
        "beside": {"examples": metrics.features.classifier_score(logits)},
    }


def coverage(candidate: candidates.Candidate, space: str) -> dict:
    """Measures the fraction of examples with a sample nearer than their own k-th neighbour.

    Next to it are precision, recall and density.
    """
    (_, x_fake), (_, x), protocol = _features(candidate, space)
    result = metrics.neighbors.coverage(x, x_fake, K)
    return {
        "value": result.coverage,
        "standard_error": (result.coverage * (1.0 - result.coverage) / len(x)) ** 0.5,
        "protocol": protocol | {"k": K, "standard_error": "of a share of the examples"},
        "beside": {
            "precision": result.precision,
            "recall": result.recall,
            "density": result.density,
        },
    }


def class_count(candidate: candidates.Candidate, space: str) -> dict:
    """Counts the classes that have at least a tenth of the samples that examples would give them.

    Next to it are the fraction of samples and of examples in each class, and their KL divergence.
    """
    (logits_fake, _), (logits, _), protocol = _features(candidate, space)
    counts = np.bincount(logits.argmax(axis=1), minlength=logits.shape[1])
    result = metrics.classes.distribution(logits_fake.argmax(axis=1), np.maximum(counts, 1))
    return {
        "value": len(counts) - result.missing,
        "standard_error": None,
        "protocol": protocol
        | {"classes": len(counts), "found": "at least a tenth of the fair share"},
        "beside": {
            "shares": (result.counts / len(logits_fake)).round(5).tolist(),
            "examples": (counts / len(logits)).round(5).tolist(),
            "kl": result.kl,
        },
    }


def label_accuracy(candidate: candidates.Candidate, space: str) -> dict:
    """Measures the percentage of samples that the classifier gives the label that was asked for.

    Next to it are the accuracy of each class, and the classifier's accuracy on held-out examples:
    no candidate can be expected above it.

    Raises:
        ValueError: If the candidate has another number of classes than the classifier.
    """
    (logits_fake, _), (logits, _), protocol = _features(candidate, space)
    if logits.shape[1] != candidate.classes:
        raise ValueError(
            f"{space!r} knows {logits.shape[1]} classes, so the game must have as many. "
            f"Received: {candidate.name!r} with {candidate.classes}"
        )
    asked = np.arange(len(logits_fake)) % candidate.classes
    right = logits_fake.argmax(axis=1) == asked
    split = protocol["references"].rpartition("[")[0]
    known = references.labels(candidate, split, len(logits))
    value, error = _percentage(right)
    ceiling, ceiling_error = _percentage(logits.argmax(axis=1) == known)
    by_class = [
        round(_percentage(right[asked == label])[0], 3) if (asked == label).any() else None
        for label in range(candidate.classes)
    ]  # None of a class that no sample was asked to be of
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol | {"unit": "percent", "standard_error": "binomial"},
        "beside": {
            "by_class": by_class,
            "examples": ceiling,
            "examples_standard_error": ceiling_error,
        },
    }


def _percentage(right: np.ndarray) -> tuple[float, float]:
    """Returns the percentage of what is true, and its binomial standard error."""
    fraction = float(right.mean())
    return 100.0 * fraction, 100.0 * (fraction * (1.0 - fraction) / len(right)) ** 0.5


def _features(candidate: candidates.Candidate, space: str):
    """Returns (logits, features) of samples and of held-out examples, and the protocol so far."""
    if candidate.value_range is None:
        raise ValueError(f"{space!r} is a space for images. Received: points of {candidate.name!r}")
    network = feature_networks.load(space)
    x_fake, x, protocol = sample_quality.compared(candidate)
    protocol |= {"features": space, "features_sha256": network.sha256, "resize": network.resize}
    return network.run(x_fake), network.run(x), protocol
