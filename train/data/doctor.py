"""`zoo doctor DATA`: what a data set holds, what is wrong with it, and which model would take it."""

import collections
import hashlib
import math
import pathlib
import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

import configs
from train.data import arrays, folders, pictures, splits, toys

BASE = "dcgan_mnist"  # the config whose networks fit any size
FLAT = 2.0  # grey levels of standard deviation below which an image shows nothing
LARGEST, USUAL = 128, (64, 32)  # sides that the base config trains on in reasonable time
FEW = 500
SMALLEST = 4  # where its networks stop halving


class Facts(NamedTuple):
    """What is kept of one example: its name, height, width, channels, least and greatest value, whether it is flat, its hash."""

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
        name: As in `data.load`, and so the others: they are tried, not applied.
        split: Part of it.
        size: Height and width that training would resize to.
        crop: Square that training would cut out first.

    Returns:
        `name`, `split`, `count`; of images, `sizes` and `channels` with counts, `dtype`, `range`, `duplicates` (pairs of names) and
        `flat` (names); `unreadable` (file and reason); `problems`, which stop training; `remarks`, which do not; `suggestion`: `model`
        and `command`, or None.
    """
    findings = {
        "name": name,
        "split": split,
        "count": 0,
        "unreadable": [],
        "problems": [],
        "remarks": [],
        "suggestion": None,
    }
    if name in toys.TOYS:
        findings |= {
            "count": toys.COUNT,
            "remarks": ["points, the same ones every time; not images"],
        }
        findings["suggestion"] = {"model": "networks of dense layers", "command": _commands(name)}
        return findings
    sizes, channels, first = collections.Counter(), collections.Counter(), {}
    low, high, duplicates, flat = 255, 0, [], []
    try:
        for facts in _facts(name, split):
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
        findings["suggestion"] = _suggestion(findings, size, crop)
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
        ]
        pairs = [f"{second} = {first}" for first, second in findings["duplicates"]]
        lines += [f"  exact duplicates {len(pairs)}{': ' * bool(pairs)}{_some(pairs)}"]
        lines += [
            f"  near-constant    {len(findings['flat'])}{': ' * bool(findings['flat'])}{_some(findings['flat'])}"
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


def levels(height: int, width: int) -> list[tuple[int, int]]:
    """Returns the sizes that the base config's networks pass, halved and rounded up while the smaller side exceeds 4.

    Example:
        >>> levels(33, 33)
        [(33, 33), (17, 17), (9, 9), (5, 5), (3, 3)]
    """
    sizes = [(height, width)]
    while len(sizes) == 1 or min(sizes[-1]) > SMALLEST:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def _facts(name: str, split: str) -> Iterator[Facts | str]:
    kind, _, place = name.partition(":")
    if kind == "folder":
        files = folders.image_files(place)
        files = files[splits.rows(*splits.parse(split, ["train"])[1:], len(files))]
        yield from folders.each(
            lambda path: _file(path, pathlib.Path(place).expanduser()), files, doing="examining"
        )
    elif kind in ("idx", "npz") or name == "digits":
        images = (
            {"idx": arrays.idx, "npz": arrays.npz}[kind](place, split)
            if place
            else arrays.digits(split)
        )
        yield from (_of(f"#{row}", image) for row, image in enumerate(images))
    else:
        from train.data import sources  # needs TensorFlow, as TFDS does

        row = 0
        for piece in sources.load(name, split=split, memory_limit=0).reader.pieces():
            yield from (_of(f"#{row + at}", image) for at, image in enumerate(piece))
            row += len(piece)


def _file(path: pathlib.Path, folder: pathlib.Path) -> Facts | str:
    try:
        return _of(str(path.relative_to(folder)), pictures.decode(path))
    except pictures.UnreadableImageError as error:
        return str(error)


def _of(name: str, image: np.ndarray) -> Facts:
    digest = hashlib.blake2b(image.tobytes() + str(image.shape).encode(), digest_size=16).digest()
    return Facts(
        name, *image.shape, int(image.min()), int(image.max()), bool(image.std() < FLAT), digest
    )


def _problems(findings: dict, size: tuple[int, int] | None, crop: int | None) -> list[str]:
    problems = []
    if findings["unreadable"]:
        problems.append(
            f"{len(findings['unreadable'])} unreadable, left out by --set=data.skip_unreadable=true: {_some(findings['unreadable'], '; ')}"
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
            f"no pixel is brighter than {findings['range'][1]} of 255: were the values scaled before they were stored as bytes?"
        )
    if findings["count"] < FEW:
        remarks.append(f"fewer than {FEW} images: expect a model that repeats them")
    return remarks


def _suggestion(findings: dict, size: tuple[int, int] | None, crop: int | None) -> dict:
    size, crop, asked = _target(findings["sizes"], size, crop)
    channels = max(findings["channels"])
    batch_size = min(64, 2 ** int(math.log2(findings["count"])))
    settings = [f"data.batch_size={batch_size}"] + (
        [f"data.size={size[0]},{size[1]}"] if asked else []
    )
    settings += ([f"data.crop={crop}"] if crop else []) + (
        ["data.skip_unreadable=true"] if findings["unreadable"] else []
    )
    settings += [f"data.split={findings['split']}"] if findings["split"] != "train" else []
    chain = levels(*size)
    command = shlex.join(
        [
            "zoo",
            "train",
            f"--config={BASE}",
            *(f"--set={setting}" for setting in [f"data.name={findings['name']}", *settings]),
        ]
    )
    return {
        "model": f"{size[0]}x{size[1]}x{channels} in (-1, 1), batches of {batch_size}, {len(chain) - 1} level{'s' * (len(chain) > 2)} "
        f"({' -> '.join(f'{height}x{width}' for height, width in chain)})",
        "command": ([] if asked or crop else _commands(findings["name"])) or [command],
    }


def _target(
    sizes: collections.Counter, size: tuple[int, int] | None, crop: int | None
) -> tuple[tuple[int, int], int | None, bool]:  # size, crop, whether `size` must be given
    if size or crop:
        return size or (crop, crop), crop, size is not None
    smallest = min(min(shape) for shape in sizes)
    if len(sizes) == 1 and smallest <= LARGEST:
        return next(iter(sizes)), None, False
    side = next((side for side in USUAL if side <= smallest), smallest)
    if len(sizes) == 1:
        height, width = next(iter(sizes))
        return (round(height * side / smallest), round(width * side / smallest)), None, True
    return (side, side), None if all(height == width for height, width in sizes) else smallest, True


def _commands(name: str) -> list[str]:
    """The configs made for a data set."""
    return [
        f"zoo train --config={config}"
        for config in configs.available()
        if configs.load(config).data.name == name
    ]


def _some(items: Sequence[str], between: str = ", ", shown: int = 5) -> str:
    return between.join(items[:shown]) + (
        f" and {len(items) - shown} more" if len(items) > shown else ""
    )
