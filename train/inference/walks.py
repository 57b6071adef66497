"""Walks through latents: from sample to sample, and from example to example of one class."""

import numpy as np

from train.inference import samples
from zoo import trained

LATENTS = 256  # draws that show where a prior's latents lie


def between_samples(model: trained.Trained, *, seed: int, count: int, steps: int) -> np.ndarray:
    """Returns walks between samples of a seed: from the first to the second, the third to the
    fourth and so on.

    Directions follow the great circle between two latents at even angles, lengths change evenly:

        latents = length * (sin((1 - t) * angle) * z0 / |z0| + sin(t * angle) * z1 / |z1|)
                  / sin(angle)

    Args:
        model: A trained game, or a bundle.
        seed: Seed of the samples, in [0, 2**31).
        count: Number of walks.
        steps: Number of examples of a walk, with both ends.

    Returns:
        Examples [count, steps, ...]. All of walk i of a conditional model have the class i modulo
        the number of classes.

    Raises:
        ValueError: If the model does not generate; says what it does.

    Reference: White, 2016, whose weights are these, on latents of whatever length.
    arXiv:1609.04468
    """
    drawn = model.latents(trained.row_seeds(seed, max(2 * count, LATENTS)))
    z = great_circle(drawn[0 : 2 * count : 2], drawn[1 : 2 * count : 2], steps)
    # An arc can leave a prior's box, never its sphere. The least and the greatest of many draws are
    # the sides of a box; of a normal prior or a sphere they lie where a walk does not come.
    z = np.clip(z, drawn.min(), drawn.max())
    classes = model.classes()
    labels = None if classes is None else samples.labels(classes, count).repeat(steps)
    x = model.generate(z.reshape(-1, z.shape[-1]), label=labels)
    return x.reshape(count, steps, *x.shape[1:])


def great_circle(z0: np.ndarray, z1: np.ndarray, steps: int) -> np.ndarray:
    """Returns the latents [N, steps, Z] of the walks from z0 to z1 [N, Z] in `between_samples`.

    Walks are straight between latents on one line through the origin.
    """
    t = np.linspace(0.0, 1.0, steps)[:, None]
    ends = [z.astype(np.float64)[:, None] for z in (z0, z1)]
    lengths = [np.linalg.norm(z, axis=-1, keepdims=True) for z in ends]
    tiny = np.finfo(np.float64).tiny
    units = [z / np.maximum(length, tiny) for z, length in zip(ends, lengths)]
    angle = np.arccos(np.clip(np.sum(units[0] * units[1], axis=-1, keepdims=True), -1.0, 1.0))
    # below, the arc is the chord to float32's last digit, or there are many arcs
    bent = np.sin(angle) > 1e-4
    weights = [np.sin(u * angle) / np.where(bent, np.sin(angle), 1.0) for u in (1.0 - t, t)]
    length = (1.0 - t) * lengths[0] + t * lengths[1]
    arc = length * (weights[0] * units[0] + weights[1] * units[1])
    return np.where(bent, arc, (1.0 - t) * ends[0] + t * ends[1]).astype(np.float32)


def pairs(num: int, count: int, labels: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Returns the rows of the first and of the second example of each pair.

    Args:
        num: Number of examples.
        count: Number of pairs; fewer are returned where there are no more.
        labels: Labels [num] that both examples of a pair share; None for rows 0 and 1, 2 and 3, ….

    Returns:
        Two arrays [N] of row numbers, N <= count, in the order in which pairs are complete.

    Example:
        >>> pairs(5, 2, np.array([3, 7, 7, 3, 7]))
        (array([1, 0]), array([2, 3]))
    """
    labels = np.zeros(num, np.int64) if labels is None else labels
    waiting: dict[int, int] = {}
    result: list[tuple[int, int]] = []
    for row, label in enumerate(labels.tolist()):
        if len(result) == count:
            break
        if label in waiting:
            result.append((waiting.pop(label), row))
        else:
            waiting[label] = row
    first, second = np.array(result, np.int64).reshape(-1, 2).T
    return first, second
