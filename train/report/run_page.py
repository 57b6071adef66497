"""A run's page: report.html, with all that the run has to show, in one file that opens anywhere."""

import itertools
import math
import os
import pathlib
import re
from collections.abc import Mapping, Sequence

from PIL import Image

from train import files, history, runs
from train.evaluation import records as records_module
from train.inference import grids, walks
from train.report import pages, plots

_STRIP = 8  # grids over time
_THUMBNAIL = 264  # pixels of such a grid's width, at most
_LARGE = 600  # pixels that a grid fills, where a whole factor of its own size fits
_WALKS, _STEPS = 8, 10  # of images; of points enough that walks look like lines:
_POINT_WALKS, _POINT_STEPS = 24, 128
_ENDINGS = {
    "_loss": "losses",
    "_gradient_norm": "gradient norms",
    "_accuracy": "accuracies and shares",
    "_share": "accuracies and shares",
}
_FIRST = ("losses", "gradient norms", "diversity", "accuracies and shares")
_LAST = ("images per second", "seconds")
_COLOURS = {
    "healthy": "--good",
    "diverging": "--bad",
    "generator collapsed": "--pale",
    "critic saturated": "--high",
    "stalled": "--flat",
}


def write(run: runs.Run, game=None, path: str | os.PathLike | None = None) -> pathlib.Path:
    """Writes a run's page from what lies in its directory; what is absent or damaged is left out, and the page says so.

    Args:
        run: A run.
        game: The run's game at its newest weights, for the latent interpolation; without one the page has none.
        path: Of the file; report.html of the run unless given.

    Returns:
        The path.
    """
    settings = run.record() if run.exists else dict.fromkeys(("experiment", "data", "versions"), {})
    rows = history.read(run.history)
    records, broken = records_module.read(run.metrics)
    unread = [
        f"{broken} of {len(records) + broken} lines of {run.metrics.name} cannot be read and are left out."
    ]
    experiment = settings["experiment"]
    name = str(experiment.get("name", run.directory.resolve().name))
    parts = [
        f"<h1>{pages.text(name)}</h1>",
        f'<p class="soft">{pages.text(experiment.get("paper", ""))}</p>',
        _status(run, experiment, rows),
        pages.section("Samples", _samples(_pictures(run.samples), settings)),
        pages.section("Latent interpolation", _walks(game, settings)),
        pages.section("Curves", _curves(rows)),
        pages.section("Verdicts", _verdicts(rows)),
        pages.section(
            "Metrics",
            *map(pages.note, unread if broken else []),
            _best(run.checkpoints / "best" / "best.json"),
            _metrics(records),
        ),
        pages.section("Settings", _settings(settings)),
    ]
    return pages.write(path or run.report, name, parts)


