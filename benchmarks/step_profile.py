"""Where the time of a step goes: TensorFlow's own profile of `Game.fit`, summed by kind of operation.

    python benchmarks/step_profile.py --case=mlp [--calls=20] [--out=results/profile_mlp.json]

An operation that waits for others, or holds them, is not counted; what is left of the wall time is the dispatch of operations,
idle threads and Keras. Run it on an idle machine with one thread (taskset -c 0), so that shares add up.
"""

import argparse
import collections
import pathlib
import tempfile
import time

import cases
import measure
import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from train import data

HOLDING = ("While", "StatefulPartitionedCall", "PartitionedCall", "If", "IteratorGetNext")  # their time is that of what they hold


def kind(name: str) -> str | None:
    """Returns the operation's type in an event's name such as `model/dense/MatMul:MatMul`, None for another event such as `ExecutorState::Run`."""
    path, colon, operation = name.rpartition(":")
    return operation if colon and path and not path.endswith(":") and operation.isidentifier() else None


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--case", default="mlp", choices=sorted(cases.experiments_by_name()))
    parser.add_argument("--calls", type=int, default=20, help="Calls of the graph that are profiled.")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--out")
    options = parser.parse_args()
    experiment = cases.experiments_by_name()[options.case]
    game = cases.game(experiment)
    source = cases.load(experiment, options.data)
    batches = data.batches(source, batch_size=experiment.data.batch_size * game.turns, seed=0)
    steps = game.steps_per_execution * options.calls
    game.fit(batches, steps_per_epoch=steps, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder, tf.profiler.experimental.ProfilerOptions(host_tracer_level=2, python_tracer_level=0))
        start = time.monotonic()
        game.fit(batches, steps_per_epoch=steps, verbose=0)
        wall = time.monotonic() - start
        tf.profiler.experimental.stop()
        found = seconds_by_kind(folder)
    rows = {name: round(1e3 * value / steps, 4) for name, value in found.most_common(15)}
    rows |= {"other operations": round(1e3 * (sum(found.values()) - sum(dict(found.most_common(15)).values())) / steps, 4)}
    rows |= {"all operations": round(1e3 * sum(found.values()) / steps, 4), "wall": round(1e3 * wall / steps, 4)}
    for name, value in rows.items():
        print(f"{name:32} {value:9.3f} ms a step  {100 * value / rows['wall']:5.1f} %")
    measure.write(options.out, [], case=options.case, steps=steps, milliseconds_a_step=rows)


if __name__ == "__main__":
    main()
