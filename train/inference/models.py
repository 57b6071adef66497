"""A trained model by its place: the game of a run, or a bundle, which needs no TensorFlow."""

import os
import pathlib
from typing import TYPE_CHECKING

import numpy as np

from export.runtime import bundles, channels_last, places, tensors

if TYPE_CHECKING:
    from train import runs
    from train.data import excerpts
    from zoo import trained

EXAMPLES = ("encode", "reconstruct", "interpolate", "score", "features")  # they take examples


def find(
    place: str | os.PathLike, *, best: bool = False, threads: int | None = None
) -> "runs.Run | bundles.Bundle":
    """Returns the run or the bundle at a place.

    Args:
        place: A run directory or the directory of a bundle.
        best: Whether the best checkpoint of a run is meant, and not the newest.
        threads: Number of threads for the graphs of a bundle; 1 if None.

    Raises:
        FileNotFoundError: If there is neither a run nor a bundle.
        ValueError: If an option does not fit what is there, or the bundle is damaged.
    """
    if places.check_model(place) == places.BUNDLE:
        if best:
            raise ValueError(
                "`--best` chooses among the checkpoints of a run; a bundle holds one set of "
                f"weights. Received: the bundle {place}"
            )
        return bundles.load(place, threads=1 if threads is None else threads)
    if threads is not None:
        raise ValueError(
            f"`--threads` is for bundles. Received: --threads={threads} for {place}, which is none"
        )
    from train import runs

    return runs.Run(place, best=best)


def load(place: "runs.Run | bundles.Bundle") -> "trained.Trained":
    """Returns what a place gives samples and codes by: the game of a run, or the bundle.

    Images have the channels last. Those of a bundle of pixels are uint8 pixels.
    """
    if isinstance(place, bundles.Bundle):
        return channels_last.view(place)
    from train import checkpoints

    return checkpoints.load_game(place)


def examples(
    place: "runs.Run | bundles.Bundle",
    name: str,
    count: int | None = None,
    *,
    crop: int | None = None,
) -> "excerpts.Examples":
    """Returns the first examples of a source, as a model takes them.

    Args:
        place: The run or the bundle of the model.
        name: A folder of pictures, a picture, an npz file, or the name of a source as in
            `sources.load`. Images are cropped and resized, and image files read, as the model's
            own training examples were.
        count: Number of examples; all that the source has if None, or if it has fewer.
        crop: Side of the square that is cut out of the middle of images before they are resized;
            that of the model's own examples if None.

    Raises:
        ValueError: If the source's examples have another shape.
    """
    from train.data import excerpts  # not needed for samples

    name = _named(name)
    if isinstance(place, bundles.Bundle):
        read = excerpts.read(name, count, _preprocessing(place, crop))
        if tensors.has_pixels(place.manifest["endpoints"]):
            return read._replace(x=np.rint(read.x).astype(np.uint8))
        return read
    return _of_run(place, name, count, crop)


def _named(name: str) -> str:
    """Returns the name of a source: that of a file or folder, where no source of ours has it."""
    from train.data import table

    path = pathlib.Path(name)
    if name in table.KINDS:
        return name
    if path.is_file() and path.suffix.lower() == ".npz":
        return f"npz:{name}"
    return f"folder:{name}" if path.exists() else name


def _preprocessing(bundle: bundles.Bundle, crop: int | None) -> "excerpts.Preprocessing":
    from train.data import excerpts

    offered = [name for name in EXAMPLES if name in bundle.offered()]
    if not offered:
        raise ValueError(
            f"A bundle that takes examples has one of the endpoints {', '.join(EXAMPLES)}. "
            f"Received: {bundle!r}"
        )
    how = excerpts.of_manifest(bundle.manifest, offered[0])
    return how if crop is None else how._replace(crop=crop)


def _of_run(run: "runs.Run", name: str, count: int | None, crop: int | None) -> "excerpts.Examples":
    from train.data import excerpts, sources, table

    config, record = run.experiment().data, run.record()["data"]
    images = record["value_range"] is not None and table.has_images(name)
    source = sources.load(
        name,
        size=tuple(record["shape"][:2]) if images else None,
        crop=(crop or config.crop) if images else crop,
        value_range=record["value_range"] or (-1.0, 1.0),
        background=config.background,
        bits=config.bits,
        skip_unreadable=config.skip_unreadable,
    )
    if list(source.shape) != list(record["shape"]):
        raise ValueError(
            f"`input` must have examples of the shape {record['shape']}. "
            f"Received: {name!r} with {list(source.shape)}"
        )
    x = sources.examples(source, count)["x"]
    return excerpts.Examples(x, None if source.labels is None else source.labels[: len(x)])
