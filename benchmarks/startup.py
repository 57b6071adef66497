"""Seconds from the start of a process to the end of its first training call, beside a hand-written script.

    python benchmarks/startup.py --out=results/startup.json [--rounds=5]

`zoo train --config=dcgan_mnist` beside a script with the same networks, data and optimizers, a `tf.function` and a loop. The
first call of the graph makes `steps_per_execution` steps, as many in both. A ratio above 1 says that `zoo train` is sooner.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import measure

CONFIG = "dcgan_mnist"
PHASES = ("import", "data", "build", "trace_and_first_call")


class Marks:
    """The moments at which phases end, counted from when the parent started this process."""

    def __init__(self, began: float):
        self.last, self.phases = began, {}

    def end(self, phase: str) -> None:
        now = time.time()
        self.phases[phase], self.last = now - self.last, now

    def after(self, phase: str, function):
        """Returns `function`, marking the phase's end when it returns."""

        def marked(*positional, **named):
            result = function(*positional, **named)
            self.end(phase)
            return result

        return marked

    def tell(self, steps: int) -> None:
        """Prints the phases and ends the process, without the training that would follow."""
        print(json.dumps({"phases": self.phases, "steps": steps}), flush=True)
        os._exit(0)


def zoo(marks: Marks, data: str, steps: int) -> None:
    """The `zoo train` command, stopped after its first call of the graph."""
    from train import experiments
    from zoo import __main__ as door
    from zoo.games import game

    marks.end("import")
    experiments.load = marks.after("data", experiments.load)
    experiments.compiled = marks.after("build", experiments.compiled)
    make = game.Game.make_train_function

    def first(self, force=False):
        function = make(self, force)

        def called(iterator):
            marks.after("trace_and_first_call", function)(iterator)
            marks.tell(self.steps_per_execution)

        self.train_function = called  # which `fit` looks up
        return called

    game.Game.make_train_function = first
    with tempfile.TemporaryDirectory() as directory:
        door.main(
            [
                "train",
                f"--config={CONFIG}",
                f"--workdir={directory}/run",
                "--noprogress",
                f"--set=data.name={data}",
                "--set=data.size=28,28",
            ]
        )


def script(marks: Marks, data: str, steps: int) -> None:
    """The hand-written script."""
    import hand_written
    import keras
    import tensorflow as tf  # noqa: F401, a part of what is timed

    import configs
    from train.data import sources
    from zoo import networks

    marks.end("import")
    experiment = configs.load(CONFIG)
    options, batch, shape = experiment.game.options, experiment.data.batch_size, (28, 28, 1)
    batches = sources.batches(sources.load(data, size=shape[:2]), batch_size=batch, seed=0)
    marks.end("data")
    latent = options["prior"].options["size"]
    generator = networks.NETWORKS["dcgan_generator"](
        latent=latent, shape=shape, value_range=(-1.0, 1.0), **options["generator"].options
    )
    critic = networks.NETWORKS["dcgan_critic"](shape=shape, **options["critic"].options)
    optimizers = [
        keras.optimizers.Adam(**experiment.optimizers[name].options)
        for name in ("critic", "generator")
    ]
    peer = hand_written.HandWritten(
        generator, critic, optimizers, hand_written.Random("uniform", latent, batch), reports=False
    )
    marks.end("build")
    peer.train_function(steps)(iter(batches))
    marks.end("trace_and_first_call")
    marks.tell(steps)


def child(kind: str, data: str, steps: int = 0) -> dict:
    """Runs one of the two in a process of its own; returns its phases and steps."""
    command = [
        sys.executable,
        __file__,
        f"--child={kind}",
        f"--data={data}",
        f"--steps={steps}",
        f"--began={time.time()}",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError(
            f"The process {kind!r} must tell its phases. Received: status {done.returncode}, {done.stdout[-2000:]!r}"
        )
    return json.loads(lines[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", default="mnist", help="mnist (prepared), or digits, which every machine has."
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", default="", help="The record, results/startup.json.")
    parser.add_argument("--child", choices=("zoo", "script"), help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        {"zoo": zoo, "script": script}[options.child](
            Marks(options.began), options.data, options.steps
        )
        return
    steps = child("zoo", options.data)["steps"]  # not counted: it fills the disk's cache
    told = measure.interleave(
        {
            kind: lambda kind=kind: child(kind, options.data, steps)["phases"]
            for kind in ("zoo", "script")
        },
        options.rounds,
    )
    totals = {kind: [sum(phases.values()) for phases in runs] for kind, runs in told.items()}
    rows = [
        measure.verdict(
            "hand-written script / zoo train", measure.ratio(totals["script"], totals["zoo"]), None
        )
    ]
    for phase in PHASES:
        ratios = measure.ratio([p[phase] for p in told["script"]], [p[phase] for p in told["zoo"]])
        rows.append(measure.verdict(f"  {phase}", ratios, None))
    seconds = {
        kind: {phase: measure.quartiles([p[phase] for p in runs]) for phase in PHASES}
        for kind, runs in told.items()
    }
    for kind in seconds:
        seconds[kind]["total"] = measure.quartiles(totals[kind])
    print(
        {
            kind: {phase: value["median"] for phase, value in phases.items()}
            for kind, phases in seconds.items()
        }
    )
    measure.write(
        options.out,
        rows,
        data=options.data,
        rounds=options.rounds,
        steps_in_first_call=steps,
        seconds=seconds,
    )


if __name__ == "__main__":
    main()
