"""What a trained model makes of examples: codes, reconstructions, scores, and walks.

The model is the game of a run, or a bundle. An encoder that draws does so by the seed. A
conditional model gets the labels of the examples.
"""

from collections.abc import Callable, Mapping

import numpy as np

from export.runtime import arrays, bundles, grids
from train import runs
from train.inference import models, walks

ENDPOINTS = {"encoder": "encode", "features": "features"}  # of `by`


def encode(
    place: runs.Run | bundles.Bundle,
    source: str,
    path: str,
    *,
    count: int,
    seed: int = 0,
    by: str = "encoder",
    label: int | None = None,
    crop: int | None = None,
) -> None:
    """Writes the codes of the first examples of a source to an npz file.

    Args:
        place: The run or the bundle.
        source: Folder, file or name of a source, as in `models.examples`.
        path: FILE.npz.
        count: Number of examples.
        seed: Seed of an encoder that draws, and of the starts of an inversion, in [0, 2**31).
        by: `encoder`, for all outputs of the endpoint `encode`; `features`, for the last hidden
            layer of the encoder, or of a GAN's critic; `inversion`, for `z` and `error` of
            `inversion.invert`.
        label: Class of all examples for a conditional game; the source's labels if None.
        crop: As in `models.examples`.

    Raises:
        ValueError: If the game has no such way.
    """
    arrays.check_kind(path, ".npz")
    bundled = isinstance(place, bundles.Bundle)
    if by == "inversion" and bundled:
        raise ValueError(
            "`--by=inversion` follows the slope of a generator, which a run has and a bundle has "
            f"not. Received: the bundle {place.path}"
        )
    game = models.load(place)
    if by == "encoder" and "encode" not in game.offered():
        ways = "--by=features" if bundled else "--by=features or --by=inversion"
        raise ValueError(
            f"{type(game).__name__} has no encoder. Use {ways}. Received: --by=encoder"
        )
    if by != "inversion":
        game.check_offers(ENDPOINTS[by])
    x, known = models.examples(place, source, count, crop=crop)
    chosen = _chosen(game, known, len(x), label)
    if by == "inversion":
        from train.inference import inversion  # which imports TensorFlow

        with game.averaged_weights():
            result = inversion.invert(game, x, seed=seed, label=chosen)
    else:
        inputs = {"x": x} | _given(game, ENDPOINTS[by], chosen)
        result = game.run(ENDPOINTS[by], inputs, seed=seed)
    arrays.write(path, **result)


def reconstruct(
    place: runs.Run | bundles.Bundle,
    source: str,
    path: str,
    *,
    count: int,
    seed: int = 0,
    label: int | None = None,
    crop: int | None = None,
) -> None:
    """Writes reconstructions of the first examples of a source.

    Args:
        place: The run or the bundle.
        source: Folder, file or name of a source, as in `models.examples`.
        path: FILE.npz with `examples` and `images` [N, ...], or FILE.png with pairs, the example
            on the left.
        count: Number of examples.
        seed: Seed of an encoder that draws, in [0, 2**31).
        label: As in `encode`.
        crop: As in `models.examples`.
    """
    kind = arrays.check_kind(path, ".npz", ".png")
    game = models.load(place)
    game.check_offers("reconstruct")
    x, known = models.examples(place, source, count, crop=crop)
    made = game.reconstruct(x, label=_chosen(game, known, len(x), label), seed=seed)
    if kind == ".npz":
        arrays.write(path, examples=x, images=made)
    else:
        grids.write_pairs(path, x, made, game.output_range("reconstruct"))


def score(
    place: runs.Run | bundles.Bundle,
    source: str,
    path: str,
    *,
    count: int,
    seed: int = 0,
    label: int | None = None,
    crop: int | None = None,
) -> None:
    """Writes how unlike the training data each of the first examples of a source is.

    Args:
        place: The run or the bundle.
        source: Folder, file or name of a source, as in `models.examples`.
        path: FILE.npz with `scores` float32 [N], higher for what is less like the training data,
            and `labels` int64 [N] where the source has them.
        count: Number of examples.
        seed: Seed of an encoder that draws, in [0, 2**31).
        label: As in `encode`.
        crop: As in `models.examples`.

    Raises:
        ValueError: If the model does not score.
    """
    arrays.check_kind(path, ".npz")
    game = models.load(place)
    game.check_offers("score")
    x, known = models.examples(place, source, count, crop=crop)
    scores = game.score(x, label=_chosen(game, known, len(x), label), seed=seed)
    arrays.write(path, scores=scores, **({} if known is None else {"labels": known}))


