"""Measures the images per second of the input pipeline against those of the steps that it feeds.

    python benchmarks/input.py --out=results/input.json [--data=mnist] [--rounds=11]

The ratio divides the rate of the pipeline by the rate of the faster of two steps: that of
`Game.fit` and that of the hand-written loop, which keeps means of the losses only. The goal is 10
in every case.
"""

import argparse
import time

import cases
import hand_written
import measure
import tensorflow as tf

from train.data import sources

GOAL = 10.0
WARM = 10  # batches before the clock starts


class Pipeline:
    """The input pipeline alone: batches are taken inside a graph and dropped."""

    def __init__(self, batches):
        self.batches = batches

        @tf.function
        def take(iterator, count):
            for _ in tf.range(count):
                next(iterator)

        self.take = take

    def seconds(self, steps: int) -> float:
        iterator = iter(self.batches)
        self.take(iterator, tf.constant(WARM))
        began = time.perf_counter()
        self.take(iterator, tf.constant(steps))
        return time.perf_counter() - began


def compare(name: str, experiment, options) -> tuple[dict, dict]:
    """Returns the row of one case and the images per second of every competitor."""
    source = cases.load(experiment, options.data)
    game = cases.game(experiment)
    images, inner = experiment.data.batch_size * game.turns, cases.steps_per_execution(experiment)
    batches = sources.batches(source, batch_size=images, seed=0)
    competitors = {
        "pipeline": Pipeline(batches),
        "fit": hand_written.Fit(game, batches),
        "hand_written": hand_written.Loop(
            hand_written.of(experiment, game, all_logs=False), batches, inner
        ),
    }
    steps = {key: measure.calibrated(c, options.seconds, inner) for key, c in competitors.items()}
    rounds = measure.interleave(
        {
            k: lambda c=c, k=k: images * steps[k] / c.seconds(steps[k])
            for k, c in competitors.items()
        },
        options.rounds,
    )
    fastest = [max(pair) for pair in zip(rounds["fit"], rounds["hand_written"])]
    row = measure.verdict(
        f"{name}: pipeline / fastest step", measure.ratio(rounds["pipeline"], fastest), GOAL
    )
    return row, {key: measure.quartiles(values) for key, values in rounds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--cases",
        default=",".join(cases.experiments_by_name()),
        help="Names of the cases to measure, with commas between them.",
    )
    measure.add_arguments(parser, seconds=1.0)
    parser.add_argument(
        "--out",
        default="",
        help="File to write the record to; the published one is results/input.json.",
    )
    options = parser.parse_args()
    rows, rates = [], {}
    for name in options.cases.split(","):
        row, rates[name] = compare(name, cases.experiments_by_name()[name], options)
        rows.append(row)
    measure.write(
        options.out,
        rows,
        data=options.data,
        batch=cases.BATCH,
        rounds=options.rounds,
        images_per_second=rates,
    )


if __name__ == "__main__":
    main()
