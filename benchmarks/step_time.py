"""Measures the speed of `Game.fit` against a hand-written TensorFlow step and against PyTorch.

    python benchmarks/step_time.py [--torch-python=PATH] [--cases=dcgan,mlp] [--rounds=11]
        [--out=results/step_time.json]

All competitors compute the same step. A ratio above 1 says that `fit` is the faster one. `pip
install .[bench]` installs PyTorch; --torch-python names another interpreter that has it. Without
PyTorch its ratios are left out.
"""

import argparse
import pathlib
import sys
import tempfile

import cases
import hand_written
import measure
import numpy as np
import tensorflow as tf
import torch_peer

from train.data import sources
from zoo import noise

GOALS = {"hand_written": 0.97, "hand_written_losses_only": 0.97}
TORCH_GOALS = {"dcgan": 1.25, "mlp": 2.1}  # what plain Keras reached in graph mode
CHECKED_STEPS = 3


class Fed:
    """The random draws of the game, for use in the hand-written step."""

    def __init__(self, game, batch: int):
        self.step, self.game, self.batch, self.made = (
            tf.Variable(0, dtype=tf.int64),
            game,
            batch,
            {},
        )

    def latents(self, player: int, move: int):
        draws = noise.Noise(
            seed=self.game.seed, step=self.step, player=player, move=move, batch=self.batch
        )
        self.made[player, move] = draws
        return self.game.prior.sample(draws)

    def weights(self, player: int, move: int):
        return self.made[player, move].uniform((1, 1, 1))


def check(experiment, source) -> dict[str, float]:
    """Makes the same steps with the game and by hand, on the same data and the same random draws.

    Returns:
        The largest relative difference of a logged value, and the fraction of the weights that
        differ by more than 1e-5.

    Raises:
        ValueError: If the two differ by more than rounding.
    """
    game = cases.game(experiment)
    draws = Fed(game, experiment.data.batch_size)
    peer = hand_written.of(experiment, game, draws=draws)
    game.steps_per_execution = 1
    batches = sources.batches(source, batch_size=experiment.data.batch_size * game.turns, seed=0)
    logs = game.fit(batches, steps_per_epoch=CHECKED_STEPS, verbose=0).history
    one, iterator = peer.train_function(1), iter(batches)
    for _ in range(CHECKED_STEPS):
        one(iterator)
        draws.step.assign_add(1)
    means = peer.means()
    difference = max(abs(means[name] - logs[name][0]) / (1e-3 + abs(means[name])) for name in means)
    pairs = zip(
        peer.generator.trainable_variables + peer.critic.trainable_variables,
        game.trainable_variables,
    )
    differing = np.concatenate(
        [np.abs(a.numpy() - b.numpy()).ravel() > 1e-5 for a, b in pairs]
    ).mean()
    result = {
        "steps": CHECKED_STEPS,
        "largest_relative_difference_of_logs": difference,
        "fraction_of_weights_that_differ": float(differing),
    }
    if not (difference < 1e-3 and differing < 0.01):
        raise ValueError(
            "The hand-written step must compute what the game does. "
            f"Received: {result}, by hand {means}, by the game {logs}"
        )
    return result


def torch_peers(
    experiment, game, images, python: str, directory: pathlib.Path
) -> tuple[dict, dict]:
    """Starts the PyTorch processes.

    Returns:
        The processes by name, and the first answer of each mode; a mode that fails has its error
        message as the answer.
    """
    np.save(directory / "images.npy", images)
    kept = {"critic": game.critic, "generator": game.generator}
    weights = {
        f"{name}{i:03}": v.numpy()
        for name, network in kept.items()
        for i, v in enumerate(network.trainable_variables)
    }
    np.savez(directory / "weights.npz", **weights)
    peers, answers = {}, {}
    for mode in ("eager", "compiled"):
        try:
            peer = torch_peer.start(
                python,
                experiment,
                directory / "weights.npz",
                directory / "images.npy",
                mode=mode,
                steps=CHECKED_STEPS,
            )
        except RuntimeError as error:
            answers[mode] = {"failed": str(error)}
            continue
        peers[f"torch_{mode}"], answers[mode] = peer, peer.ready
    return peers, answers


def compare(name: str, experiment, options) -> tuple[list[dict], dict]:
    """Returns the rows of one case, and everything else that its record holds."""
    source = cases.load(experiment, options.data)
    about = {"check": check(experiment, source)}
    game = cases.game(experiment)
    images, inner = experiment.data.batch_size * game.turns, cases.steps_per_execution(experiment)
    batches = sources.batches(source, batch_size=images, seed=0)
    workers = {}
    with tempfile.TemporaryDirectory() as directory:
        if options.torch_python:
            workers, about["torch"] = torch_peers(
                experiment,
                game,
                sources.images(source),
                options.torch_python,
                pathlib.Path(directory),
            )
        competitors = hand_written.competitors(experiment, game, batches, inner) | workers
        steps = {
            key: measure.calibrated(c, options.seconds, inner) for key, c in competitors.items()
        }
        rounds = measure.interleave(
            {k: lambda c=c, k=k: c.seconds(steps[k]) / steps[k] for k, c in competitors.items()},
            options.rounds,
        )
        for worker in workers.values():
            worker.stop()
    about["steps_per_execution"] = inner
    about["images_per_second"] = {
        key: measure.quartiles([images / s for s in seconds]) for key, seconds in rounds.items()
    }
    about["steps_a_round"] = steps
    goals = GOALS | {key: TORCH_GOALS.get(name) for key in workers}
    rows = [
        measure.verdict(
            f"{name}: fit / {key}", measure.ratio(rounds[key], rounds["fit"]), goals[key]
        )
        for key in rounds
        if key != "fit"
    ]
    print(measure.table(rows), flush=True)
    return rows, about


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--cases",
        default=",".join(cases.experiments_by_name()),
        help="Names of the cases to measure, with commas between them.",
    )
    measure.add_arguments(parser, seconds=2.0)
    parser.add_argument(
        "--torch-python",
        default=sys.executable,
        help="Path of a Python interpreter that has torch; empty to leave PyTorch out.",
    )
    parser.add_argument(
        "--out",
        default="",
        help="File to write the record to; the published one is results/step_time.json.",
    )
    options = parser.parse_args()
    if options.torch_python and not torch_peer.available(options.torch_python):
        print(f"{options.torch_python} has no torch, so that its ratios are left out", flush=True)
        options.torch_python = ""
    rows, about = [], {}
    for name in options.cases.split(","):
        more, about[name] = compare(name, cases.experiments_by_name()[name], options)
        rows += more
    measure.write(
        options.out, rows, batch=cases.BATCH, data=options.data, rounds=options.rounds, cases=about
    )


if __name__ == "__main__":
    main()