def interpolate(
    place: runs.Run | bundles.Bundle,
    source: str,
    path: str,
    *,
    count: int,
    steps: int,
    seed: int = 0,
    label: int | None = None,
    crop: int | None = None,
) -> None:
    """Writes walks between the codes of examples 0 and 1, 2 and 3, and so on.

    A walk of a conditional game keeps its label, so its ends are the next two examples of the
    source that have the same label, in the order in which such pairs are complete.

    Args:
        place: The run or the bundle.
        source: Folder, file or name of a source, as in `models.examples`.
        path: FILE.npz with `images` [count, steps, ...], or FILE.png with a walk in each row.
        count: Number of walks.
        steps: Number of examples of a walk, with both ends.
        seed: Seed of an encoder that draws, in [0, 2**31).
        label: Class of all walks of a conditional game, between examples 0 and 1, 2 and 3, …;
            the source's labels if None.
        crop: As in `models.examples`.

    Raises:
        ValueError: If the source has too few examples.
    """
    kind = arrays.check_kind(path, ".npz", ".png")
    game = models.load(place)
    game.check_offers("interpolate")
    by_label = game.classes() is not None and label is None
    x, known = models.examples(place, source, None if by_label else 2 * count, crop=crop)
    chosen = _chosen(game, known, len(x), label)
    first, second = walks.pairs(len(x), count, chosen if by_label else None)
    if len(first) < count:
        raise ValueError(
            f"`input` must have {2 * count} examples for {count} walks. Received: {len(x)}"
        )
    made = game.interpolate(
        x[first].repeat(steps, axis=0),
        x[second].repeat(steps, axis=0),
        np.tile(np.linspace(0.0, 1.0, steps, dtype=np.float32), count),
        label=None if chosen is None else chosen[first].repeat(steps),
        seed=seed,
    )
    if kind == ".npz":
        arrays.write(path, images=made.reshape(count, steps, *x.shape[1:]))
    else:
        grids.write(path, made, game.output_range("interpolate"), columns=steps)


def viewer(
    game, seed: int, examples: Mapping[str, np.ndarray]
) -> Callable[[], dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Returns a function that shows what the game makes of some examples.

    It returns a pair (examples, what is made of them) for each endpoint from one example to one
    example, such as `reconstruct`, by the endpoint's name.

    Args:
        game: A game; its weights may change between calls.
        seed: Seed of an encoder that draws, in [0, 2**31).
        examples: Examples [N, ...] by the names of the game's inputs; `label` are their labels.
    """
    from zoo.games import arguments  # which imports TensorFlow

    pairs = {}
    for name, endpoint in game.endpoints().items():
        own = [key for key in endpoint.inputs if key not in ("label", "noise")]
        made = [key for key in arguments.EXAMPLES if key in endpoint.ranges]
        if len(own) == 1 and own[0] in examples and made:
            inputs = {key: examples[key] for key in endpoint.inputs if key in examples}
            pairs[name] = examples[own[0]], inputs, made[0]

    def views() -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return {
            name: (rows, game.run(name, inputs, seed=seed)[made])
            for name, (rows, inputs, made) in pairs.items()
        }

    return views


def _chosen(game, known: np.ndarray | None, count: int, label: int | None) -> np.ndarray | None:
    """Returns the labels [count] to give to a conditional game; None for one without labels."""
    if game.classes() is None:
        if label is not None:
            raise ValueError(f"This game takes no label. Received: label={label}")
        return None
    if label is not None:
        return np.full(count, label, np.int64)
    if known is None:
        raise ValueError(
            "A conditional game needs the labels of its examples. Use a source with labels, or "
            "--label=CLASS. Received: a source without labels"
        )
    return known


def _given(game, endpoint: str, labels: np.ndarray | None) -> dict[str, np.ndarray]:
    """Returns the input `label` of an endpoint that takes it."""
    takes_label = labels is not None and "label" in game.offered()[endpoint]
    return {"label": labels} if takes_label else {}
