"""Which model would take a data set: what `zoo doctor` suggests after it has looked at one."""

import collections
import math
import pathlib
import re
import shlex
from collections.abc import Mapping

import configs

BASE = "dcgan_mnist"  # the config whose networks fit any size
LARGEST, USUAL = 128, (64, 32)  # sides that the base config trains on in reasonable time
SMALLEST = 4  # where its networks stop halving


def levels(height: int, width: int) -> list[tuple[int, int]]:
    """Returns the sizes that the base config's networks pass.

    They are halved and rounded up while the smaller side exceeds 4.

    Example:
        >>> levels(33, 33)
        [(33, 33), (17, 17), (9, 9), (5, 5), (3, 3)]
    """
    sizes = [(height, width)]
    while len(sizes) == 1 or min(sizes[-1]) > SMALLEST:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def points(name: str) -> dict:
    """Returns a model that fits points, and the commands of the configs for them."""
    return {"model": "networks of dense layers", "command": _commands(name)}


def images(findings: dict, size: tuple[int, int] | None, crop: int | None, chosen: Mapping) -> dict:
    """Returns a model that fits the images that `zoo doctor` examined, and the command for it.

    Args:
        findings: What `doctor.examine` returned, with at least one image.
        size: Height and width that the user would resize to.
        crop: Side of the square that the user would cut out first.
        chosen: Other settings of the data that the user would make, by name; None for none.
    """
    size, crop, asked = _target(findings["sizes"], size, crop)
    channels = max(findings["channels"])
    batch_size = min(64, 2 ** int(math.log2(findings["count"] - findings["held_out"])))
    settings = [f"data.batch_size={batch_size}"] + (
        [f"data.size={size[0]},{size[1]}"] if asked else []
    )
    settings += ([f"data.crop={crop}"] if crop else []) + (
        ["data.skip_unreadable=true"] if findings["unreadable"] else []
    )
    settings += [f"data.{name}={value}" for name, value in chosen.items() if value is not None]
    settings += [f"data.split={findings['split']}"] if findings["split"] != "train" else []
    chain = levels(*size)
    command = shlex.join(
        [
            "zoo",
            "train",
            f"--config={BASE}",
            f"--workdir={_workdir(findings['name'])}",
            *(f"--set={setting}" for setting in [f"data.name={findings['name']}", *settings]),
        ]
    )
    halvings = " -> ".join(f"{height}x{width}" for height, width in chain)
    return {
        "model": f"{size[0]}x{size[1]}x{channels} in (-1, 1), batches of {batch_size}, "
        f"{len(chain) - 1} level{'s' * (len(chain) > 2)} ({halvings})",
        "command": ([] if asked or crop or any(chosen.values()) else _commands(findings["name"]))
        or [command],
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


def own(name: str) -> str | None:
    """Returns what the user calls pictures of their own; None for other data.

    Example:
        >>> own("folder:photos/cats/train"), own("npz:birds.npz"), own("mnist")
        ('cats', 'birds', None)
    """
    kind, _, place = name.partition(":")
    if kind not in ("folder", "npz") or not place:
        return None
    path = pathlib.PurePath(place)
    if kind == "npz":
        return path.stem
    return path.parent.name if path.name == "train" and path.parent.name else path.name


def _workdir(name: str) -> str:
    """Returns a run directory that is named after the data."""
    named = re.sub("[^A-Za-z0-9._-]+", "_", own(name) or name)
    return f"runs/{named.strip('._') or 'pictures'}"


def _commands(name: str) -> list[str]:
    """Returns the commands of the configs that were made for a data set."""
    return [
        f"zoo train --config={config}"
        for config in configs.available()
        if configs.load(config).data.name == name
    ]
