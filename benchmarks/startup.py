"""Measures the start of `zoo train` against the start of a hand-written script.

    python benchmarks/startup.py --out=results/startup.json [--rounds=5]

The clock runs from the start of a process until its first call of the training graph has returned.
One process is `zoo train --config=dcgan_mnist`. The other is a script with the same networks, data
and optimizers, a `tf.function` and a loop. The first call of the graph makes equally many steps in
both. A ratio above 1 says that `zoo train` is the faster one.
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
    """Seconds that each phase of a process takes.

    Args:
        began: Time at which the parent started this process, in seconds since the epoch of the
        clock.
    """

    def __init__(self, began: float):
        self.last, self.phases = began, {}

    def end(self, phase: str) -> None:
        now = time.time()
        self.phases[phase], self.last = now - self.last, now

    def after(self, phase: str, function):
        """Returns a function that calls `function` and then marks the end of the phase."""

        def marked(*positional, **named):
            result = function(*positional, **named)
            self.end(phase)
            return result

        return marked

    def finish(self, steps: int) -> None:
        """Prints the phases and ends the process before the rest of the training."""
        print(json.dumps({"phases": self.phases, "steps": steps}), flush=True)
        os._exit(0)


def zoo(marks: Marks, data: str, steps: int) -> None:
    """Runs the `zoo train` command until its first call of the graph has returned."""
    from train import experiments
    from zoo import __main__
    from zoo.games import game

    marks.end("import")
    experiments.load = marks.after("data", experiments.load)
    experiments.compiled = marks.after("build", experiments.compiled)
    make = game.Game.make_train_function

    def first(self, force=False):
        function = make(self, force)

        def called(iterator):
            marks.after("trace_and_first_call", function)(iterator)
            marks.finish(self.steps_per_execution)

        self.train_function = called  # which `fit` looks up
        return called

    game.Game.make_train_function = first
    with tempfile.TemporaryDirectory() as directory:
        __main__.main(
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
    """Runs the hand-written script."""
    import keras
    import tensorflow as tf  # noqa: F401, its import is timed
    from by_hand import gan
    from by_hand import steps as by_hand_steps

    import configs
    from train.data import sources
    from zoo import networks, priors

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
    networks_by_name = {"critic": critic, "generator": generator}
    players = {
        name: (keras.optimizers.Adam(**experiment.optimizers[name].options), [network])
        for name, network in networks_by_name.items()
    }
    peer = gan.GAN(
        networks_by_name,
        players,
        by_hand_steps.Random(batch),
        prior=priors.uniform(latent),
        loss="non_saturating",
        all_logs=False,
    )
    marks.end("build")
    peer.train_function(steps)(iter(batches))
    marks.end("trace_and_first_call")
    marks.finish(steps)


def child(kind: str, data: str, steps: int = 0) -> dict:
    """Runs one of the two in a process of its own and returns its phases and its steps."""
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
            f"The process {kind!r} must print its phases. "
            f"Received: status {done.returncode}, {done.stdout[-2000:]!r}"
        )
    return json.loads(lines[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data",
        default="mnist",
        help="mnist, which must be prepared, or digits, which need no preparation.",
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="How often each of the two is started."
    )
    parser.add_argument(
        "--out",
        default="",
        help="File to write the record to; the published one is results/startup.json.",
    )
    parser.add_argument("--child", choices=("zoo", "script"), help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        {"zoo": zoo, "script": script}[options.child](
            Marks(options.began), options.data, options.steps
        )
        return
    steps = child("zoo", options.data)["steps"]  # not measured: it fills the disk's cache
    phases_of = measure.interleave(
        {
            kind: lambda kind=kind: child(kind, options.data, steps)["phases"]
            for kind in ("zoo", "script")
        },
        options.rounds,
    )
    totals = {kind: [sum(phases.values()) for phases in runs] for kind, runs in phases_of.items()}
    rows = [
        measure.verdict(
            "hand-written script / zoo train", measure.ratio(totals["script"], totals["zoo"]), None
        )
    ]
    for phase in PHASES:
        ratios = measure.ratio(
            [p[phase] for p in phases_of["script"]], [p[phase] for p in phases_of["zoo"]]
        )
        rows.append(measure.verdict(f"  {phase}", ratios, None))
    seconds = {
        kind: {phase: measure.quartiles([p[phase] for p in runs]) for phase in PHASES}
        for kind, runs in phases_of.items()
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
