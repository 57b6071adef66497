"""Says where the time of a step goes, in `Game.fit` and in the hand-written step.

    python benchmarks/step_profile.py --case=mlp [--calls=20] [--rounds=5]
        [--out=results/profile_mlp.json]

TensorFlow profiles the step, and the profile is summed by kind of operation. An operation that
waits for other operations, or contains them, is not counted. The rest of the wall time is spent on
the dispatch of operations, on idle threads and in Keras. Run it on an idle machine and on one core
(taskset -c 0), so that the times of the operations add up to the wall time.
"""

import argparse
import collections
import pathlib
import tempfile
import time

import cases
import hand_written
import measure
import numpy as np
import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from train.data import sources

# operations that contain others, or wait for them
HOLDING = (
    "While",
    "StatefulPartitionedCall",
    "PartitionedCall",
    "If",
    "IteratorGetNext",
)
SHOWN = 18  # kinds of operation in a table, in addition to the two sums


def kind(name: str) -> str | None:
    """Returns the type of the operation that an event of the profile is named after.

    Example: "MatMul" for `model/dense/MatMul:MatMul`. An event that is no operation, such as
    `ExecutorState::Run`, gives None.
    """
    path, colon, operation = name.rpartition(":")
    return (
        operation
        if colon and path and not path.endswith(":") and operation.isidentifier()
        else None
    )


def seconds_by_kind(folder: str) -> collections.Counter:
    """Returns the seconds of all operations in a profile, summed by type."""
    seconds = collections.Counter()
    for path in pathlib.Path(folder).rglob("*.xplane.pb"):
        space = xplane_pb2.XSpace.FromString(path.read_bytes())
        for plane in space.planes:
            if not plane.name.startswith("/host:"):
                continue
            for line in plane.lines:
                for event in line.events:
                    operation = kind(plane.event_metadata[event.metadata_id].name)
                    if operation and operation not in HOLDING:
                        seconds[operation] += event.duration_ps * 1e-12
    return seconds


def profile(competitor, steps: int) -> collections.Counter:
    """Returns the milliseconds that each kind of operation takes in a step.

    "all operations" is the sum of all kinds, and "wall" is the time that passed.
    """
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(
            folder,
            tf.profiler.experimental.ProfilerOptions(host_tracer_level=2, python_tracer_level=0),
        )
        start = time.perf_counter()
        competitor.seconds(steps)
        wall = time.perf_counter() - start
        tf.profiler.experimental.stop()
        seconds = seconds_by_kind(folder)
    made = steps + competitor.inner  # the first call is not on the clock of `seconds`
    times = collections.Counter({name: 1e3 * value / made for name, value in seconds.items()})
    return times + collections.Counter(
        {"all operations": sum(times.values()), "wall": 1e3 * wall / made}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--case",
        default="mlp",
        choices=sorted(cases.experiments_by_name()),
        help="Name of the case to profile.",
    )
    parser.add_argument(
        "--calls", type=int, default=20, help="Number of calls of the graph in one profile."
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=5,
        help="Number of profiles of each competitor; the record has the medians.",
    )
    parser.add_argument(
        "--data",
        default="mnist",
        help="mnist, which must be prepared, or digits, which need no preparation.",
    )
    parser.add_argument(
        "--out",
        default="",
        help="File to write the record to, such as results/profile_mlp.json.",
    )
    options = parser.parse_args()
    experiment = cases.experiments_by_name()[options.case]
    game, inner = cases.game(experiment), cases.steps_per_execution(experiment)
    source = cases.load(experiment, options.data)
    batches = sources.batches(source, batch_size=experiment.data.batch_size * game.turns, seed=0)
    competitors = hand_written.competitors(experiment, game, batches, inner)
    steps = inner * options.calls
    for competitor in competitors.values():
        competitor.seconds(inner)
    rounds = measure.interleave(
        {name: lambda c=c: profile(c, steps) for name, c in competitors.items()}, options.rounds
    )
    kinds = {
        name: {k: float(np.median([times[k] for times in turns])) for k in set().union(*turns)}
        for name, turns in rounds.items()
    }
    shown = sorted(
        set().union(*kinds.values()), key=lambda k: -max(kinds[name].get(k, 0.0) for name in kinds)
    )[: 2 + SHOWN]
    rows = {k: {name: round(kinds[name].get(k, 0.0), 4) for name in kinds} for k in shown}
    print(f"{'milliseconds a step':28}" + "".join(f"{name:>26}" for name in kinds))
    for k, row in rows.items():
        print(f"{k:28}" + "".join(f"{value:26.3f}" for value in row.values()))
    measure.write(
        options.out,
        [],
        case=options.case,
        steps=steps,
        rounds=options.rounds,
        milliseconds_a_step=rows,
    )


if __name__ == "__main__":
    main()
