"""What a metric is given: a run's game, a bundle, or images of any origin, as samples beside the examples that they are compared with."""

import functools
import hashlib
import pathlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import zoo
from configs import schema
from train.data import sources, toys
from train.inference import samples
from zoo import games

FIRST, LAST = (
    "train[:84%]",
    "train[84%:]",
)  # in the place of train and test, of data that has no test split


class Candidate(NamedTuple):
    """What is measured, and how.

    Attributes:
        kind: `run`, `bundle` or `images`.
        name: Of the run, bundle, file or data set, without the folders above it.
        data: What it is compared with; None where nobody said.
        draw: (count, seed) -> samples [N, ...] in `value_range`, N being less where there are no more; None of what does not sample.
        value_range: What black and white are; None for points.
        identity: What says which weights or images these are, for the protocol.
        step: Training steps behind it; None if not known.
        game: A trained game, at the weights that are measured; None unless it is a run's.
        experiment: What the game was trained under.
        split: Of the data, that samples are compared with; None for what was held out.
        num: How many samples, or draws for each example; None for the metric's own number.
        seed: Of the samples and of every other draw.
        verbose: Whether to show progress bars.
    """

    kind: str
    name: str
    data: schema.Data | None
    draw: Callable[[int, int], np.ndarray] | None
    value_range: tuple[float, float] | None
    identity: dict
    step: int | None
    game: games.Game | None = None
    experiment: schema.Experiment | None = None
    split: str | None = None
    num: int | None = None
    seed: int = 0
    verbose: bool = True


def find(place: str, reference: str | None = None) -> Candidate:
    """Returns what lies at a place.

    Args:
        place: A bundle's directory, a folder of pictures, an npz file, or a data set as in `data.load`. (A run's directory is opened by
            `of_game`, since its weights must stay the averaged ones for as long as it is measured.)
        reference: Data set to compare with; unless given a bundle's own, or the data set itself.

    Raises:
        ValueError: If there is nothing that can be measured.
    """
    path = pathlib.Path(place)
    if (path / "manifest.json").is_file():
        return of_bundle(path, reference)
    name = (
        f"folder:{place}" if path.is_dir() else f"npz:{place}" if path.suffix == ".npz" else place
    )
    try:
        return of_images(name, reference)
    except ValueError as error:
        raise ValueError(
            f"What is measured must be a run, a bundle, a folder of pictures, an npz file or a data set. {error}"
        ) from error


def of_game(game: games.Game, experiment: schema.Experiment, name: str) -> Candidate:
    """Returns a game as what is measured, at its present weights."""
    averaged = any(optimizer.use_ema for optimizer in game.optimizers.values())
    sampled = game.endpoints().get("sample")
    return Candidate(
        kind="run",
        name=name,
        data=experiment.data,
        draw=None if sampled is None else lambda count, seed: samples.drawer(game, seed)(count),
        value_range=None if sampled is None else next(iter(sampled.ranges.values())),
        identity={
            "weights": "averaged" if averaged else "last",
            "weights_sha256": _hash_of_weights(game),
        },
        step=int(game.step.numpy()),
        game=game,
        experiment=experiment,
    )


def of_bundle(directory: pathlib.Path, reference: str | None = None) -> Candidate:
    """Returns a bundle as what is measured: the samples of its ONNX graph.

    Raises:
        ValueError: If it does not sample.
    """
    bundle = zoo.load(directory)
    manifest, trained = bundle.manifest, bundle.manifest.get("data", {})
    if "sample" not in manifest["endpoints"]:
        raise ValueError(
            f"A bundle is measured by its samples. Received: {directory} with {sorted(manifest['endpoints'])}"
        )
    (described,) = manifest["endpoints"]["sample"]["outputs"].values()
    value_range = described["range"] and tuple(described["range"])
    name = reference or trained.get("name")
    compared = name and schema.Data(
        name=name,
        batch_size=1,
        split=trained.get("split", "train"),
        value_range=value_range or (-1.0, 1.0),
        size=None if value_range is None else tuple(described["shape"][1:3]),
        crop=trained.get("crop"),
    )
    graph = f"onnx/sample/{manifest['version']}/model.onnx"
    return Candidate(
        kind="bundle",
        name=directory.resolve().name,
        data=compared,
        draw=lambda count, seed: bundle.sample(count, seed=seed),
        value_range=value_range,
        identity={
            "weights": "of the bundle",
            "weights_sha256": manifest["files"][graph]["sha256"],
        },
        step=manifest["source"]["step"],
    )


