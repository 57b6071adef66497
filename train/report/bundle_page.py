"""The page of a bundle: what it makes, what it offers and what its manifest says, in one file."""

import os
import pathlib
from collections.abc import Mapping

from export.runtime import bundles, cards, channels_last, grids
from train.evaluation import records
from train.report import interpolations, measured, pages, pictures
from zoo import trained

_SAMPLES, _COLUMNS = 64, 8  # samples without labels, and of each class of a conditional model
_SETTINGS = ("source", "data", "prior", "preprocessing", "versions", "golden")
_SIDES = ("inputs", "outputs")
_SEED = 0


def write(bundle: str | os.PathLike, path: str | os.PathLike | None = None) -> pathlib.Path:
    """Writes the page of a bundle, for which its graphs are run and no data set is needed.

    Args:
        bundle: Directory of the bundle, in which nothing is written: it holds its own files alone.
        path: HTML file to write; next to the bundle and named after it unless given.

    Returns:
        The path.

    Raises:
        ValueError: If the bundle is damaged.
    """
    opened = bundles.load(bundle)
    manifest, source = opened.manifest, opened.manifest["source"]
    model = channels_last.view(opened)
    place = opened.path.resolve()
    kept = [r for r in manifest["metrics"] if records.is_record(r) and "value" in r]
    numbers, charts = measured.newest(kept)
    step = source.get("step") if isinstance(source.get("step"), int) else None
    samples, interpolation, reason = None, None, "This bundle does not sample."
    if "sample" in model.offered():
        x, value_range = _samples(model), model.output_range("sample")
        samples = _picture(model, x, value_range)
        shape = list(x.shape[1:])
        interpolation, reason = _interpolation(model, shape, value_range, step)
    return pages.write(
        path or place.with_name(f"{place.name}.html"),
        "bundle.html",
        title=f"{manifest['name']}, version {manifest['version']}",
        paper=source.get("paper", ""),
        facts=_facts(manifest, place.name, step),
        samples=samples,
        no_samples="This bundle does not sample.",
        interpolation=interpolation,
        no_interpolation=reason,
        endpoints=[
            [name, *(cards.tensors_text(about[side]).replace("`", "") for side in _SIDES)]
            for name, about in manifest["endpoints"].items()
        ],
        measured=numbers,
        metric_charts=charts,
        settings={key: manifest[key] for key in _SETTINGS if manifest.get(key)},
    )


def _samples(model: trained.Trained):
    classes = model.classes()
    return model.sample(_SAMPLES if classes is None else _COLUMNS * classes, seed=_SEED)


def _picture(model: trained.Trained, x, value_range) -> pictures.Picture:
    classes = model.classes()
    pixels = grids.picture(x, value_range, rows=classes)
    caption = f"{len(x)} samples of seed {_SEED}"
    caption += "; each row is a class" if classes is not None else ""
    return pictures.drawn(pixels, caption, fill=pictures.LARGE)


def _interpolation(model, shape, value_range, step) -> tuple[pictures.Picture | None, str]:
    """Returns the picture of a walk between samples, or None and why there is none."""
    try:
        made = interpolations.picture(model, shape, value_range, seed=_SEED, step=step)
    except ValueError as error:  # a prior of the user's own
        return None, f"Not drawn. {error}"
    return made, "Not drawn: the bundle does not generate images or points in the plane."


def _facts(manifest: Mapping, name: str, step: int | None) -> list[str]:
    size = sum(about["bytes"] for about in manifest["files"].values())
    facts = [f"bundle {name}", f"version {manifest['version']}"]
    facts += [f"step {step:,}"] if step is not None else []
    facts += [] if manifest["finished"] else ["the training was not finished"]
    facts += [f"{len(manifest['endpoints'])} endpoints", f"{size:,} bytes"]
    return facts + (["signed"] if manifest["signed"] else [])
