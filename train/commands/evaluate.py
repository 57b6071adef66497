"""`zoo evaluate`: measures a run, a bundle, pictures or a data set."""

import argparse

from export.runtime import places
from train import runs
from train.commands import arguments
from train.evaluation import metrics
from zoo import extras
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument(
        "place",
        metavar="RUN|BUNDLE|FOLDER|FILE.npz|DATA",
        help="What to measure: a run directory, a bundle, a folder of pictures, an npz file of "
        "pictures, or a data set.",
    )
    parser.add_argument(
        "--metrics",
        type=parsers.words,
        default=[],
        metavar="NAME[,NAME...]",
        help="Metrics to measure, which are listed below.",
    )
    parser.add_argument(
        "--data",
        metavar="NAME",
        help="Data set that the samples of a bundle or other pictures are compared with, as "
        "`zoo doctor --help` lists them.",
    )
    parser.add_argument(
        "--background",
        default="white",
        metavar="COLOUR",
        help="Colour behind the transparent pixels of a folder of pictures and of the data set "
        "that it is compared with (default: %(default)s). A run and a bundle have their own.",
    )
    arguments.add_num(
        parser,
        None,
        "Number of samples (default: 10,000, and 2,000 for memorization). For elbo and iwae it is "
        "the number of draws for each example (default: 1 and 200), for ais the number of chains "
        "(default: 5).",
    )
    arguments.add_seed(parser, "Seed of the samples, in [0, 2**31) (default: %(default)s).")
    arguments.add_best(parser)
    parser.add_argument(
        "--out",
        metavar="FILE.json",
        help="File for the record of the measurement, with the command, the machine and the "
        "versions of the packages. It holds one metric.",
    )
    parser.add_argument(
        "--progress",
        action=parsers.Switch,
        default=True,
        help="Show progress bars, or hide them (default: shown).",
    )
    parser.epilog = (
        f"{metrics.help_text()}\n\nA line for each metric is added to metrics.jsonl of a run."
    )


def run(values: argparse.Namespace) -> int:
    """Measures, prints the records, and writes them where they belong."""
    if not values.metrics:
        raise ValueError(
            "`--metrics` must name at least one metric; see `zoo evaluate --help`. Received: none"
        )
    if values.out is not None and (len(values.metrics) != 1 or not values.out.endswith(".json")):
        raise ValueError(
            "`--out` must end in .json and holds one metric. "
            f"Received: {values.out!r} for {values.metrics}"
        )
    metrics.check(values.metrics)
    metrics.check_extras(values.metrics)
    if places.kind(values.place) == places.RUN:
        extras.check("train", "A run")
    from train.evaluation import candidates, measurements, records

    target = runs.Run(values.place, best=values.best)
    if target.exists and values.data:
        raise ValueError(
            "A run is compared with its own data; `--data` is for bundles and pictures. "
            f"Received: --data={values.data}"
        )
    options = {"num": values.num, "seed": values.seed, "verbose": values.progress}
    if target.exists:
        name = target.directory.resolve().name
    else:
        candidate = candidates.find(values.place, values.data, background=values.background)
        candidate = candidate._replace(**options)
        name = candidate.name
    for metric in values.metrics:
        if target.exists:
            record = measurements.evaluate(target, metric, **options)
        else:
            record = measurements.measure(candidate, metric)
        if values.out is not None:
            origin = target if target.exists else None
            records.publish(values.out, record, origin, _command(values, name, metric))
        # last, since whoever reads the output may have closed the pipe
        print(records.describe(record), flush=True)
    return 0


def _command(values: argparse.Namespace, name: str, metric: str) -> str:
    """Returns the command that measures one metric again, without the folders of this machine."""
    words = ["zoo evaluate", name, f"--metrics={metric}"]
    words += [f"--data={values.data}"] if values.data is not None else []
    words += [f"--background={values.background}"] if values.background != "white" else []
    words += [f"--num={values.num}"] if values.num is not None else []
    words += [f"--seed={values.seed}", *(["--best"] if values.best else [])]
    return " ".join(words)
