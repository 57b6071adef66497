"""The table of metrics. It imports no TensorFlow, so that the command's help is quick."""

import functools
import importlib
import textwrap
from collections.abc import Callable
from typing import NamedTuple

from train.evaluation import feature_networks
from zoo import extras, names

LOWER, HIGHER = "lower", "higher"

# What a metric needs, and how the help says it. The first two are measured on any samples.
NEEDS = {
    "samples": "Metrics of a run, a bundle, a folder of images, an npz file or a data set",
    "labels": "Metrics of a run or a bundle of a conditional game",
    "likelihood": "Metrics of a run of a game with a likelihood",
    "representation": "Metrics of a run or a bundle of a game with codes or features",
    "translation": "Metrics of a run or a bundle of a game between two domains",
    "line": "Metrics of a run of a generator of points on the line",
    "classifier": "Metrics of a run or a bundle of a classifier",
}
SAMPLES = ("samples", "labels")
ENDPOINTS = ("representation", "translation", "classifier")  # measured by what a model computes


class Metric(NamedTuple):
    """A row of the table.

    Attributes:
        name: Name in `--metrics` and in records.
        function: `module:function` in train/evaluation, imported at its first use: of a candidate
            (and `space`), returns `value`, `standard_error`, `protocol` and `beside`.
        better: LOWER or HIGHER, the better side; None where neither is better.
        needs: A key of NEEDS.
        text: One sentence for the help.
        space: Name of the feature network in whose features it is measured; None in most rows.
        extra: Extra of the package that it needs; None if a bundle is measured without TensorFlow.
    """

    name: str
    function: str
    better: str | None
    needs: str
    text: str
    space: str | None = None
    extra: str | None = "train"


def _in_features(
    kind: str,
    function: str,
    better: str,
    needs: str,
    text: str,
    spaces=feature_networks.NAMES,
    extra: str | None = "train",
) -> list[Metric]:
    """Returns the rows KIND_SPACE, one for each feature network."""
    return [
        Metric(f"{kind}_{space}", f"feature_metrics:{function}", better, needs, text, space, extra)
        for space in spaces
    ]


