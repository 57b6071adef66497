"""The verbs of train/: options are read here, and what needs TensorFlow is imported after them."""

import os

from absl import flags

import configs
from train import runs
from zoo.command import options


def train(argv: list[str]) -> int:
    """`zoo train`: makes a run directory, or continues it."""

    def define(values):
        flags.DEFINE_string(
            "config",
            None,
            "A config's name (`zoo list`) or the path of a Python file with experiment().",
            flag_values=values,
        )
        flags.DEFINE_string(
            "workdir",
            None,
            "The run directory; runs/CONFIG unless given. One that exists is continued.",
            flag_values=values,
        )
        flags.DEFINE_multi_string(
            "set", [], "path.to.field=value, as often as needed.", flag_values=values
        )
        flags.DEFINE_integer(
            "replicas",
            0,
            "GPUs, or logical CPU devices without a GPU; 0 is every GPU.",
            flag_values=values,
        )
        flags.DEFINE_bool(
            "dry_run",
            False,
            "Print shapes, parameters, memory and steps, and stop.",
            flag_values=values,
        )
        flags.DEFINE_bool("progress", True, "Show Keras's progress bar.", flag_values=values)

    parsed = options.parse(
        "train", argv, define, "--config=NAME [--workdir=DIR] [--set=path.to.field=value]…"
    )
    if parsed is None:
        return 0
    values, rest = parsed
    if rest:
        raise ValueError(f"`zoo train` takes options only. Received: {rest}")
    if values.config is None and values.workdir is None:
        raise ValueError(
            f"`--config` must name a config: {', '.join(configs.available())}. Received: none"
        )
    run = runs.Run(
        values.workdir or os.path.join("runs", os.path.splitext(os.path.basename(values.config))[0])
    )
    experiment = (configs.load(values.config) if values.config else run.experiment()).override(
        values.set
    )
    from train import loop

    if values.dry_run:
        print(loop.plan(experiment))
        return 0
    return loop.train(experiment, run, replicas=values.replicas, verbose=values.progress)


def show_configs(argv: list[str]) -> int:
    """`zoo list`: prints every config."""
    if options.parse("list", argv, lambda values: None, "") is None:
        return 0
    rows = [
        (name, e.game.name, _loss(e.game), e.data.name, e.paper)
        for name, e in ((name, configs.load(name)) for name in configs.available())
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join([*(word.ljust(width) for word, width in zip(row, widths)), row[-1]]))
    return 0


def _loss(game) -> str:
    """The name of a game's loss and, in brackets, of the parts that it is made of."""
    loss = game.options.get("loss")
    parts = (
        [value.name for value in loss.options.values() if hasattr(value, "name")] if loss else []
    )
    return "-" if loss is None else f"{loss.name}({', '.join(parts)})" if parts else loss.name


def sample(argv: list[str]) -> int:
    """`zoo sample`: draws from a run."""

    def define(values):
        flags.DEFINE_integer(
            "num",
            64,
            "How many; fewer with the same seed are the head of more.",
            lower_bound=1,
            flag_values=values,
        )
        flags.DEFINE_integer("seed", 0, "In [0, 2**31).", flag_values=values)
        flags.DEFINE_bool(
            "best", False, "From the best checkpoint, not the newest.", flag_values=values
        )
        flags.DEFINE_string("out", "samples.png", "grid.png or samples.npz.", flag_values=values)

    parsed = options.parse(
        "sample", argv, define, "RUN [--num=N] [--seed=S] [--best] [--out=grid.png|samples.npz]"
    )
    if parsed is None:
        return 0
    values, rest = parsed
    if len(rest) != 1:
        raise ValueError(f"`zoo sample` takes one run directory. Received: {rest}")
    from train.inference import samples

    samples.write(
        runs.Run(rest[0], best=values.best).game(), values.out, count=values.num, seed=values.seed
    )
    print(values.out)
    return 0


def encode(argv: list[str]) -> int:
    """`zoo encode`: writes the codes of examples."""
    return _infer(
        "encode",
        argv,
        "codes.npz",
        "the codes of examples",
        ways=("encoder", "features", "inversion"),
    )


def reconstruct(argv: list[str]) -> int:
    """`zoo reconstruct`: writes examples beside what comes back of them."""
    return _infer(
        "reconstruct", argv, "reconstructions.png", "examples beside their reconstructions"
    )


def interpolate(argv: list[str]) -> int:
    """`zoo interpolate`: writes walks between the codes of examples."""
    return _infer(
        "interpolate",
        argv,
        "interpolations.png",
        "walks between the codes of examples 0 and 1, 2 and 3, ...",
        walks=True,
    )


