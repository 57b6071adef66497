"""Latents of examples under a generator without an encoder, found by optimisation with restarts."""

import numpy as np
import tensorflow as tf
from scipy import optimize

from zoo import games, progress, trained
from zoo.games import latent_models

RESTARTS = 4
ITERATIONS = 200
ROWS = 256  # examples that are optimised together


def invert(
    game: games.Game,
    x: np.ndarray,
    *,
    label: np.ndarray | None = None,
    seed: int = 0,
    restarts: int = RESTARTS,
    iterations: int = ITERATIONS,
    verbose: bool = True,
) -> dict[str, np.ndarray]:
    """Finds for each example the latent whose generated example is nearest to it.

    argmin over z of |x - generate(z)|**2

    Each search starts from a draw of the prior, and follows the slope with L-BFGS; nothing keeps it
    near the prior.

    Args:
        game: A trained game with the endpoint `generate`, at the weights that are meant.
        x: Examples [N, ...] in the range of the game's examples.
        label: Labels [N] of the examples, for a conditional game only.
        seed: Seed of the starts, in [0, 2**31).
        restarts: Number of searches for each example, the best of which counts.
        iterations: Largest number of iterations of one search.
        verbose: Whether to show a progress bar.

    Returns:
        `z` [N, Z], and `error` [N], the squared distance summed over features.

    Raises:
        ValueError: If the game does not generate.
    """
    game.check_offers("generate")
    generate = game.endpoints()["generate"]

    def nearness(target, z):
        made = next(iter(generate.function(z=z, **target["labels"]).values()))
        return -tf.reduce_sum(
            tf.square(target["x"] - tf.reshape(made, tf.shape(target["x"]))), axis=1
        )

    slope = tf.function(latent_models.by_latents(nearness), autograph=False)
    flat = x.reshape(len(x), -1).astype(np.float32)
    best, errors = None, np.full(len(x), np.inf)
    searches = restarts * -(-len(x) // ROWS)
    with progress.bar(searches, "Searching for codes", "searches", shown=verbose) as bar:
        for restart in range(restarts):
            row_seeds = trained.row_seeds(seed, len(x), first=restart * len(x))
            starts = generate.example(tf.constant(row_seeds))["z"].numpy()
            best = np.zeros_like(starts) if best is None else best
            for first in range(0, len(x), ROWS):
                rows = slice(first, min(first + ROWS, len(x)))
                labels = {} if label is None else {"label": tf.constant(label[rows], tf.int64)}
                target = {"x": tf.constant(flat[rows]), "labels": labels}
                z, error = _search(slope, target, starts[rows], iterations)
                better = error < errors[rows]
                best[rows] = np.where(better[:, None], z, best[rows])
                errors[rows] = np.where(better, error, errors[rows])
                bar.update(1)
    return {"z": best, "error": errors.astype(np.float32)}


def _search(
    slope, target: dict, starts: np.ndarray, iterations: int
) -> tuple[np.ndarray, np.ndarray]:
    """One search of every row, side by side: the sum of their errors is smallest where each is."""

    def objective(z):
        nearness, gradient = slope(target, tf.constant(z.reshape(starts.shape), tf.float32))
        error = -float(tf.reduce_sum(tf.cast(nearness, tf.float64)))
        return error, -gradient.numpy().astype(np.float64).ravel()

    result = optimize.minimize(
        objective,
        starts.astype(np.float64).ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "maxcor": 20},
    )
    z = result.x.reshape(starts.shape).astype(np.float32)
    return z, -slope(target, tf.constant(z))[0].numpy()
