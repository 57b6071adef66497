"""Latents of examples under a generator that has no encoder: found by optimisation, with restarts."""

import keras
import numpy as np
import tensorflow as tf
from scipy import optimize

from train.inference import calls
from zoo import games
from zoo.games import latent_models

RESTARTS = 4
ITERATIONS = 200
ROWS = 256  # examples that are optimised together


def invert(
    game: games.Game,
    x: np.ndarray,
    *,
    seed: int = 0,
    restarts: int = RESTARTS,
    iterations: int = ITERATIONS,
    verbose: bool = True,
) -> dict[str, np.ndarray]:
    """Finds for each example the latent whose generated example is nearest to it.

    argmin over z of |x - generate(z)|**2

    Each search starts from a draw of the prior, and follows the slope with L-BFGS; nothing keeps it near the prior.

    Args:
        game: A trained game with the endpoint `generate`, at the weights that are meant.
        x: [N, ...], in the range of the game's examples.
        seed: Of the starts, in [0, 2**31).
        restarts: Searches for each example, the best of which counts.
        iterations: Of one search.
        verbose: Whether to show a progress bar.

    Returns:
        `z` [N, Z], and `error` [N], the squared distance summed over features.

    Raises:
        ValueError: If the game does not generate.
    """
    found = game.endpoints()
    if "generate" not in found:
        raise ValueError(
            f"Inversion needs a game with the endpoint 'generate'. Received: {type(game).__name__} with {sorted(found)}"
        )
    generate = found["generate"]

    def nearness(x, z):
        return -tf.reduce_sum(
            tf.square(x - tf.reshape(next(iter(generate.function(z).values())), tf.shape(x))),
            axis=1,
        )

    slope = tf.function(latent_models.by_latents(nearness), autograph=False)
    flat = x.reshape(len(x), -1).astype(np.float32)
    best, errors = None, np.full(len(x), np.inf)
    bar = keras.utils.Progbar(
        restarts * -(-len(x) // ROWS), verbose=int(verbose), unit_name="search"
    )
    for restart in range(restarts):
        starts = generate.example(
            tf.constant(calls.row_seeds(seed, len(x), first=restart * len(x)))
        )["z"].numpy()
        best = np.zeros_like(starts) if best is None else best
        for first in range(0, len(x), ROWS):
            rows = slice(first, min(first + ROWS, len(x)))
            z, error = _search(slope, flat[rows], starts[rows], iterations)
            better = error < errors[rows]
            best[rows], errors[rows] = (
                np.where(better[:, None], z, best[rows]),
                np.where(better, error, errors[rows]),
            )
            bar.add(1)
    return {"z": best, "error": errors.astype(np.float32)}


def _search(
    slope, x: np.ndarray, starts: np.ndarray, iterations: int
) -> tuple[np.ndarray, np.ndarray]:
    """One search of every row, side by side: the sum of their errors is smallest where each is."""
    target = tf.constant(x)

    def objective(z):
        nearness, gradient = slope(target, tf.constant(z.reshape(starts.shape), tf.float32))
        return -float(tf.reduce_sum(tf.cast(nearness, tf.float64))), -gradient.numpy().astype(
            np.float64
        ).ravel()

    found = optimize.minimize(
        objective,
        starts.astype(np.float64).ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "maxcor": 20},
    )
    z = found.x.reshape(starts.shape).astype(np.float32)
    return z, -slope(target, tf.constant(z))[0].numpy()