def _infer(
    verb: str,
    argv: list[str],
    out: str,
    what: str,
    *,
    walks: bool = False,
    ways: tuple[str, ...] = (),
) -> int:
    def define(values):
        flags.DEFINE_string(
            "input",
            None,
            "Examples: digits, folder:DIR, npz:FILE, idx:DIR or a TFDS name.",
            flag_values=values,
        )
        flags.DEFINE_integer(
            "num",
            8 if walks else 64,
            "How many, from the first on.",
            lower_bound=1,
            flag_values=values,
        )
        flags.DEFINE_integer(
            "seed", 0, "Of an encoder that draws, in [0, 2**31).", flag_values=values
        )
        flags.DEFINE_string(
            "out",
            out,
            "FILE.npz" + ("" if out.endswith(".npz") else " or FILE.png"),
            flag_values=values,
        )
        if ways:
            told = "By the game's encoder, its features (a GAN's: the critic's last hidden layer), or latents optimised to give the example."
            flags.DEFINE_enum("by", ways[0], ways, told, flag_values=values)
        if walks:
            flags.DEFINE_integer(
                "steps", 10, "Images of a walk, with both ends.", lower_bound=2, flag_values=values
            )

    parsed = options.parse(
        verb, argv, define, f"RUN --input=SOURCE [--num=N] [--out=FILE]\n\nWrite {what}."
    )
    if parsed is None:
        return 0
    values, rest = parsed
    if len(rest) != 1 or values.input is None:
        raise ValueError(
            f"`zoo {verb}` takes one run directory and --input. Received: {rest}, --input={values.input}"
        )
    from train.inference import codes

    extra = {"steps": values.steps} if walks else {"by": values.by} if ways else {}
    getattr(codes, verb)(
        runs.Run(rest[0]), values.input, values.out, count=values.num, seed=values.seed, **extra
    )
    print(values.out)
    return 0


def evaluate(argv: list[str]) -> int:
    """`zoo evaluate`: measures a run, a bundle, or images."""
    from train.evaluation import directions, feature_networks

    spaces = ", ".join(feature_networks.NAMES)
    of_features = "; ".join(
        f"of {kind}: " + ", ".join(f"{kind}_{name}" for name in feature_networks.NAMES)
        for kind in directions.OF_FEATURES
    )

    def define(values):
        flags.DEFINE_list(
            "metrics",
            [],
            "Comma-separated. Of samples, which a bundle and images are too: memorization, modes (ring, grid), ms_ssim, parzen (images with "
            f"train and test), sliced_wasserstein, and in the features of {spaces}: {of_features}. Of a game with a likelihood: ais, elbo, "
            "iwae, quadrature (points, two latents). Of codes and features: code_correlation, linear_probe, nearest_neighbor, "
            "reconstruction. Of a generator on the line: gaussian_fit (mixture). Of a classifier: accuracy.",
            flag_values=values,
        )
        flags.DEFINE_integer(
            "num",
            None,
            "Samples (10,000; of memorization 2000); of iwae and elbo draws for each example (200, 1), of ais chains (5).",
            lower_bound=1,
            flag_values=values,
        )
        flags.DEFINE_integer("seed", 0, "Of the samples, in [0, 2**31).", flag_values=values)
        flags.DEFINE_string(
            "data",
            None,
            "Data set that a bundle's or other images are compared with.",
            flag_values=values,
        )
        flags.DEFINE_bool(
            "best", False, "Measure a run's best checkpoint, not its newest.", flag_values=values
        )
        flags.DEFINE_string(
            "out",
            None,
            "FILE.json for the record with command, machine and versions; for one metric.",
            flag_values=values,
        )
        flags.DEFINE_bool("progress", True, "Show progress bars.", flag_values=values)

    usage = "RUN|BUNDLE|FOLDER|FILE.npz|DATA --metrics=NAME[,NAME]… [--data=NAME] [--num=N] [--seed=S] [--best] [--out=FILE.json]"
    parsed = options.parse("evaluate", argv, define, usage)
    if parsed is None:
        return 0
    values, rest = parsed
    if len(rest) != 1:
        raise ValueError(
            f"`zoo evaluate` takes one run, bundle, folder, npz file or data set. Received: {rest}"
        )
    if not values.metrics:
        raise ValueError(
            "`--metrics` must name at least one metric; see `zoo evaluate --help`. Received: none"
        )
    if values.out is not None and (len(values.metrics) != 1 or not values.out.endswith(".json")):
        raise ValueError(
            f"`--out` must end in .json and holds one metric. Received: {values.out!r} for {values.metrics}"
        )
    from train.evaluation import candidates, measurements, records

    measurements.check(values.metrics)
    run = runs.Run(rest[0], best=values.best)
    if run.exists and values.data:
        raise ValueError(
            f"A run is compared with its own data; `--data` is for bundles and images. Received: --data={values.data}"
        )
    others = (
        None
        if run.exists
        else candidates.find(rest[0], values.data)._replace(
            num=values.num, seed=values.seed, verbose=values.progress
        )
    )
    for metric in values.metrics:
        if others is None:
            record = measurements.evaluate(
                run, metric, num=values.num, seed=values.seed, verbose=values.progress
            )
        else:
            record = measurements.measure(others, metric)
        if values.out is not None:
            # as resolved, and without the folders of this machine
            words = [
                run.directory.resolve().name if others is None else others.name,
                f"--metrics={metric}",
            ]
            words += [
                f"--{key}={value}"
                for key, value in [("data", values.data), ("num", values.num)]
                if value is not None
            ]
            words += [f"--seed={values.seed}", *(["--best"] if values.best else [])]
            records.publish(
                values.out,
                record,
                run if others is None else None,
                " ".join(["zoo evaluate", *words]),
            )
        print(
            records.describe(record), flush=True
        )  # at last: whoever reads may have closed the pipe
    return 0


