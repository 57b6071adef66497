"""Metrics of what a model has learned to see: probes of codes and features, and reconstructions."""

import math
from collections.abc import Callable

import numpy as np

from train.evaluation import candidates, references
from train.inference import samples
from zoo import trained
from zoo.metrics import means, probes

SAMPLES = 10_000
SCORED = ("encode", "features")  # endpoints that are representations, the first one first


def accuracy(candidate: candidates.Candidate) -> dict:
    """Measures the percentage of held-out examples whose class has the largest logit."""
    if "classify" not in candidate.model.offered():
        raise ValueError(
            "`accuracy` needs a model that classifies. "
            f"Received: the endpoints {sorted(candidate.model.offered())}"
        )
    x, protocol = _held_out(candidate)
    protocol.pop("references")
    logits = candidate.model.run("classify", {"x": candidates.taken(candidate, x)})["logits"]
    right = logits.argmax(axis=1) == references.labels(candidate, protocol["examples"])
    value, error = means.mean_and_standard_error(100.0 * right)
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol | {"unit": "percent"},
        "beside": {"wrong": int(np.sum(~right))},
    }


def nearest_neighbor(candidate: candidates.Candidate) -> dict:
    """Measures the accuracy of the nearest training example, in percent.

    Next to the codes and features are two controls: pixels, and the same networks untrained.
    """
    return _probed(
        candidate, probes.nearest_neighbor_accuracy, "1-nearest neighbour by Euclidean distance"
    )


def linear_probe(candidate: candidates.Candidate) -> dict:
    """Measures the accuracy of a logistic regression, in percent, with the same controls."""
    return _probed(
        candidate,
        probes.linear_accuracy,
        "logistic regression on standardised features, L2 with C = 1",
    )


def reconstruction(candidate: candidates.Candidate) -> dict:
    """Measures the mean Euclidean distance from held-out examples to their reconstructions.

    Next to it is the distance to the reconstructions of other examples.
    """
    x, protocol = _held_out(candidate)
    label = _labels(candidate, protocol["examples"])
    given = candidates.taken(candidate, x)
    made = candidate.model.reconstruct(given, label=label, seed=candidate.seed)
    made = made.reshape(len(x), -1).astype(np.float32)
    flat = x.reshape(len(x), -1)
    own = np.linalg.norm(flat - made, axis=1)
    others = np.roll(np.random.default_rng(candidate.seed).permutation(len(x)), 1)
    order = np.roll(others, -1)
    random_pairs = np.linalg.norm(flat[order] - made[others], axis=1)
    if len(x) < 2:
        raise ValueError(
            "`reconstruction` needs at least two held-out examples, to compare with another one. "
            f"Received: {len(x)}"
        )
    value, error = means.mean_and_standard_error(own)
    baseline, baseline_error = means.mean_and_standard_error(random_pairs)
    protocol |= {
        "distance": "Euclidean, pixels in the run's range",
        "range": candidate.data.value_range,
    }
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol,
        "beside": {
            "random_pairs": baseline,
            "random_pairs_standard_error": baseline_error,
            "ratio": value / baseline,
        },
    }


def code_correlation(candidate: candidates.Candidate) -> dict:
    """Measures the correlation of a latent with the code of what is generated from it.

    The value is the mean over coordinates, of `--num` draws (10,000); it is 1 where the encoder is
    the generator's inverse. Next to it are the least and the greatest coordinate's correlation, and
    how codes of samples and of held-out examples are spread over the prior: distances of
    coordinates' means from 0 (the mean and the largest), and variances of coordinates as multiples
    of the latents' (the mean, the least and the greatest).
    """
    offered = candidate.model.offered()
    if not {"generate", "encode"} <= set(offered):
        raise ValueError(
            "`code_correlation` needs a model with the endpoints `generate` and `encode`. "
            f"Received: {sorted(offered)}"
        )
    count = candidate.num or SAMPLES
    if count < 2:
        raise ValueError(f"A correlation needs at least two draws. Received: --num={count}")
    z = candidate.model.latents(trained.row_seeds(candidate.seed, count))
    label = None if candidate.classes is None else samples.labels(candidate.classes, count)
    x = candidate.model.generate(z, label=label)
    codes = _represented(candidate.model, "encode", x, candidate.seed, label)
    centred = [values.astype(np.float64) for values in (z, codes)]
    centred = [values - values.mean(axis=0) for values in centred]
    spread = [np.sqrt(np.mean(values**2, axis=0)) for values in centred]
    # a coordinate of codes that never changes has no correlation
    tiny = np.finfo(np.float64).tiny
    correlation = np.mean(centred[0] * centred[1], axis=0) / np.maximum(spread[0] * spread[1], tiny)
    x_test, protocol = _held_out(candidate)
    known = _labels(candidate, protocol["examples"])
    x_test = candidates.taken(candidate, x_test)
    of_examples = _represented(candidate.model, "encode", x_test, candidate.seed, known)
    protocol.pop("references")
    return {
        "value": float(correlation.mean()),
        "standard_error": None,
        "protocol": {"samples": count, "coordinates": len(correlation)} | protocol,
        "beside": {
            "least": float(correlation.min()),
            "greatest": float(correlation.max()),
            "std_of_latents": float(spread[0].mean()),
            "codes_of_samples": _moments(codes, spread[0]),
            "codes_of_examples": _moments(of_examples, spread[0]),
        },
    }


