"""`zoo train`: makes a run directory, or continues one."""

import argparse
import os

import configs
from export.runtime import places
from train import clusters, runs
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument(
        "--config",
        metavar="NAME|FILE.py",
        help="Name of a config (`zoo list` prints them), or path of a Python file that defines "
        "experiment(). A run that is continued needs none.",
    )
    parser.add_argument(
        "--workdir",
        metavar="DIR",
        help="Run directory (default: runs/NAME). A run that is there already is continued.",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="Value of one field of the config, as in train.epochs=5 or game.loss=hinge. "
        "The option may be repeated.",
    )
    parser.add_argument(
        "--devices",
        default="all",
        metavar="all|cpu:N|gpu:I,J",
        help="Devices to train on: every GPU, or the CPU of a machine without one (all); the CPU, "
        "also as N devices; or GPUs by their numbers (default: %(default)s).",
    )
    parser.add_argument(
        "--workers",
        metavar="HOST:PORT,...",
        help="Addresses of the processes that train together, the same in each of them; the first "
        "one alone writes the run. Without the option, TF_CONFIG says it.",
    )
    parser.add_argument(
        "--index",
        type=parsers.integer(0),
        metavar="K",
        help="Which of the workers this process is, counted from 0.",
    )
    parser.add_argument(
        "--dry_run",
        action=parsers.Switch,
        help="Print shapes, parameters, memory and steps, and train nothing.",
    )
    parser.add_argument(
        "--progress",
        action=parsers.Switch,
        default=True,
        help="Show on a terminal how far the epoch is, or hide it (default: shown).",
    )


def run(values: argparse.Namespace) -> int:
    """Trains; the exit status is that of `loop.train`."""
    if values.config is None and values.workdir is None:
        raise ValueError(
            f"`--config` must name a config: {', '.join(configs.available())}. Received: none"
        )
    if values.workdir is not None:
        places.check_no_bundle(values.workdir)
    name = os.path.splitext(os.path.basename(values.config or ""))[0]
    own = values.config if (values.config or "").endswith(".py") else None
    target = runs.Run(values.workdir or os.path.join("runs", name), config=own)
    if values.config is None:
        target.import_config()
    experiment = configs.load(values.config) if values.config else target.experiment()
    experiment = experiment.override(values.set)
    if values.dry_run:
        from train import plan

        print(plan.plan(experiment))
        return 0
    cluster = clusters.named(values.workers, values.index)
    if cluster is None and values.workers is None:
        cluster = clusters.of_environment(os.environ)
    from train import loop

    return loop.train(
        experiment, target, asked=values.devices, cluster=cluster, verbose=values.progress
    )