def _status(run: runs.Run, experiment: Mapping, rows: Sequence[Mapping]) -> str:
    newest = rows[-1] if rows else {}
    names = " ".join(path.name for path in run.checkpoints.glob("*.index"))
    saved = [int(step) for step in re.findall(r"\bstep-(\d+)\.index\b", names)]
    train = experiment.get("train")
    epochs = train.get("epochs", "?") if isinstance(train, dict) else "?"
    step = max(
        [
            *saved,
            *(int(row["step"]) for row in rows[-1:] if abs(row.get("step", math.nan)) < 2**63),
        ],
        default=0,
    )
    told = [
        f"run {run.directory.resolve().name}",
        f"step {step:,}",
        f"epoch {newest.get('epoch', 0):.0f} of {epochs}",
    ]
    if newest:
        seconds = sum(
            value for value in (row.get("seconds", 0.0) for row in rows) if value > 0
        )  # not those that are NaN
        speeds = [row["images_per_second"] for row in rows if row.get("images_per_second", 0.0) > 0]
        told += [
            f"trained {_duration(seconds)}",
            *(f"{speed:,.0f} images/s" for speed in speeds[-1:]),
        ]
    words = "".join(f"<span>{pages.text(word)}</span>" for word in told)
    verdict = (
        f"<span>{_swatch(newest.get('verdict'))}{pages.text(newest.get('verdict') or 'no verdict')}</span>"
        if newest
        else ""
    )
    return f'<p class="status">{words}{verdict}</p>'


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(min(seconds, 1e12) / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _pictures(folder: pathlib.Path) -> dict[str, dict[int, pathlib.Path]]:
    """Returns the grids by what they show ("" for samples) and step."""
    found: dict[str, dict[int, pathlib.Path]] = {}
    for path in sorted(folder.glob("step_*.png")):
        match = re.fullmatch(r"step_(\d+)(?:_(.+))?\.png", path.name)
        if match:
            found.setdefault(match[2] or "", {})[int(match[1])] = path
    return found


def _samples(pictures: Mapping[str, Mapping[int, pathlib.Path]], settings: Mapping) -> str:
    if not pictures:
        return pages.note("No samples yet.")
    newest = max(step for found in pictures.values() for step in found)
    samples = pictures.get("", {})
    steps, shown = sorted(samples), []
    if samples:
        shown.append(
            pages.stored(samples[steps[-1]], f"samples at step {steps[-1]:,}", fill=_LARGE)
        )
    for name, found in pictures.items():
        if name and newest in found:
            pairs = ": each example, and on its right what comes of it" if _images(settings) else ""
            shown.append(pages.stored(found[newest], f"{name} at step {newest:,}{pairs}"))
    chosen = (
        sorted({round(i * (len(steps) - 1) / (_STRIP - 1)) for i in range(_STRIP)})
        if len(steps) > 1
        else []
    )
    strip = "".join(
        pages.stored(samples[steps[i]], f"step {steps[i]:,}", widest=_THUMBNAIL) for i in chosen
    )
    over_time = (
        f'<h3>Over time, at the same latents</h3><div class="strip">{strip}</div>' if strip else ""
    )
    return f'<div class="row">{"".join(shown)}</div>{over_time}'


def _walks(game, settings: Mapping) -> str:
    if game is None:
        return pages.note("Not drawn: it takes a checkpoint and `zoo report RUN`.")
    generate, points, seed = (
        game.endpoints().get("generate"),
        settings["data"].get("shape") == [2],
        settings["experiment"].get("seed", 0),
    )
    if generate is None or not (points or _images(settings)):
        return pages.note(
            "Not drawn: it takes a game that generates images or points in the plane."
        )
    count, steps = (_POINT_WALKS, _POINT_STEPS) if points else (_WALKS, _STEPS)
    x = walks.between_samples(game, seed=seed, count=count, steps=steps)
    value_range = None if points else settings["data"]["value_range"]
    picture = grids.picture(
        x.reshape(-1, *x.shape[2:]), value_range, columns=None if points else steps
    )
    told = (
        f"{'Each line' if points else 'Each row'} goes from one sample of seed {seed} to another, the first to the second, the third to the "
        f"fourth …, along the great circle between their latents; step {int(game.step.numpy()):,}"
    )
    return pages.picture(
        pages.encoded(Image.fromarray(picture)),
        told,
        width=picture.shape[1] * max(1, _LARGE // picture.shape[1]),
    )


def _images(settings: Mapping) -> bool:
    shape, value_range = (settings["data"].get(key) for key in ("shape", "value_range"))
    return bool(value_range) and isinstance(shape, list) and len(shape) == 3 and shape[-1] in (1, 3)


def panels(columns: Sequence[str]) -> dict[str, list[str]]:
    """Returns which columns of history.csv are shown side by side, by the panel's title.

    Losses together, gradient norms, accuracies with shares, and what differs in being of real or of fake data; each other report alone.
    """
    found: dict[str, list[str]] = {}
    for column in columns:
        title = next((title for ending, title in _ENDINGS.items() if column.endswith(ending)), None)
        alone = " ".join(word for word in column.split("_") if word not in ("real", "fake"))
        found.setdefault(title or alone or column, []).append(column)
    order = [*_FIRST, *(title for title in found if title not in (*_FIRST, *_LAST)), *_LAST]
    return {title: found[title] for title in order if title in found}


def _curves(rows: Sequence[Mapping]) -> str:
    if not rows:
        return pages.note("No epoch has ended yet.")
    columns = [
        key
        for key in dict.fromkeys(key for row in rows for key in row)
        if key not in ("epoch", "step", "verdict")
    ]
    epochs, charts = [row["epoch"] for row in rows], []
    for title, inside in panels(columns).items():
        lines = [
            plots.Series(
                column.replace("_", " "), epochs, [row.get(column, math.nan) for row in rows]
            )
            for column in inside
        ]
        if plots.together(lines):
            players = [
                line._replace(name=re.sub(" (loss|gradient norm)$", "", line.name))
                for line in lines
            ]  # the title says the rest
            charts.append(plots.chart(title, "epoch", players))
        else:
            charts += [plots.chart(line.name, "epoch", [line]) for line in lines]
    return f'<div class="charts">{"".join(charts)}</div>'


def _swatch(word: str | None) -> str:
    return f'<span class="swatch" style="background: var({_COLOURS.get(word, "--line")})"></span>'


def _verdicts(rows: Sequence[Mapping]) -> str:
    if not rows:
        return pages.note("No epoch has ended yet.")
    equal = [
        (word, list(found))
        for word, found in itertools.groupby(
            rows, key=lambda row: row.get("verdict") or "no verdict"
        )
    ]
    ribbon, told, counts = "", "", {}
    for word, found in equal:
        first, last = (f"{row['epoch']:g}" for row in (found[0], found[-1]))
        when = f"epoch {first}" if len(found) == 1 else f"epochs {first}–{last}"
        ribbon += f'<span style="flex: {len(found)}; background: var({_COLOURS.get(word, "--line")})" title="{pages.text(f"{when}: {word}")}"></span>'
        told += f"<li>{_swatch(word)}{when} {pages.text(word)}</li>"
        counts[word] = counts.get(word, 0) + len(found)
    shares = "; ".join(f"{word} {count} of {len(rows)} epochs" for word, count in counts.items())
    chips = f'<ul class="chips">{told}</ul>'
    return f'<div class="ribbon">{ribbon}</div>' + (
        chips if len(equal) <= 24 else pages.details(shares, chips)
    )


def _best(path: pathlib.Path) -> str:
    best = files.read_json(path) if path.exists() else {}
    words = [pages.text(best.get(key)) for key in ("metric", "value", "step")]
    return "<p>The best checkpoint has {} {}, at step {}.</p>".format(*words) if best else ""


def _metrics(records: Sequence[Mapping]) -> str:
    if not records:
        return pages.note("Nothing has been measured yet: `zoo evaluate RUN --metrics=NAME`.")
    rows, charts, warnings = [], [], []
    for name, apart, found in records_module.by_protocol(records):
        title = f"{name} ({pages.plain(apart)})" if apart else name
        newest, at_step = (
            found[-1],
            {record.get("step"): record for record in found},
        )  # of each step the newest
        warnings += [pages.warning(f"{title}: {told}") for told in records_module.warnings(newest)]
        content = "".join(
            f"<h3>{part}</h3>{pages.tree(newest[part])}"
            for part in ("protocol", "beside")
            if newest[part]
        )
        value = pages.measured(newest["value"], newest.get("standard_error"))
        unit = newest["protocol"].get("unit", "")
        rows.append(
            [
                pages.text(title),
                value,
                pages.text(unit),
                pages.count(newest.get("step")),
                pages.details("how", content),
            ]
        )
        steps = sorted(
            step
            for step, record in at_step.items()
            if step is not None and record["value"] is not None
        )
        if len(steps) > 1:
            points = [at_step[step] for step in steps]
            errors = [record.get("standard_error") or 0.0 for record in points]
            charts.append(
                plots.chart(
                    title,
                    "step",
                    [plots.Series(name, steps, [record["value"] for record in points], errors)],
                )
            )
    table = pages.table(
        ["metric", "newest value", "unit", "step", "protocol and beside"], rows, numbers=(1, 3)
    )
    return (
        "".join(warnings)
        + table
        + (f'<div class="charts">{"".join(charts)}</div>' if charts else "")
    )


def _settings(settings: Mapping) -> str:
    groups = {
        key: value for key, value in settings["experiment"].items() if isinstance(value, dict)
    }
    rest = {key: value for key, value in settings["experiment"].items() if key not in groups}
    trees = {
        "experiment": rest,
        **groups,
        "examples": settings["data"],
        "versions": settings["versions"],
    }
    return f'<div class="groups">{"".join(f"<div><h3>{pages.text(title)}</h3>{pages.tree(tree)}</div>" for title, tree in trees.items() if tree)}</div>'
