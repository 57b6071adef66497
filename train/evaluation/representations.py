"""Metrics of what a game has learned to see: probes of its codes and features beside two controls, and its reconstructions."""

import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from train import experiments
from train.evaluation import candidates
from train.inference import calls
from zoo.metrics import means, probes

SAMPLES = 10_000
SCORED = ("encode", "features")  # endpoints that are representations, the first one first


def accuracy(candidate: candidates.Candidate) -> dict:
    """Share of held-out examples, in percent, to whose class a classifier gives the largest logit."""
    if "classify" not in candidate.game.endpoints():
        raise ValueError(
            f"`accuracy` needs a game that classifies. Received: {type(candidate.game).__name__}"
        )
    x, protocol = _held_out(candidate)
    protocol.pop("references")
    logits = calls.caller(candidate.game, "classify")(x=x)["logits"]
    right = logits.argmax(axis=1) == candidates.labels(candidate, protocol["examples"])
    value, error = means.mean_and_standard_error(100.0 * right)
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol | {"unit": "percent"},
        "beside": {"wrong": int(np.sum(~right))},
    }


def nearest_neighbor(candidate: candidates.Candidate) -> dict:
    """Accuracy of the nearest training example, in percent, by the codes or features and by both controls."""
    return _probed(
        candidate, probes.nearest_neighbor_accuracy, "1-nearest neighbour by Euclidean distance"
    )


def linear_probe(candidate: candidates.Candidate) -> dict:
    """Accuracy of a logistic regression, in percent, on the codes or features and on both controls."""
    return _probed(
        candidate,
        probes.linear_accuracy,
        "logistic regression on standardised features, L2 with C = 1",
    )


def reconstruction(candidate: candidates.Candidate) -> dict:
    """Mean Euclidean distance from test examples to their reconstructions; beside it, to those of other examples."""
    x, protocol = _held_out(candidate)
    found = calls.caller(candidate.game, "reconstruct", seed=candidate.seed)(x=x)["image"].reshape(
        len(x), -1
    )
    flat = x.reshape(len(x), -1)
    own = np.linalg.norm(flat - found, axis=1)
    others = np.roll(np.random.default_rng(candidate.seed).permutation(len(x)), 1)
    order = np.roll(others, -1)
    random_pairs = np.linalg.norm(flat[order] - found[others], axis=1)
    value, error = means.mean_and_standard_error(own)
    baseline, baseline_error = means.mean_and_standard_error(random_pairs)
    return {
        "value": value,
        "standard_error": error,
        "protocol": protocol
        | {
            "distance": "Euclidean, pixels in the run's range",
            "range": candidate.experiment.data.value_range,
        },
        "beside": {
            "random_pairs": baseline,
            "random_pairs_standard_error": baseline_error,
            "ratio": value / baseline,
        },
    }


def code_correlation(candidate: candidates.Candidate) -> dict:
    """Correlation of a latent with the code of what is generated from it, the mean over coordinates, of `--num` draws (10,000).

    1 where the encoder is the generator's inverse. Beside it: the least and the greatest coordinate's, and how codes of samples and
    of held-out examples are spread over the prior: distances of coordinates' means from 0, their mean and the largest, and variances
    of coordinates as multiples of the latents', their mean, the least and the greatest.
    """
    offered = candidate.game.endpoints()
    if not {"generate", "encode"} <= set(offered):
        raise ValueError(
            f"`code_correlation` needs a game with codes. Received: {type(candidate.game).__name__}"
        )
    count = candidate.num or SAMPLES
    z = (
        offered["generate"]
        .example(tf.constant(calls.row_seeds(candidate.seed, count)))["z"]
        .numpy()
    )
    x = next(iter(calls.caller(candidate.game, "generate")(z=z).values()))
    codes = _represented(candidate.game, "encode", x, candidate.seed)
    centred = [
        values - values.mean(axis=0) for values in (z.astype(np.float64), codes.astype(np.float64))
    ]
    spread = [np.sqrt(np.mean(values**2, axis=0)) for values in centred]
    # a coordinate of codes that never changes has no correlation
    found = np.mean(centred[0] * centred[1], axis=0) / np.maximum(
        spread[0] * spread[1], np.finfo(np.float64).tiny
    )
    held_out, protocol = _held_out(candidate)
    of_examples = _represented(candidate.game, "encode", held_out, candidate.seed)
    protocol.pop("references")
    return {
        "value": float(found.mean()),
        "standard_error": None,
        "protocol": {"samples": count, "coordinates": len(found)} | protocol,
        "beside": {
            "least": float(found.min()),
            "greatest": float(found.max()),
            "std_of_latents": float(spread[0].mean()),
            "codes_of_samples": _moments(codes, spread[0]),
            "codes_of_examples": _moments(of_examples, spread[0]),
        },
    }


def _moments(codes: np.ndarray, of_latents: np.ndarray) -> dict[str, float]:
    means, variances = (
        np.abs(codes.mean(axis=0, dtype=np.float64)),
        codes.var(axis=0, dtype=np.float64) / np.mean(of_latents**2),
    )
    return {
        "mean": float(means.mean()),
        "largest_mean": float(means.max()),
        "variance": float(variances.mean()),
        "least_variance": float(variances.min()),
        "greatest_variance": float(variances.max()),
    }


def _probed(candidate: candidates.Candidate, accuracy: Callable, how: str) -> dict:
    offered = [name for name in SCORED if name in candidate.game.endpoints()]
    if not offered:
        raise ValueError(
            f"A probe needs a game with codes or features. Received: {type(candidate.game).__name__}"
        )
    config = candidate.experiment.data
    x_test, protocol = _held_out(candidate)
    split = protocol.pop("references")
    x_train = candidates.examples(candidate, split)
    y_train, y_test = (candidates.labels(candidate, part) for part in (split, protocol["examples"]))
    untrained = experiments.compiled(
        candidate.experiment, {"shape": x_test.shape[1:], "value_range": config.value_range}
    )

    def measured(game, endpoint: str) -> float:
        rows = [_represented(game, endpoint, x, candidate.seed) for x in (x_train, x_test)]
        return 100.0 * accuracy(rows[0], y_train, rows[1], y_test)

    found = {endpoint: measured(candidate.game, endpoint) for endpoint in offered}
    controls = {f"untrained_{endpoint}": measured(untrained, endpoint) for endpoint in offered}
    pixels = [x.reshape(len(x), -1) for x in (x_train, x_test)]
    controls["raw_pixels"] = 100.0 * accuracy(pixels[0], y_train, pixels[1], y_test)
    read = offered[
        -1
    ]  # the layer before the codes where there is one, as in BiGAN's released evaluation; never by what came out
    share = found[read] / 100.0
    return {
        "value": found[read],
        "standard_error": 100.0 * math.sqrt(share * (1.0 - share) / len(y_test)),
        "protocol": protocol
        | {"unit": "percent", "classifier": how, "references": split, "representation": read},
        "beside": found | controls,
    }


def _represented(game, endpoint: str, x: np.ndarray, seed: int) -> np.ndarray:
    found = next(iter(calls.caller(game, endpoint, seed=seed)(x=x).values()))
    return found.reshape(len(x), -1)


def _held_out(candidate: candidates.Candidate) -> tuple[np.ndarray, dict]:
    """Returns the held-out examples and what is said of them; `references` is what classifiers may learn from."""
    x, split = candidates.held_out(candidate)
    trained_on = candidate.experiment.data.split
    references = candidates.FIRST if split == candidates.LAST else trained_on
    return x, {"examples": split, "references": references, "trained_on": trained_on}
