"""What a run's game makes of given examples: codes, reconstructions, and walks from one to the next. An encoder that draws does so by seed."""

import os
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from train import checkpoints, runs
from train.data import sources, toys
from train.inference import calls, grids, inversion

LATENTS = 256  # draws that show where a prior's latents lie


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
    found = sources.load(
        source,
        size=size,
        crop=None if points else config.crop,
        value_range=record["value_range"] or (-1.0, 1.0),
    )
    if list(found.shape) != list(record["shape"]):
        raise ValueError(
            f"`input` must have examples of the shape {record['shape']}. Received: {source!r} with {list(found.shape)}"
        )
    return sources.in_range(sources.images(found, count).astype(np.float32), found.value_range)


def encode(
    run: runs.Run, source: str, path: str, *, count: int, seed: int = 0, by: str = "encoder"
) -> None:
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
    game = checkpoints.load_game(run)
    if by == "encoder" and "encode" not in game.endpoints():
        raise ValueError(
            f"{type(game).__name__} has no encoder. Use --by=features or --by=inversion. Received: --by=encoder"
        )
    x = examples(run, source, count)
    if by == "inversion":
        with game.averaged_weights():
            found = inversion.invert(game, x, seed=seed)
    else:
        found = calls.caller(game, {"encoder": "encode", "features": "features"}[by], seed=seed)(
            x=x
        )
    _write_arrays(path, **found)


def reconstruct(run: runs.Run, source: str, path: str, *, count: int, seed: int = 0) -> None:
    """Writes reconstructions: an npz file with `examples` and `images`, or a picture of pairs, the example on the left."""
    _checked(path, ".npz", ".png")
    x = examples(run, source, count)
    found = calls.caller(checkpoints.load_game(run), "reconstruct", seed=seed)(x=x)["image"]
    if path.lower().endswith(".npz"):
        _write_arrays(path, examples=x, images=found)
    else:
        grids.write_pairs(path, x, found, run.record()["data"]["value_range"])


def interpolate(
    run: runs.Run, source: str, path: str, *, count: int, steps: int, seed: int = 0
) -> None:
    """Writes walks between the codes of examples 0 and 1, 2 and 3, and so on: an npz file with `images` [count, steps, ...], or
    a picture with a walk in each row."""
    _checked(path, ".npz", ".png")
    x = examples(run, source, 2 * count)
    if len(x) < 2 * count:
        raise ValueError(
            f"`input` must have {2 * count} examples for {count} walks. Received: {len(x)}"
        )
    weight = np.tile(np.linspace(0.0, 1.0, steps, dtype=np.float32), count)
    ends = [x[side::2].repeat(steps, axis=0) for side in (0, 1)]
    found = calls.caller(checkpoints.load_game(run), "interpolate", seed=seed)(
        x0=ends[0], x1=ends[1], weight=weight
    )["image"].reshape(count, steps, *x.shape[1:])
    if path.lower().endswith(".npz"):
        _write_arrays(path, images=found)
    else:
        grids.write(
            path,
            found.reshape(-1, *x.shape[1:]),
            run.record()["data"]["value_range"],
            columns=steps,
        )


def walks(game, *, seed: int, count: int, steps: int) -> np.ndarray:
    """Returns walks [count, steps, ...] from sample to sample of a seed, the first to the second, the third to the fourth and so on.

    Directions follow the great circle between two latents at even angles, lengths change evenly:

        latents = length * (sin((1 - t) * angle) * z0 / |z0| + sin(t * angle) * z1 / |z1|) / sin(angle)

    Args:
        game: A trained game.
        seed: Of the samples, in [0, 2**31).
        count: Walks.
        steps: Examples of a walk, with both ends.

    Raises:
        ValueError: If the game does not generate; says what it does.

    Reference: White, 2016, whose weights are these, on latents of whatever length. arXiv:1609.04468
    """
    generate = calls.caller(game, "generate")
    rows = calls.row_seeds(seed, max(2 * count, LATENTS))
    drawn = game.endpoints()["generate"].example(tf.constant(rows))["z"].numpy()
    z = great_circle(drawn[0 : 2 * count : 2], drawn[1 : 2 * count : 2], steps)
    # An arc can leave a prior's box, never its sphere. The least and the greatest of many draws are the sides of a box; of a normal
    # prior or a sphere they lie where a walk between two draws does not come.
    z = np.clip(z, drawn.min(), drawn.max())
    x = next(iter(generate(z=z.reshape(-1, z.shape[-1])).values()))
    return x.reshape(count, steps, *x.shape[1:])


def great_circle(z0: np.ndarray, z1: np.ndarray, steps: int) -> np.ndarray:
    """Returns the walks [N, steps, Z] from z0 to z1 [N, Z] of `walks`; straight ones between latents on one line through the origin."""
    t = np.linspace(0.0, 1.0, steps)[:, None]
    ends = [z.astype(np.float64)[:, None] for z in (z0, z1)]
    lengths = [np.linalg.norm(z, axis=-1, keepdims=True) for z in ends]
    units = [z / np.maximum(length, np.finfo(np.float64).tiny) for z, length in zip(ends, lengths)]
    angle = np.arccos(np.clip(np.sum(units[0] * units[1], axis=-1, keepdims=True), -1.0, 1.0))
    bent = (
        np.sin(angle) > 1e-4
    )  # below, the arc is the chord to float32's last digit, or there are many arcs
    weights = [np.sin(share * angle) / np.where(bent, np.sin(angle), 1.0) for share in (1.0 - t, t)]
    arc = ((1.0 - t) * lengths[0] + t * lengths[1]) * (
        weights[0] * units[0] + weights[1] * units[1]
    )
    return np.where(bent, arc, (1.0 - t) * ends[0] + t * ends[1]).astype(np.float32)


def viewer(game, seed: int) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Returns a function of examples [N, ...] that gives what each endpoint from an example to one makes of them, by its name.

    Args:
        game: A game; its weights may change between calls.
        seed: Of an encoder that draws.
    """
    offered = game.endpoints().items()
    names = [
        name
        for name, end in offered
        if set(end.inputs) <= {"x", "noise"} and "x" in end.inputs and "image" in end.ranges
    ]
    made = {name: calls.caller(game, name, seed=seed) for name in names}
    return lambda x: {name: call(x=x)["image"] for name, call in made.items()}


def _checked(path: str, *kinds: str) -> None:
    if os.path.splitext(path)[1].lower() not in kinds:
        raise ValueError(f"`out` must end in {' or '.join(kinds)}. Received: {path!r}")


def _write_arrays(path: str, **arrays: np.ndarray) -> None:
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    np.savez_compressed(path, **arrays)
