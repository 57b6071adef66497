"""The Parzen window estimate of a generator's likelihood.

The protocol is that of the paper which introduced the estimate for such models.
"""

from collections.abc import Sequence

import numpy as np

from configs import schema
from train import experiments
from train.data import opened, sources, splits, table
from train.evaluation import candidates
from zoo import progress
from zoo.metrics import kernel_density, means

SAMPLES = 10_000
VALIDATION = 1000  # images that choose the bandwidth, and
TEST = 10_000  # images that are measured: the released parzen_ll.py
_CHUNK = 500


def log_likelihood(candidate: candidates.Candidate) -> dict:
    """Measures the Parzen window estimate of the test images' mean log likelihood, in nats.

    Pixels are in [0, 1]. The bandwidth is chosen on the first 1000 images of the last sixth of
    `train` (of MNIST, train[50000:]), and the value is measured on the first 10,000 of `test`, or
    of the candidate's split without the images that choose the bandwidth. Next to it is the value
    that as many images drawn from the rest of `train` reach.
    """
    config, count = candidate.data, candidate.num or SAMPLES
    split = candidate.split or "test"
    part = split.partition("[")[0].strip()
    train = _images(config, "train")
    test = train if part == "train" else _images(config, part)
    held_out = train.count - train.count // 6
    validation = range(held_out, min(held_out + VALIDATION, train.count))
    chosen = np.random.default_rng(candidate.seed).choice(
        held_out, min(count, held_out), replace=False
    )
    named = splits.rows(*splits.parse(split, [part])[1:], test.count)
    rows = range(named.start, named.stop)
    excluded = validation if part == "train" else range(0)
    tested = [row for row in rows if row not in excluded][:TEST]
    if not tested:
        raise ValueError(
            "`parzen` needs images that do not choose the bandwidth, as "
            f"train[{validation.start}:{validation.stop}] do. Received: {split!r}"
        )
    low, high = candidate.value_range
    x_fake = (candidate.draw(count, candidate.seed).astype(np.float64) - low) / (high - low)
    x_valid, x_train, x_test = (
        _rows(source, rows)
        for source, rows in [(train, validation), (train, chosen), (test, tested)]
    )
    model = _parzen("samples", x_fake.reshape(len(x_fake), -1), x_valid, x_test, candidate.verbose)
    real = _parzen("training images", x_train, x_valid, x_test, candidate.verbose)
    protocol = {
        "samples": len(x_fake),
        "unit": "nats",
        "pixels": "[0, 1], those of samples not rounded",
        "kernel": "isotropic Gaussian",
        "bandwidth": model["bandwidth"],
        "bandwidths": "logspace(-1, 0, 10), the one with the highest mean log likelihood "
        "of the validation images",
        "validation": f"train[{validation.start}:{validation.stop}]",
        "test": _slices(part, tested),
        "standard_error": "std over test images / sqrt(their count)",
        "trained_on": config.split,
        "validation_images_trained_on": overlap(config.split, "train", validation, train.count),
        "test_images_trained_on": overlap(config.split, part, tested, test.count),
    }
    protocol["warnings"] = _warnings(protocol, model["bandwidth"])
    source = (
        f"{len(chosen)} of train[:{held_out}], "
        f"numpy default_rng({candidate.seed}).choice without replacement"
    )
    return {
        "value": model["value"],
        "standard_error": model["standard_error"],
        "protocol": protocol,
        "beside": {"training_images": real | {"images": source}},
    }


def overlap(split: str, part: str, wanted: Sequence[int], count: int) -> int | None:
    """Returns how many of the wanted examples of a part are in a split.

    Args:
        split: A split as TFDS spells it: `train[:50000]`, `train+test[10%:]`.
        part: Name of a part, as in `train` and `test`.
        wanted: Positions in the part.
        count: Number of examples in the part.

    Returns:
        The number, or None if the split is spelled in another way.

    Example:
        >>> overlap("train[:50000]", "train", range(49_990, 50_010), 60_000)
        10
    """
    seen = set()
    for word in split.replace(" ", "").split("+"):
        name = word.partition("[")[0]
        if name not in (part, "all"):  # TFDS's word for every part
            continue
        try:
            taken = splits.rows(*splits.parse(word, [name])[1:], count)
        except ValueError:
            return None
        seen.update(row for row in wanted if taken.start <= row < taken.stop)
    return len(seen)


def _slices(part: str, rows: Sequence[int]) -> str:
    """Returns rows in rising order as slices of a part.

    Example:
        >>> _slices("train", [0, 1, 2, 5, 6])
        'train[:3]+train[5:7]'
    """
    breaks = [at for at in range(1, len(rows)) if rows[at] != rows[at - 1] + 1]
    ends = zip([0, *breaks], [*breaks, len(rows)])
    return "+".join(f"{part}[{rows[a] or ''}:{rows[b - 1] + 1}]" for a, b in ends)


def _images(config: schema.Data, split: str) -> opened.Source:
    rule = "`parzen` needs a data set of images with the splits train and test"
    if not table.has_images(config.name):
        raise ValueError(f"{rule}. Received: a run on {config.name!r}, which has points")
    try:
        return sources.load(config.name, split=split, **experiments.options(config))
    except ValueError as error:
        raise ValueError(f"{rule}. Received: a run on {config.name!r}: {error}") from error


def _rows(source: opened.Source, rows) -> np.ndarray:
    """Returns some images [N, H * W * C] in [0, 1], in the order of `rows`.

    It never holds the other images.
    """
    rows = np.asarray(rows)
    x, seen = np.empty([len(rows), int(np.prod(source.shape))]), 0
    for piece in source.reader.pieces():
        here = (rows >= seen) & (rows < seen + len(piece))
        x[here] = piece.reshape(len(piece), -1)[rows[here] - seen] / 255.0
        seen += len(piece)
    return x


def _warnings(protocol: dict, bandwidth: float) -> list[str]:
    known = protocol["validation_images_trained_on"] == 0
    sentences = []
    if not known:
        sentences.append(
            f"validation images are, or may be, in {protocol['trained_on']!r}, "
            "so the bandwidth was not chosen on new images"
        )
    if bandwidth in (kernel_density.BANDWIDTHS[0], kernel_density.BANDWIDTHS[-1]):
        sentences.append(
            f"the bandwidth {bandwidth:g} is at the end of the range; "
            "a better one may lie beyond it"
        )
    return sentences


def _parzen(
    what: str, samples: np.ndarray, validation: np.ndarray, test: np.ndarray, verbose: bool
) -> dict:
    bandwidth, _ = kernel_density.best_bandwidth(validation, samples)
    if verbose:
        print(f"Log likelihood under {what}, bandwidth {bandwidth:.4g}", flush=True)
    values = []
    with progress.bar(len(test), "Measuring", "images", shown=verbose) as bar:
        for start in range(0, len(test), _CHUNK):
            part = test[start : start + _CHUNK]
            values.append(kernel_density.log_likelihood(part, samples, bandwidth))
            bar.update(len(part))
    value, standard_error = means.mean_and_standard_error(np.concatenate(values))
    return {"value": value, "standard_error": standard_error, "bandwidth": bandwidth}
