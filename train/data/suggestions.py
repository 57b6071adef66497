"""Which model would take a data set: what `zoo doctor` suggests after it has looked at one."""

import collections
import math
import pathlib
import re
import shlex
from collections.abc import Mapping

import configs

# Configs whose networks fit any size. Grey pictures: the lowest Fréchet distance of the table "GANs
# in one budget" in results/. Pictures in colour, and few of them: the recipes for folders, by side.
GREY, RECIPES = "dcgan_mnist", {32: "photos32", 64: "photos64", 128: "photos128"}
ENOUGH = 5000  # pictures from which a critic needs no augmentation
LARGEST, USUAL = 128, (64, 32)  # sides that these configs train on in reasonable time
# likelihood of pictures whose values are no probabilities
CONTINUOUS = (
    "game.binarize=false",
    "game.likelihood=gaussian",
    "game.likelihood.std=0.1",
    "game.likelihood.value_range=0.0,1.0",
)
SMALLEST = 4  # where their networks stop halving


def levels(height: int, width: int) -> list[tuple[int, int]]:
    """Returns the sizes that the networks of a suggested config pass.

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
    return {"model": "networks of dense layers", "command": _commands(name), "others": {}}


def images(findings: dict, size: tuple[int, int] | None, crop: int | None, chosen: Mapping) -> dict:
    """Returns a model that fits the images that `zoo doctor` examined, and the command for it.

    Args:
        findings: What `doctor.examine` returned, with at least one image.
        size: Height and width that the user would resize to.
        crop: Side of the square that the user would cut out first.
        chosen: Other settings of the data that the user would make, by name; None for none.

    Returns:
        `model`, what it is; `command`, one line, or those of the configs that were made for a data
        set; `others`, commands by what each is better for.
    """
    size, crop, asked = _target(findings["sizes"], size, crop)
    channels, trained = max(findings["channels"]), findings["count"] - findings["held_out"]
    batch_size = min(64, 2 ** int(math.log2(trained)))
    settings = [f"data.name={findings['name']}", f"data.batch_size={batch_size}"]
    resized = _size(size) if asked else []
    rest = ([f"data.crop={crop}"] if crop else []) + (
        ["data.skip_unreadable=true"] if findings["unreadable"] else []
    )
    rest += [f"data.{name}={value}" for name, value in chosen.items() if value is not None]
    split = [f"data.split={findings['split']}"] if findings["split"] != "train" else []
    workdir = _workdir(findings["name"])

    def command(config: str, end: str, *own: str) -> str:
        chosen = [f"--config={config}", f"--workdir={workdir}{end}"]
        return shlex.join(["zoo", "train", *chosen, *(f"--set={setting}" for setting in own)])

    chain = levels(*size)
    halvings = " -> ".join(f"{height}x{width}" for height, width in chain)
    kind = "a GAN" if channels == 1 and trained >= ENOUGH else "a GAN with augmentation"
    config = GREY if kind == "a GAN" else _recipe(size)
    # a recipe has a size of its own
    own_size = resized if config == GREY else [] if size == _side(config) else _size(size)
    best = [command(config, "", *settings, *own_size, *rest, *split)]
    known = [] if asked or crop or any(chosen.values()) else _commands(findings["name"])
    usual = [*settings, *resized, *rest]
    others = {
        "if its samples are all alike, WGAN-GP, which takes several times as long": command(
            "wgan_gp_mnist", "_wgan_gp", *usual, *split
        ),
        "to encode and reconstruct pictures, a VAE, whose samples are blurred": command(
            "vae_mnist", "_vae", *usual, *CONTINUOUS, *(split or ["data.split=train"])
        ),
    }
    return {
        "model": f"{kind}, {size[0]}x{size[1]}x{channels} in (-1, 1), batches of {batch_size}, "
        f"{len(chain) - 1} level{'s' * (len(chain) > 2)} ({halvings})",
        "command": known or best,
        "others": {} if known else others,
    }


def _recipe(size: tuple[int, int]) -> str:
    """Returns the recipe of the least side that covers the smaller side of pictures."""
    return RECIPES[next((side for side in RECIPES if side >= min(size)), max(RECIPES))]


def _side(config: str) -> tuple[int, int]:
    return next((side, side) for side, name in RECIPES.items() if name == config)


def _size(size: tuple[int, int]) -> list[str]:
    return [f"data.size={size[0]},{size[1]}"]


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
