"""What a run's game makes of given examples: codes, reconstructions, and walks from one to the next. An encoder that draws does so by seed."""

import os
from collections.abc import Callable

import numpy as np

from train import data, endpoints, grids, inversion, runs, toys


def examples(run: runs.Run, source: str, count: int) -> np.ndarray:
    """Returns the first `count` examples of a source, or all it has, as the run's networks take them: [N, ...], in its range.

    Args:
        run: A run.
        source: As in `data.load`, which resizes and crops images as the run's experiment does.
        count: How many.

    Raises:
        ValueError: If the source's examples have another shape.
    """
    config, record = run.experiment().data, run.record()["data"]
    points = source in toys.TOYS  # which have no size
    size = tuple(record["shape"][:2]) if len(record["shape"]) == 3 and not points else None
    found = data.load(source, size=size, crop=None if points else config.crop, value_range=record["value_range"] or (-1.0, 1.0))
    if list(found.shape) != list(record["shape"]):
        raise ValueError(f"`input` must have examples of the shape {record['shape']}. Received: {source!r} with {list(found.shape)}")
    return data.in_range(data.images(found, count).astype(np.float32), found.value_range)


def encode(run: runs.Run, source: str, path: str, *, count: int, seed: int = 0, by: str = "encoder") -> None:
    """Writes an npz file with the codes of the first examples of a source.

    Args:
        run: A run.
        source: As in `examples`.
        path: Of the file.
        count: How many examples.
        seed: Of an encoder that draws, and of the starts of an inversion.
        by: "encoder", all that `encode` gives; "features", the last hidden layer of the encoder, or of a GAN's critic; "inversion", `z`
            and `error` of `inversion.invert`.

    Raises:
        ValueError: If the game has no such way.
    """
    _checked(path, ".npz")
    game = run.game()
    if by == "encoder" and "encode" not in game.endpoints():
        raise ValueError(f"{type(game).__name__} has no encoder. Use --by=features or --by=inversion. Received: --by=encoder")
    x = examples(run, source, count)
    if by == "inversion":
        with game.averaged_weights():
            found = inversion.invert(game, x, seed=seed)
    else:
        found = endpoints.caller(game, {"encoder": "encode", "features": "features"}[by], seed=seed)(x=x)
    _write_arrays(path, **found)


def reconstruct(run: runs.Run, source: str, path: str, *, count: int, seed: int = 0) -> None:
    """Writes reconstructions: an npz file with `examples` and `images`, or a picture of pairs, the example on the left."""
    _checked(path, ".npz", ".png")
    x = examples(run, source, count)
    found = endpoints.caller(run.game(), "reconstruct", seed=seed)(x=x)["image"]
    if path.lower().endswith(".npz"):
        _write_arrays(path, examples=x, images=found)
    else:
        grids.write_pairs(path, x, found, run.record()["data"]["value_range"])


def interpolate(run: runs.Run, source: str, path: str, *, count: int, steps: int, seed: int = 0) -> None:
    """Writes walks between the codes of examples 0 and 1, 2 and 3, and so on: an npz file with `images` [count, steps, ...], or
    a picture with a walk in each row."""
    _checked(path, ".npz", ".png")
    x = examples(run, source, 2 * count)
    if len(x) < 2 * count:
        raise ValueError(f"`input` must have {2 * count} examples for {count} walks. Received: {len(x)}")
    weight = np.tile(np.linspace(0.0, 1.0, steps, dtype=np.float32), count)
    ends = [x[side::2].repeat(steps, axis=0) for side in (0, 1)]
    found = endpoints.caller(run.game(), "interpolate", seed=seed)(x0=ends[0], x1=ends[1], weight=weight)["image"].reshape(
        count, steps, *x.shape[1:]
    )
    if path.lower().endswith(".npz"):
        _write_arrays(path, images=found)
    else:
        grids.write(path, found.reshape(-1, *x.shape[1:]), run.record()["data"]["value_range"], columns=steps)


def viewer(game, seed: int) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Returns a function of examples [N, ...] that gives what each endpoint from an example to one makes of them, by its name.

    Args:
        game: A game; its weights may change between calls.
        seed: Of an encoder that draws.
    """
    offered = game.endpoints().items()
    names = [name for name, end in offered if set(end.inputs) <= {"x", "noise"} and "x" in end.inputs and "image" in end.ranges]
    made = {name: endpoints.caller(game, name, seed=seed) for name in names}
    return lambda x: {name: call(x=x)["image"] for name, call in made.items()}


def _checked(path: str, *kinds: str) -> None:
    if os.path.splitext(path)[1].lower() not in kinds:
        raise ValueError(f"`out` must end in {' or '.join(kinds)}. Received: {path!r}")


def _write_arrays(path: str, **arrays: np.ndarray) -> None:
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    np.savez_compressed(path, **arrays)
