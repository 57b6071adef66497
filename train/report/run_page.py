"""The page of a run: report.html, with all that the run has to show, in one file."""

import collections
import itertools
import math
import os
import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from export.runtime import files
from train import history, runs
from train.data import suggestions
from train.evaluation import records
from train.report import curves, interpolations, measured, pages, pictures

_STRIP = 5  # grids over time
_THUMBNAIL = 440  # largest width of such a grid, in pixels
_COLOURS = {
    "healthy": "--good",
    "too early": "--early",
    "diverging": "--bad",
    "generator collapsed": "--pale",
    "critic saturated": "--high",
    "critic wins": "--ahead",
    "critic loses": "--behind",
    "stalled": "--flat",
}


class _Verdicts(NamedTuple):
    """Consecutive epochs with the same verdict."""

    text: str
    colour: str
    length: int
    epochs: str


def write(
    run: runs.Run,
    game=None,
    path: str | os.PathLike | None = None,
    *,
    references: Mapping[str, float] | None = None,
) -> pathlib.Path:
    """Writes the page of a run from the files in its directory.

    The page leaves out what is absent, and says so.

    Args:
        run: A run.
        game: The run's game at its newest weights, for the latent interpolation; without one the
            page has none.
        path: HTML file to write; report.html of the run unless given.
        references: Values of logs at which something is known, by name; those of the game if None.

    Returns:
        The path.
    """
    if references is None:
        references = game.references() if game is not None else {}
    settings = run.record() if run.exists else {"experiment": {}, "data": {}, "versions": {}}
    rows = history.read(run.history)
    lines, broken = records.read(run.metrics)
    best = run.checkpoints / "best" / "best.json"
    experiment = settings["experiment"]
    grids_by_step = _grids(run.samples)
    numbers, metric_charts = measured.newest(lines)
    return pages.write(
        path or run.report,
        "run.html",
        title=_title(run, experiment),
        paper=experiment.get("paper", ""),
        facts=_facts(run, experiment, rows),
        newest=_newest(grids_by_step, settings, run.examples),
        strip=_strip(grids_by_step.get("", {})),
        has_game=game is not None,
        interpolation=None if game is None else _interpolation(game, settings),
        curves=curves.charts(rows, curves.columns(rows), references),
        speed=curves.charts(rows, curves.SPEED),
        verdicts=_verdicts(rows),
        verdict_counts=_verdict_counts(rows),
        unread=[
            f"{broken} of {broken + len(lines)} lines of {run.metrics.name} cannot be read "
            "and are left out."
        ]
        if broken
        else [],
        best=files.read_json(best) if best.exists() else {},
        measured=numbers,
        metric_charts=metric_charts,
        settings=_settings(settings),
    )


def _title(run: runs.Run, experiment: Mapping) -> str:
    """Returns the config's name; for the user's own pictures the name of their folder or file."""
    name = str(experiment.get("name", run.directory.resolve().name))
    data = experiment.get("data")
    source = str(data.get("name", "")) if isinstance(data, dict) else ""
    own = suggestions.own(source)
    return name if own is None else f"{own} ({name})"


def _facts(run: runs.Run, experiment: Mapping, rows: Sequence[Mapping]) -> list[str]:
    """Returns what the line below the title says: how far the training is, and how fast."""
    newest = rows[-1] if rows else {}
    names = " ".join(path.name for path in run.checkpoints.glob("*.index"))
    steps = [int(step) for step in re.findall(r"\bstep-(\d+)\.index\b", names)]
    if abs(newest.get("step", math.nan)) < 2**63:
        steps.append(int(newest["step"]))
    train = experiment.get("train")
    epochs = train.get("epochs", "?") if isinstance(train, dict) else "?"
    facts = [
        f"run {run.directory.resolve().name}",
        f"step {max(steps, default=0):,}",
        f"epoch {newest.get('epoch', 0):.0f} of {epochs}",
    ]
    if not newest:
        return facts
    # comparisons leave out what is NaN
    seconds = sum(row["seconds"] for row in rows if row.get("seconds", 0.0) > 0)
    speeds = [row["images_per_second"] for row in rows if row.get("images_per_second", 0.0) > 0]
    facts.append(f"trained {pages.duration(seconds)}")
    return facts + [f"{speed:,.0f} images/s" for speed in speeds[-1:]]


