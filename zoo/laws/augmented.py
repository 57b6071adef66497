"""The laws of an augmentation: its expectation, its gradient, and how much it takes away."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from zoo import augmentations, gradients, law, noise

DRAWS, SIDE = 4096, 16


def diff_augment() -> Iterator[law.Law]:
    x = np.random.default_rng(0).uniform(-1.0, 1.0, (SIDE, SIDE, 3)).astype(np.float32)
    many = tf.constant(np.repeat(x[np.newaxis], DRAWS, axis=0))

    def changed(policy: str, images: tf.Tensor) -> np.ndarray:
        augment = augmentations.diff_augment(policy)
        return augment(images, _noise(len(images))).numpy().astype(np.float64)

    colored = changed("color", many).mean(axis=(1, 2, 3))
    error = colored.std(ddof=1) / np.sqrt(DRAWS)
    yield law.equal(
        "color: the mean of an image stays, in standard errors",
        0.0,
        (colored.mean() - x.mean(dtype=np.float64)) / error,
        3.0,
    )
    ones = tf.ones_like(many)
    kept = changed("translation", ones).mean()
    # 0, 1 or 2 pixels of 16 leave at either axis, each with its probability: 1 - 6/5/16
    yield law.equal("translation: pixels that stay", (1 - 6 / 5 / SIDE) ** 2, kept, 3e-3)
    kept = changed("cutout", ones).mean()
    yield law.equal("cutout: pixels that stay", 1.0 - _cut(SIDE) ** 2, kept, 3e-3)
    for policy in ("color", "translation", "cutout"):
        yield law.equal(
            f"{policy}: the gradient is the change of the output",
            0.0,
            _gradient_error(policy),
            1e-4,
        )


def _cut(side: int) -> float:
    """Returns the mean fraction of a side that a cutout covers: it may reach over the edge."""
    size = side // 2
    firsts = np.arange(side + 1) - size // 2
    covered = np.minimum(firsts + size, side) - np.maximum(firsts, 0)
    return float(covered.mean()) / side


def _gradient_error(policy: str) -> float:
    """Returns <gradient, step> less the change, as a fraction of it; draws are the same ones."""
    random = np.random.default_rng(1)
    x, step, weights = random.normal(size=(3, 8, SIDE, SIDE, 3)).astype(np.float32)
    augment = augmentations.diff_augment(policy)
    images = tf.constant(x)

    def value(images):
        return tf.reduce_sum(weights * augment(images, _noise(8)), axis=[1, 2, 3])

    _, gradient = gradients.by_input(value, images)
    slope = np.sum(gradient.numpy() * step, dtype=np.float64)
    # with given draws an augmentation is affine: the difference has no further terms
    moved = augment(images + step, _noise(8)) - augment(images, _noise(8))
    change = np.sum(weights * moved.numpy(), dtype=np.float64)
    return float(abs(slope - change) / np.sum(np.abs(weights * moved.numpy())))


def _noise(batch: int) -> noise.Noise:
    return noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=batch)