def report(argv: list[str]) -> int:
    """`zoo report`: writes the page of a run, or of a folder of records."""

    def define(values):
        flags.DEFINE_string(
            "out",
            None,
            "FILE.html; report.html in the run or the folder unless given.",
            flag_values=values,
        )

    usage = "RUN|FOLDER [--out=FILE.html]\n\nWrite one self-contained page of a run, or of a folder of records such as results/."
    parsed = options.parse("report", argv, define, usage)
    if parsed is None:
        return 0
    values, rest = parsed
    if len(rest) != 1:
        raise ValueError(
            f"`zoo report` takes one run directory or folder of records. Received: {rest}"
        )
    _check_page(values.out)
    run = runs.Run(rest[0])
    if not run.exists:
        from train.report import folder_page

        print(folder_page.write(rest[0], values.out))
        return 0
    from train.report import run_page

    game = None
    try:
        game = run.game()
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
    ) as error:  # no checkpoint yet, a damaged file, a config of another version
        print(f"Without the latent interpolation, {type(error).__name__}: {error}")
    print(run_page.write(run, game, values.out))
    return 0


def compare(argv: list[str]) -> int:
    """`zoo compare`: prints numbers of several runs and records side by side."""

    def define(values):
        flags.DEFINE_list(
            "metrics",
            [],
            "Comma-separated, as in `zoo evaluate`; all unless given.",
            flag_values=values,
        )
        flags.DEFINE_string(
            "out",
            None,
            "Write the tables, and charts over steps, to this HTML file too.",
            flag_values=values,
        )

    usage = (
        "RUN|RECORD.json|FOLDER… [--metrics=NAME[,NAME]…] [--out=FILE.html]\n\n"
        "Rank what was measured under one protocol; numbers of others stand apart."
    )
    parsed = options.parse("compare", argv, define, usage)
    if parsed is None:
        return 0
    values, rest = parsed
    if not rest:
        raise ValueError("`zoo compare` takes runs, records or folders of records. Received: none")
    _check_page(values.out)
    from train.report import comparison

    print(comparison.table(rest, values.metrics))
    if values.out is not None:
        print(comparison.page(rest, values.out, values.metrics))
    return 0


def export(argv: list[str]) -> int:
    """`zoo export`: makes a bundle of a run."""

    def define(values):
        flags.DEFINE_string(
            "out", None, "Directory of the bundle; must not exist.", flag_values=values
        )
        flags.DEFINE_bool(
            "best", False, "Of the best checkpoint, not the newest.", flag_values=values
        )
        flags.DEFINE_integer(
            "version",
            1,
            "Names the directories that servers look for.",
            lower_bound=1,
            flag_values=values,
        )

    parsed = options.parse(
        "export",
        argv,
        define,
        "RUN --out=DIR [--version=N] [--best]\n\nA SavedModel, ONNX graphs, golden values and a card, checked.",
    )
    if parsed is None:
        return 0
    values, rest = parsed
    if len(rest) != 1 or not values.out:
        raise ValueError(
            f"`zoo export` takes one run directory and --out=DIR. Received: {rest}, --out={values.out}"
        )
    from export.runtime import manifests

    manifests.refuse_existing(values.out)
    run = runs.Run(rest[0], best=values.best)
    run.record()  # a wrong path is an error now, not after the imports
    from train import bundles

    bundles.write(run, values.out, version=values.version)
    return 0


def _check_page(out: str | None) -> None:
    if out is not None and not out.endswith(".html"):
        raise ValueError(f"`out` must end in .html. Received: {out!r}")
