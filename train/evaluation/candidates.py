"""What a metric measures: a run's game, a bundle or images; and the examples next to it."""

import functools
import pathlib
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import zoo
from configs import schema
from export.runtime import backends, channels_last, files, places, tensors
from train.data import backgrounds, sources
from zoo import trained

if TYPE_CHECKING:
    from zoo import games  # which imports TensorFlow


class Candidate(NamedTuple):
    """What is measured, and how.

    Attributes:
        kind: `run`, `bundle` or `images`.
        name: Name of the run, bundle, file or data set, without the folders above it.
        data: The data set that it is compared with; None where nobody said which.
        draw: (count, seed) -> samples [N, ...] in `value_range`; N is less than the count where
            there are no more. Row i of a conditional model has the class i modulo `classes`.
            None of what does not sample.
        value_range: What black and white are in samples; None if samples are points.
        identity: Fields of the protocol that say which weights or images these are.
        step: Number of training steps behind it; None if not known.
        classes: Number of classes of a conditional model; None for one without labels.
        model: A trained model, at the weights that are measured: the game of a run, or a bundle;
            None of images.
        pixels: Whether the model takes uint8 pixels.
        game: The model, if it is a run's game; None otherwise.
        experiment: What the game was trained under; None unless it is a run's.
        split: Split of the data that samples are compared with; None for what was held out.
        num: Number of samples, or of draws for each example; None for the metric's own number.
        seed: Seed of the samples and of every other draw, in [0, 2**31).
        verbose: Whether to show progress bars.
    """

    kind: str
    name: str
    data: schema.Data | None
    draw: Callable[[int, int], np.ndarray] | None
    value_range: tuple[float, float] | None
    identity: dict
    step: int | None
    classes: int | None = None
    model: trained.Trained | None = None
    pixels: bool = False
    game: "games.Game | None" = None
    experiment: schema.Experiment | None = None
    split: str | None = None
    num: int | None = None
    seed: int = 0
    verbose: bool = True

    @property
    def examples_range(self) -> tuple[float, float] | None:
        """What black and white are in the examples next to samples; None if they are points."""
        return None if self.value_range is None else self.data.value_range


def find(
    place: str, reference: str | None = None, *, background: str = backgrounds.WHITE
) -> Candidate:
    """Returns what lies at a place, as what is measured.

    A run is not found here but made by `of_game`, since its game must keep its averaged weights
    for as long as it is measured.

    Args:
        place: The directory of a bundle, a folder of pictures, an npz file, or the name of a data
            set as in `sources.load`.
        reference: Name of the data set to compare with. If None, the one that the bundle was
            trained on, or the data set itself.
        background: Colour behind the transparent pixels of pictures and of what they are compared
            with. A bundle has its own.

    Raises:
        ValueError: If there is nothing that can be measured.
    """
    path = pathlib.Path(place)
    if places.kind(path) == places.BUNDLE:
        return of_bundle(path, reference)
    name = (
        f"folder:{place}" if path.is_dir() else f"npz:{place}" if path.suffix == ".npz" else place
    )
    try:
        return of_images(name, reference, background=background)
    except ValueError as error:
        raise ValueError(
            "What is measured must be a run, a bundle, a folder of pictures, an npz file or a data "
            f"set. {error}"
        ) from error


def of_game(game: "games.Game", experiment: schema.Experiment, name: str) -> Candidate:
    """Returns a game as what is measured, at its present weights.

    Args:
        game: A trained game.
        experiment: What it was trained under.
        name: Name of its run.
    """
    from zoo.games import scaling

    averaged = any(scaling.inner(optimizer).use_ema for optimizer in game.optimizers.values())
    samples_exist = "sample" in game.endpoints()
    networks = [network for player in game.players().values() for network in player.networks]
    weights = [variable.numpy() for network in networks for variable in network.variables]
    return Candidate(
        kind="run",
        name=name,
        data=experiment.data,
        draw=functools.partial(_draw, game) if samples_exist else None,
        value_range=game.output_range("sample") if samples_exist else None,
        identity={
            "weights": "averaged" if averaged else "last",
            "weights_sha256": files.digest(*weights),
        },
        step=int(game.step.numpy()),
        classes=game.classes(),
        model=game,
        game=game,
        experiment=experiment,
    )


