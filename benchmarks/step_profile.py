"""Where the time of a step goes: TensorFlow's own profile, summed by kind of operation, of `Game.fit` and of the hand-written step.

    python benchmarks/step_profile.py --case=mlp [--calls=20] [--rounds=5] [--out=results/profile_mlp.json]

An operation that waits for others, or holds them, is not counted; what is left of the wall time is the dispatch of operations,
idle threads and Keras. Run it on an idle machine with one thread (taskset -c 0), so that shares add up.
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

HOLDING = (
    "While",
    "StatefulPartitionedCall",
    "PartitionedCall",
    "If",
    "IteratorGetNext",
)  # their time is that of what they hold
SHOWN = 18  # kinds of operation in a table, besides the two sums


def kind(name: str) -> str | None:
    """Returns the operation's type in an event's name such as `model/dense/MatMul:MatMul`, None for another event such as `ExecutorState::Run`."""
    path, colon, operation = name.rpartition(":")
    return (
        operation
        if colon and path and not path.endswith(":") and operation.isidentifier()
        else None
    )


def seconds_by_kind(folder: str) -> collections.Counter:
    """Sums the seconds of the profile's operations by type."""
    found = collections.Counter()
    for path in pathlib.Path(folder).rglob("*.xplane.pb"):
        space = xplane_pb2.XSpace.FromString(path.read_bytes())
        for plane in space.planes:
            if not plane.name.startswith("/host:"):
                continue
            for line in plane.lines:
                for event in line.events:
                    operation = kind(plane.event_metadata[event.metadata_id].name)
                    if operation and operation not in HOLDING:
                        found[operation] += event.duration_ps * 1e-12
    return found


def profile(competitor, steps: int) -> collections.Counter:
    """Returns the milliseconds a step of each kind of operation, of all together ("all operations") and of the clock ("wall")."""
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(
            folder,
            tf.profiler.experimental.ProfilerOptions(host_tracer_level=2, python_tracer_level=0),
        )
        start = time.perf_counter()
        competitor.seconds(steps)
        wall = time.perf_counter() - start
        tf.profiler.experimental.stop()
        found = seconds_by_kind(folder)
    made = steps + competitor.inner  # the first call is not on the clock of `seconds`
    found = collections.Counter({name: 1e3 * value / made for name, value in found.items()})
    return found + collections.Counter(
        {"all operations": sum(found.values()), "wall": 1e3 * wall / made}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--case", default="mlp", choices=sorted(cases.experiments_by_name()))
    parser.add_argument(
        "--calls", type=int, default=20, help="Calls of the graph that are profiled in a round."
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="Each takes its turn; the median is kept."
    )
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--out")
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
        name: {k: float(np.median([found[k] for found in turns])) for k in set().union(*turns)}
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