def of_images(name: str, reference: str | None = None) -> Candidate:
    """Returns images, or a toy's points, as what is measured: those of a data set's split `train`, in an order drawn by the seed.

    Args:
        name: As in `data.load`.
        reference: Data set to compare with; the same one unless given.
    """
    source = sources.load(name, value_range=(0.0, 1.0))
    images = sources.images(source)

    def draw(count: int, seed: int) -> np.ndarray:
        rows = np.random.default_rng(seed).permutation(len(images))[:count]
        return sources.in_range(images[rows].astype(np.float32), source.value_range)

    kind, colon, place = name.partition(":")
    compared = reference or (None if colon and kind in ("folder", "npz") else name)
    size = source.shape[:2] if source.value_range is not None else None
    return Candidate(
        kind="images",
        name=kind + colon + pathlib.PurePath(place).name,
        data=compared
        and schema.Data(name=compared, batch_size=1, value_range=(0.0, 1.0), size=size),
        draw=draw,
        value_range=source.value_range,
        identity={
            "images": len(images),
            "images_sha256": hashlib.sha256(np.ascontiguousarray(images)).hexdigest(),
        },
        step=None,
    )


def examples(candidate: Candidate, split: str, count: int | None = None) -> np.ndarray:
    """Returns the first `count` examples of a split of the candidate's data, or all, [N, ...] in the range of its networks.

    Raises:
        ValueError: If there is no such split, or nobody said which data.
    """
    config = candidate.data
    if config is None:
        raise ValueError(
            f"Images are compared with a data set; name it by --data=NAME. Received: {candidate.name!r} and no data set"
        )
    fitted = {
        "size": config.size and tuple(config.size),
        "value_range": config.value_range and tuple(config.value_range),
    }
    return _read(config.name, split, count, crop=config.crop, **fitted)


def labels(candidate: Candidate, split: str) -> np.ndarray:
    """Returns the label of every example of a split of the candidate's data, int64 [N].

    Raises:
        ValueError: If the data have no labels.
    """
    config = candidate.data
    size = config.size and tuple(config.size)
    source = sources.load(config.name, split=split, size=size, crop=config.crop, memory_limit=0)
    if source.labels is None:
        raise ValueError(
            "This metric needs data with labels: digits, TFDS with one feature of class labels, "
            "class folders, npz files with `labels` or idx files with label files. "
            f"Received: {config.name!r}"
        )
    return source.labels


@functools.lru_cache(
    maxsize=2
)  # several metrics in a row, and those during training, look at the same examples
def _read(name: str, split: str, count: int | None, **options) -> np.ndarray:
    source = sources.load(name, split=split, **options)
    found = sources.in_range(sources.images(source, count).astype(np.float32), source.value_range)
    found.flags.writeable = False
    return found


def held_out(candidate: Candidate, count: int | None = None) -> tuple[np.ndarray, str]:
    """Returns the first `count` examples that are measured, or all, and which split they are.

    The candidate's own `split`, or else the test split; of data without one the last sixth of `train`, which may have been trained on;
    of points what was trained on.
    """
    if candidate.split is not None:
        return examples(candidate, candidate.split, count), candidate.split
    split = candidate.data.split if candidate.data and candidate.data.name in toys.TOYS else "test"
    try:
        return examples(candidate, split, count), split
    except ValueError:
        return examples(candidate, LAST, count), LAST


def _hash_of_weights(game: games.Game) -> str:
    """Returns the SHA-256 of the bytes of all players' weights, in their order."""
    found = hashlib.sha256()
    for player in game.players().values():
        for network in player.networks:
            for variable in network.variables:
                found.update(np.ascontiguousarray(variable.numpy()))
    return found.hexdigest()
