"""`zoo doctor DATA`: what a data set holds, what is wrong with it, and which model would take it."""

import collections
import hashlib
import itertools
import pathlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from train.data import changes, contents, folders, pictures, suggestions, table

FLAT = 2.0  # grey levels of standard deviation below which an image shows nothing
FEW = 500


class Facts(NamedTuple):
    """What is kept of one example.

    Attributes:
        name: Of its file below the folder, or # and its position.
        height: In pixels.
        width: In pixels.
        channels: 1 or 3.
        low: Least value of a pixel.
        high: Greatest value of a pixel.
        flat: Whether it shows nothing.
        digest: Hash of its pixels and shape.
    """

    name: str
    height: int
    width: int
    channels: int
    low: int
    high: int
    flat: bool
    digest: bytes


def examine(
    name: str, *, split: str = "train", size: tuple[int, int] | None = None, crop: int | None = None
) -> dict:
    """Looks at every example of a data set, however broken.

    Args:
        name: Name of one domain, as in `sources.load`, whose other arguments are the same here:
            they are tried, not applied.
        split: Part of it.
        size: Height and width that training would resize to.
        crop: Square that training would cut out first.

    Returns:
        `name`, `split`, `count`, `classes` (their number, or None); of images, `sizes` and
        `channels` with counts, `dtype`, `range`, `duplicates` (pairs of names) and `flat` (names);
        `unreadable` (file and reason); `problems`, which stop training; `remarks`, which do not;
        `suggestion`: `model` and `command`, or None.
    """
    findings = {
        "name": name,
        "split": split,
        "count": 0,
        "classes": None,
        "unreadable": [],
        "problems": [],
        "remarks": [],
        "suggestion": None,
    }
    sizes, channels, first = collections.Counter(), collections.Counter(), {}
    low, high, duplicates, flat = 255, 0, [], []
    try:
        named = table.find(name)
        opened = named.kind.open(named.path, split)
        if named.kind.points:
            return findings | {
                "count": len(opened.examples),
                "remarks": ["points, the same ones every time; not images"],
                "suggestion": suggestions.points(name),
            }
        findings["classes"] = _classes(opened)
        for facts in _facts(named, opened, split):
            if isinstance(facts, str):
                findings["unreadable"].append(facts)
                continue
            sizes[facts.height, facts.width] += 1
            channels[facts.channels] += 1
            low, high = min(low, facts.low), max(high, facts.high)
            if facts.flat:
                flat.append(facts.name)
            if facts.digest in first:
                duplicates.append((first[facts.digest], facts.name))
            first.setdefault(facts.digest, facts.name)
    except ValueError as error:
        findings["problems"].append(str(error))
    count = sizes.total()
    findings |= {
        "count": count,
        "sizes": sizes,
        "channels": channels,
        "dtype": "uint8",
        "range": (low, high) if count else None,
    }
    findings |= {"duplicates": duplicates, "flat": flat}
    findings["problems"] += _problems(findings, size, crop)
    if count:
        findings["remarks"] += _remarks(findings)
        findings["suggestion"] = suggestions.images(findings, size, crop)
    return findings


def report(findings: dict) -> str:
    """Returns what `examine` found, in lines that a person reads."""
    lines = [f"{findings['name']} [{findings['split']}]: {findings['count']} examples"]
    if findings.get("sizes"):
        low, high = findings["range"]
        kinds = ", ".join(
            f"{'grey' if kind == 1 else 'RGB'} ({count})"
            for kind, count in findings["channels"].most_common()
        )
        sizes = [
            f"{height}x{width} ({count})"
            for (height, width), count in findings["sizes"].most_common()
        ]
        lines += [
            f"  height x width   {_some(sizes)}",
            f"  channels         {kinds}",
            f"  pixels           {findings['dtype']}, {low} to {high}",
            f"  classes          {findings['classes'] or 'no labels'}",
        ]
        pairs = [f"{second} = {first}" for first, second in findings["duplicates"]]
        lines += [f"  exact duplicates {len(pairs)}{': ' * bool(pairs)}{_some(pairs)}"]
        lines += [
            f"  near-constant    {len(findings['flat'])}"
            f"{': ' * bool(findings['flat'])}{_some(findings['flat'])}"
        ]
        lines += [f"  unreadable       {len(findings['unreadable'])}"]
    lines += [f"problem: {problem}" for problem in findings["problems"]] + [
        f"remark: {remark}" for remark in findings["remarks"]
    ]
    if findings["suggestion"]:
        lines += [f"model: {findings['suggestion']['model']}"] + [
            f"  {command}" for command in findings["suggestion"]["command"]
        ]
    return "\n".join(lines)


def _facts(named: table.Named, opened: contents.Contents, split: str) -> Iterator[Facts | str]:
    if isinstance(opened, contents.Files):
        yield from folders.each(
            lambda path: _file(path, opened.folder, named.changed), opened.paths, doing="examining"
        )
        return
    if isinstance(opened, contents.Array):
        pieces = [opened.examples]
    else:
        from train.data import sources  # needs TensorFlow, as TFDS does

        pieces = sources.load(named.path, split=split, memory_limit=0).reader.pieces()
    for row, image in enumerate(itertools.chain.from_iterable(pieces)):
        yield _of(f"#{row}", _changed(image, named.changed))


def _file(
    path: pathlib.Path, folder: pathlib.Path, changed: tuple[changes.Change, ...]
) -> Facts | str:
    try:
        return _of(str(path.relative_to(folder)), _changed(pictures.decode(path), changed))
    except pictures.UnreadableImageError as error:
        return str(error)


def _changed(image: np.ndarray, changed: tuple[changes.Change, ...]) -> np.ndarray:
    for change in reversed(changed):
        image = change.images(image)
    return image


def _classes(opened: contents.Contents) -> int | None:
    if isinstance(opened, contents.Files):
        return opened.class_names and len(opened.class_names)
    if isinstance(opened, contents.Array):
        return opened.classes and opened.classes.count
    return opened.classes


def _of(name: str, image: np.ndarray) -> Facts:
    digest = hashlib.blake2b(image.tobytes() + str(image.shape).encode(), digest_size=16).digest()
    return Facts(
        name, *image.shape, int(image.min()), int(image.max()), bool(image.std() < FLAT), digest
    )


def _problems(findings: dict, size: tuple[int, int] | None, crop: int | None) -> list[str]:
    problems = []
    if findings["unreadable"]:
        problems.append(
            f"{len(findings['unreadable'])} unreadable, left out by "
            f"--set=data.skip_unreadable=true: {_some(findings['unreadable'], '; ')}"
        )
    if findings["count"]:
        try:
            folders.common_shape(
                folders.Survey([], [], [], findings["sizes"], findings["channels"]),
                size=size,
                crop=crop,
            )
        except ValueError as error:
            problems.append(str(error))
    return problems


def _remarks(findings: dict) -> list[str]:
    remarks = []
    if findings["duplicates"]:
        remarks.append(
            "duplicates are drawn more often, and a split may hold a copy of what another has"
        )
    if findings["range"][1] < 128:
        remarks.append(
            f"no pixel is brighter than {findings['range'][1]} of 255: were the values scaled before "
            "they were stored as bytes?"
        )
    if findings["count"] < FEW:
        remarks.append(f"fewer than {FEW} images: expect a model that repeats them")
    return remarks


def _some(items: Sequence[str], between: str = ", ", shown: int = 5) -> str:
    return between.join(items[:shown]) + (
        f" and {len(items) - shown} more" if len(items) > shown else ""
    )