_ROWS = [
    Metric(
        "memorization",
        "sample_quality:memorization",
        None,
        "samples",
        "Distance from samples to the nearest training image, over that from held-out images; "
        "well below 1, images were copied. Near-copies are counted, too.",
    ),
    Metric(
        "modes",
        "sample_quality:covered_modes",
        HIGHER,
        "samples",
        "Modes of the mixtures `ring` and `grid` that samples cover.",
        extra=None,
    ),
    Metric(
        "ms_ssim",
        "sample_quality:pair_similarity",
        None,
        "samples",
        "Structural similarity of pairs of samples, to be compared with that of held-out images.",
    ),
    Metric(
        "parzen",
        "parzen:log_likelihood",
        HIGHER,
        "samples",
        "Log likelihood of test images under Parzen windows on samples, in nats.",
        extra=None,
    ),
    Metric(
        "sliced_wasserstein",
        "sample_quality:sliced_wasserstein_distance",
        LOWER,
        "samples",
        "Sliced Wasserstein distance between the pixels, or the points, of samples and of data.",
        extra=None,
    ),
    *_in_features(
        "fd",
        "frechet_distance",
        LOWER,
        "samples",
        "Fréchet distance between the features of samples and of held-out images.",
    ),
    *_in_features(
        "kd",
        "kernel_distance",
        LOWER,
        "samples",
        "Kernel distance between the features of samples and of held-out images.",
    ),
    *_in_features(
        "score",
        "classifier_score",
        HIGHER,
        "samples",
        "Inception score by the classifier of the features.",
    ),
    *_in_features(
        "coverage",
        "coverage",
        HIGHER,
        "samples",
        "Fraction of held-out images with a sample nearby, with precision, recall and density.",
    ),
    *_in_features(
        "classes",
        "class_count",
        HIGHER,
        "samples",
        "Classes that appear in at least a tenth of their expected number of samples.",
    ),
    *_in_features(
        "label_accuracy",
        "label_accuracy",
        HIGHER,
        "labels",
        "Percentage of samples whose class, by the classifier, is the label that was asked for.",
        feature_networks.CLASSIFIERS,
        extra=None,
    ),
    Metric(
        "ais",
        "likelihood:annealed",
        HIGHER,
        "likelihood",
        "Log likelihood in nats by annealed importance sampling, on 256 examples.",
    ),
    Metric(
        "elbo",
        "likelihood:variational_bound",
        HIGHER,
        "likelihood",
        "Lower bound on the log likelihood, in nats, that training raised.",
    ),
    Metric(
        "iwae",
        "likelihood:importance_weighted",
        HIGHER,
        "likelihood",
        "Importance-weighted lower bound on the log likelihood, in nats.",
    ),
    Metric(
        "quadrature",
        "quadrature:quadrature",
        HIGHER,
        "likelihood",
        "Log likelihood in nats by quadrature, for points and two latents.",
    ),
    Metric(
        "code_correlation",
        "representations:code_correlation",
        None,
        "representation",
        "Correlation of a latent with the code of what is generated from it.",
    ),
    Metric(
        "linear_probe",
        "representations:linear_probe",
        HIGHER,
        "representation",
        "Accuracy of a logistic regression on codes or features, in percent.",
    ),
    Metric(
        "nearest_neighbor",
        "representations:nearest_neighbor",
        HIGHER,
        "representation",
        "Accuracy of the nearest training example by codes or features, in percent.",
    ),
    Metric(
        "reconstruction",
        "representations:reconstruction",
        LOWER,
        "representation",
        "Euclidean distance from held-out examples to their reconstructions.",
    ),
    Metric(
        "cycle_error",
        "translation:cycle_error",
        LOWER,
        "translation",
        "Mean absolute distance from examples to what comes back of them, there and back.",
    ),
    Metric(
        "gaussian_fit",
        "gaussian_fit:gaussian_fit",
        LOWER,
        "line",
        "Divergence of the data `mixture` from the Gaussian that the generator became.",
    ),
    Metric(
        "accuracy",
        "representations:accuracy",
        HIGHER,
        "classifier",
        "Percentage of held-out examples that are classified right.",
    ),
]
METRICS = {row.name: row for row in _ROWS}


def check(metrics: list[str]) -> None:
    """Raises ValueError for a metric that does not exist, with the nearest one."""
    for metric in metrics:
        if metric not in METRICS:
            raise ValueError(names.unknown("metric", metric, METRICS))


def better(metric: str) -> str | None:
    """Returns LOWER or HIGHER; None if neither side is better, or no metric has the name."""
    return METRICS[metric].better if metric in METRICS else None


def check_extras(metrics: list[str]) -> None:
    """Raises extras.MissingExtraError for a metric that needs what is not installed."""
    for metric in metrics:
        if METRICS[metric].extra is not None:
            extras.check(METRICS[metric].extra, f"The metric {metric!r}")


def help_text() -> str:
    """Returns the lines of `zoo evaluate --help` on what can be measured."""
    lines = []
    for needs, heading in NEEDS.items():
        lines.append(f"{heading}:")
        texts: dict[str, list[str]] = {}
        for row in METRICS.values():
            if row.needs == needs:
                texts.setdefault(row.text, []).append(row.name)
        for text, kinds in texts.items():
            lines.append(textwrap.fill(", ".join(kinds), 80, initial_indent="  "))
            lines.append(textwrap.indent(textwrap.fill(text, 74), " " * 6))
    light = ", ".join(name for name, row in METRICS.items() if row.extra is None)
    lines.append("Without TensorFlow, of a bundle or an npz file next to points, idx or npz data:")
    lines.append(textwrap.fill(light, 80, initial_indent="  ", subsequent_indent="  "))
    return "\n".join(lines)


def resolve(row: Metric) -> Callable[..., dict]:
    """Imports a row's module and returns its function, called with a candidate alone."""
    module, _, name = row.function.partition(":")
    compute = getattr(importlib.import_module(f"train.evaluation.{module}"), name)
    return compute if row.space is None else functools.partial(compute, space=row.space)