def _grids(folder: pathlib.Path) -> dict[str, dict[int, pathlib.Path]]:
    """Returns the files of grids by what they show, which is "" for samples, and by step."""
    files: dict[str, dict[int, pathlib.Path]] = {}
    for path in sorted(folder.glob("step_*.png")):
        match = re.fullmatch(r"step_(\d+)(?:_(.+))?\.png", path.name)
        if match:
            files.setdefault(match[2] or "", {})[int(match[1])] = path
    return files


def _newest(
    files: Mapping[str, Mapping[int, pathlib.Path]], settings: Mapping, examples: pathlib.Path
) -> list[pictures.Picture]:
    """Returns the newest grid of samples, real examples, and all other grids of the newest step."""
    newest = max((step for by_step in files.values() for step in by_step), default=0)
    shown = []
    if files.get(""):
        step, path = max(files[""].items())
        shown.append(pictures.stored(path, f"samples at step {step:,}", fill=pictures.LARGE))
        if examples.exists():
            shown.append(
                pictures.stored(examples, "real examples of the data", fill=pictures.LARGE)
            )
    pairs = ": each example, and to its right what the model makes of it"
    for name, by_step in files.items():
        if name and newest in by_step:
            caption = f"{name} at step {newest:,}{pairs if _images(settings) else ''}"
            shown.append(pictures.stored(by_step[newest], caption))
    return shown


def _strip(samples: Mapping[int, pathlib.Path]) -> list[pictures.Picture]:
    """Returns a few grids of samples, from the first to the newest; none if there is only one."""
    steps = sorted(samples)
    if len(steps) < 2:
        return []
    chosen = sorted({round(i * (len(steps) - 1) / (_STRIP - 1)) for i in range(_STRIP)})
    return [
        pictures.stored(samples[steps[i]], f"step {steps[i]:,}", widest=_THUMBNAIL) for i in chosen
    ]


def _interpolation(game, settings: Mapping) -> pictures.Picture | None:
    step = int(game.step.numpy())
    seed = settings["experiment"].get("seed", 0)
    value_range = settings["data"].get("value_range")
    return interpolations.picture(
        game, settings["data"].get("shape"), value_range, seed=seed, step=step
    )


def _images(settings: Mapping) -> bool:
    return interpolations.of_images(
        *(settings["data"].get(key) for key in ("shape", "value_range"))
    )


def _verdict(row: Mapping) -> str:
    return row.get("verdict") or "no verdict"


def _verdict_counts(rows: Sequence[Mapping]) -> str:
    counts = collections.Counter(map(_verdict, rows))
    return "; ".join(f"{text} {count} of {len(rows)} epochs" for text, count in counts.items())


def _verdicts(rows: Sequence[Mapping]) -> list[_Verdicts]:
    verdicts = []
    for text, group in itertools.groupby(rows, key=_verdict):
        epochs = [f"{row['epoch']:g}" for row in group]
        when = f"epoch {epochs[0]}" if len(epochs) == 1 else f"epochs {epochs[0]}–{epochs[-1]}"
        verdicts.append(_Verdicts(text, _COLOURS.get(text, "--line"), len(epochs), when))
    return verdicts


def _settings(settings: Mapping) -> dict[str, Mapping]:
    """Returns the parts of experiment.json by title."""
    experiment = settings["experiment"]
    groups = {key: value for key, value in experiment.items() if isinstance(value, dict)}
    rest = {key: value for key, value in experiment.items() if key not in groups}
    parts = {"experiment": rest, **groups}
    parts |= {"examples": settings["data"], "versions": settings["versions"]}
    return {title: values for title, values in parts.items() if values}
