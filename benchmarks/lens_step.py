"""Measures what a lens costs: a step of the tempered game against a step of the plain game.

    python benchmarks/lens_step.py [--case=dcgan] [--rounds=11] [--out=results/lens_step.json]

After the horizon the lens is gone, so that both steps must cost the same. Before the horizon the
ratio says what the lens costs.
"""

import argparse
import dataclasses

import cases
import hand_written
import measure

from train.data import sources
from zoo.build import Spec

GOAL = 0.95  # seconds of the plain step over seconds of the tempered one, after the horizon


def tempered(experiment, horizon: int):
    """Returns the experiment with a lens over its data until the horizon."""
    game = Spec("tan", **experiment.game.options, lens=Spec("residual_lens"), horizon=horizon)
    optimizers = dict(experiment.optimizers) | {"lens": experiment.optimizers["critic"]}
    return dataclasses.replace(experiment, game=game, optimizers=optimizers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--case",
        default="dcgan",
        choices=sorted(cases.experiments_by_name()),
        help="Name of the case to measure.",
    )
    measure.add_arguments(parser, seconds=4.0)
    parser.add_argument(
        "--out",
        default="",
        help="File to write the record to; the published one is results/lens_step.json.",
    )
    options = parser.parse_args()
    plain = cases.experiments_by_name()[options.case]
    source = cases.load(plain, options.data)
    batches = sources.batches(
        source, batch_size=plain.data.batch_size * cases.game(plain).turns, seed=0
    )
    inner = cases.steps_per_execution(plain)
    # The first horizon is one call of the graph long, which is made before the clock starts. The
    # second one is never reached.
    chosen = {
        "plain": plain,
        "after the horizon": tempered(plain, inner),
        "before the horizon": tempered(plain, 10**9),
    }
    competitors = {
        name: hand_written.Fit(cases.game(experiment), batches)
        for name, experiment in chosen.items()
    }
    for competitor in competitors.values():
        competitor.seconds(inner)
    steps = {name: measure.calibrated(c, options.seconds, inner) for name, c in competitors.items()}
    rounds = measure.interleave(
        {k: lambda c=c, k=k: c.seconds(steps[k]) / steps[k] for k, c in competitors.items()},
        options.rounds,
    )
    goals = {"after the horizon": GOAL, "before the horizon": None}
    rows = [
        measure.verdict(
            f"{options.case}: plain / {key}",
            measure.ratio(rounds["plain"], rounds[key]),
            goals[key],
        )
        for key in goals
    ]
    seconds = {key: measure.quartiles(values) for key, values in rounds.items()}
    measure.write(
        options.out,
        rows,
        case=options.case,
        data=options.data,
        rounds=options.rounds,
        seconds_a_step=seconds,
    )


if __name__ == "__main__":
    main()
