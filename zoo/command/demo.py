"""`zoo demo`: the main job from end to end, as the commands that a user would type."""

import pathlib

from absl import flags

from zoo import __main__ as command
from zoo.command import options


def main(argv: list[str]) -> int:
    """Trains on scikit-learn's digits, draws a grid, and exports a checked bundle; a run that was stopped is continued.

    Returns:
        0, or the exit status of the first command that did not succeed.
    """

    def define(values):
        flags.DEFINE_string(
            "config",
            "dcgan_digits",
            "What to train; the default's data comes with scikit-learn.",
            flag_values=values,
        )
        flags.DEFINE_string(
            "out",
            "runs/demo",
            "Where everything goes; one that exists is continued.",
            flag_values=values,
        )
        flags.DEFINE_integer(
            "epochs",
            None,
            "Fewer for a first look; the config's unless given.",
            lower_bound=1,
            flag_values=values,
        )

    parsed = options.parse(
        "demo",
        argv,
        define,
        "[--out=DIR] [--epochs=N]\n\nTrain, sample, export and check: a few minutes on a CPU.",
    )
    if parsed is None:
        return 0
    values, rest = parsed
    if rest:
        raise ValueError(f"`zoo demo` takes options only. Received: {rest}")
    out = pathlib.Path(values.out)
    run, grid, bundle = out / "run", out / "samples.png", out / "bundle"
    train = ["train", f"--config={values.config}", f"--workdir={run}", "--noprogress"]
    train += [f"--set=train.epochs={values.epochs}"] if values.epochs else []
    export = ["check", str(bundle)] if bundle.exists() else ["export", str(run), f"--out={bundle}"]
    for words in (train, ["sample", str(run), "--num=100", f"--out={grid}"], export):
        print(f"$ zoo {' '.join(words)}", flush=True)
        status = command.main(words)
        if status:
            return status
    print(f"Samples: {grid}\nBundle:  {bundle}", flush=True)
    return 0