def of_bundle(directory: pathlib.Path, reference: str | None = None) -> Candidate:
    """Returns a bundle as what is measured, by its samples and by its other endpoints.

    Args:
        directory: The bundle.
        reference: Name of the data set to compare with; the one it was trained on if None.
    """
    bundle = zoo.load(directory)
    manifest, endpoints = bundle.manifest, bundle.manifest["endpoints"]
    learned = manifest.get("data", {})
    samples = "sample" in endpoints
    value_range = bundle.output_range("sample") if samples else _examples_range(endpoints)
    name, data = reference or learned.get("name"), None
    if name:
        same = _public(name) == learned.get("name")
        data = schema.Data(
            name=name,
            batch_size=1,
            split=learned.get("split", "train"),
            value_range=value_range or (-1.0, 1.0),
            size=None if value_range is None else tuple(manifest["preprocessing"]["size"]),
            crop=learned.get("crop"),
            skip_unreadable=same and learned.get("skip_unreadable", False),
            held_out=learned.get("held_out", 0.0) if same else schema.HELD_OUT,
            background=learned.get("background", backgrounds.WHITE),
            bits=learned.get("bits"),
        )
    first = "sample" if samples else next(iter(endpoints))
    graph = backends.onnx_path(pathlib.PurePath(), manifest, first).as_posix()
    model = channels_last.view(bundle)
    return Candidate(
        kind="bundle",
        name=directory.resolve().name,
        data=data,
        draw=functools.partial(_draw, model) if samples else None,
        value_range=value_range if samples else None,
        identity={
            "weights": "of the bundle",
            "weights_sha256": manifest["files"][graph]["sha256"],
        },
        step=manifest.get("source", {}).get("step"),
        classes=bundle.classes(),
        model=model,
        pixels=tensors.has_pixels(endpoints),
    )


def taken(candidate: Candidate, x: np.ndarray) -> np.ndarray:
    """Returns examples [N, ...] in the range of the data as the model of a candidate takes them."""
    return np.rint(x).astype(np.uint8) if candidate.pixels else x


def _examples_range(endpoints: dict) -> tuple[float, float] | None:
    """Returns the range of the examples that endpoints take; None if they have no bounds."""
    given = [about for each in endpoints.values() for about in each["inputs"].values()]
    ranges = [about["range"] for about in given if about["dtype"] != "int64"]
    return tuple(ranges[0]) if ranges and ranges[0] else None


def of_images(
    name: str, reference: str | None = None, *, background: str = backgrounds.WHITE
) -> Candidate:
    """Returns images, or points of a toy, as what is measured.

    They are those of the split `train`, in an order that the seed draws.

    Args:
        name: Name of a data set, as in `sources.load`.
        reference: Name of the data set to compare with; the same one if None.
        background: Colour behind the transparent pixels of both.
    """
    source = sources.load(name, value_range=(0.0, 1.0), background=background)
    images = sources.images(source)

    def draw(count: int, seed: int) -> np.ndarray:
        rows = np.random.default_rng(seed).permutation(len(images))[:count]
        return sources.in_range(images[rows].astype(np.float32), source.value_range)

    kind, colon, _ = name.partition(":")
    own = None if colon and kind in ("folder", "npz") else name
    data = None
    if reference or own:
        size = None if source.value_range is None else source.shape[:2]
        data = schema.Data(
            name=reference or own,
            batch_size=1,
            value_range=(0.0, 1.0),
            size=size,
            background=background,
        )
    return Candidate(
        kind="images",
        name=_public(name),
        data=data,
        draw=draw,
        value_range=source.value_range,
        identity={"images": len(images), "images_sha256": files.digest(images)},
        step=None,
    )


def _public(name: str) -> str:
    """Returns the name of a data set without the folders above it, as a bundle says it."""
    kind, colon, place = name.partition(":")
    return kind + colon + pathlib.PurePath(place).name


def _draw(model, count: int, seed: int) -> np.ndarray:
    return model.sample(count, seed=seed)