def _moments(codes: np.ndarray, std_of_latents: np.ndarray) -> dict[str, float]:
    distances = np.abs(codes.mean(axis=0, dtype=np.float64))
    variances = codes.var(axis=0, dtype=np.float64) / np.mean(std_of_latents**2)
    return {
        "mean": float(distances.mean()),
        "largest_mean": float(distances.max()),
        "variance": float(variances.mean()),
        "least_variance": float(variances.min()),
        "greatest_variance": float(variances.max()),
    }


def _probed(candidate: candidates.Candidate, accuracy: Callable, how: str) -> dict:
    offered = candidate.model.offered()
    endpoints = [name for name in SCORED if name in offered]
    if not endpoints or any("label" in offered[name] for name in endpoints):
        raise ValueError(
            "A probe needs a model with codes or features that are not given the label. "
            f"Received: the endpoints {sorted(offered)}"
        )
    x_test, protocol = _held_out(candidate)
    split = protocol.pop("references")
    x_train = references.examples(candidate, split)
    y_train, y_test = (references.labels(candidate, part) for part in (split, protocol["examples"]))

    def measured(model, endpoint: str) -> float:
        given = [candidates.taken(candidate, x) for x in (x_train, x_test)]
        rows = [_represented(model, endpoint, x, candidate.seed) for x in given]
        return 100.0 * accuracy(rows[0], y_train, rows[1], y_test)

    values = {endpoint: measured(candidate.model, endpoint) for endpoint in endpoints}
    controls = {}
    if candidate.experiment is not None:  # a bundle has no networks that could be made anew
        untrained = _untrained(candidate, x_test.shape[1:], int(y_train.max()) + 1)
        controls = {f"untrained_{name}": measured(untrained, name) for name in endpoints}
    pixels = [x.reshape(len(x), -1) for x in (x_train, x_test)]
    controls["raw_pixels"] = 100.0 * accuracy(pixels[0], y_train, pixels[1], y_test)
    # The layer before the codes where there is one, as in BiGAN's released evaluation; the choice
    # never depends on the values.
    chosen = endpoints[-1]
    fraction = values[chosen] / 100.0
    protocol |= {
        "unit": "percent",
        "classifier": how,
        "references": split,
        "representation": chosen,
    }
    return {
        "value": values[chosen],
        "standard_error": 100.0 * math.sqrt(fraction * (1.0 - fraction) / len(y_test)),
        "protocol": protocol,
        "beside": values | controls,
    }


def _untrained(candidate: candidates.Candidate, shape: tuple[int, ...], classes: int):
    """Returns the game of a run as it was before its first step."""
    from train import experiments  # which imports TensorFlow

    value_range = candidate.data.value_range
    data = {"shape": shape, "value_range": value_range, "classes": classes}
    return experiments.compiled(candidate.experiment, data)


def _represented(
    model: trained.Trained, endpoint: str, x: np.ndarray, seed: int, label: np.ndarray | None = None
) -> np.ndarray:
    """Returns the representation [N, F] of examples, by an endpoint's first output."""
    represent = {"encode": model.encode, "features": model.features}[endpoint]
    return represent(x, label=label, seed=seed).reshape(len(x), -1)


def _labels(candidate: candidates.Candidate, split: str) -> np.ndarray | None:
    """Returns the labels of a split, to give to a conditional model; None for another one."""
    return None if candidate.classes is None else references.labels(candidate, split)


def _held_out(candidate: candidates.Candidate) -> tuple[np.ndarray, dict]:
    """Returns the held-out examples, and the protocol so far.

    Its `references` is the split that classifiers may learn from.
    """
    x, split = references.held_out(candidate)
    protocol = {
        "examples": split,
        "references": references.learned_on(candidate, split),
        "trained_on": candidate.data.split,
    }
    return x, protocol | references.protocol(candidate, split)
