"""Measures `Game.fit` on one GPU under the settings that say how a step is computed.

    python benchmarks/gpu_settings.py --out=DIR [CASE …] [--rounds=9] [--seconds=2]

For each case of cases.py it gives the images per second under float32, TF32 and bfloat16, with and
without XLA, under determinism, and over the GPU as two logical ones. Each competitor is a process
of its own, since most of these settings hold for a whole process; they take turns. It also trains
three steps of gradient descent on one and on two logical GPUs and compares the weights.
DIR/gpu.json and gpu.md are written after each case. --device=cpu tries the script where there is no
GPU.
"""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cases
import measure
import numpy as np

FAST = "train.determinism=false"
# name -> settings of the experiment, and number of logical devices
SETTINGS = {
    "float32": ([FAST, "train.jit=false"], 1),
    "float32, deterministic": (["train.determinism=true", "train.jit=false"], 1),
    "float32, XLA": ([FAST, "train.jit=true"], 1),
    "tf32": ([FAST, "train.jit=false", "train.tf32=true"], 1),
    "tf32, XLA": ([FAST, "train.jit=true", "train.tf32=true"], 1),
    "bfloat16": ([FAST, "train.jit=false", "train.precision=bfloat16"], 1),
    "bfloat16, XLA": ([FAST, "train.jit=true", "train.precision=bfloat16"], 1),
    "float32, two logical devices": ([FAST, "train.jit=false"], 2),
}
BASE = "float32"
STEPS, RATE = 3, 1e-2  # of the comparison of weights; gradient descent, as Adam hides wrong factors
ALLOWED = 1e-6  # difference of weights between one and two devices


class Competitor:
    """A process that trains one case under one setting, on request.

    Args:
        words: Options of the process.
    """

    def __init__(self, words: list[str]):
        command = [sys.executable, os.path.abspath(__file__), *words]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, text=True, **pipes)
        self.ready = self._answer()

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            raise RuntimeError(f"The process ended with {code}; its message is above")
        return json.loads(line)

    def seconds(self, steps: int) -> float:
        """Makes `steps` steps and returns the seconds that they took."""
        print(steps, file=self.process.stdin, flush=True)
        return self._answer()["seconds"]

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def devices_of(kind: str, count: int, memory: int):
    """Returns the first device of a kind, as so many logical ones.

    Args:
        kind: `gpu` or `cpu`.
        count: Number of logical devices.
        memory: Limit of each logical GPU, in MiB, if there are several.

    Raises:
        ValueError: If there is no such device.
    """
    import tensorflow as tf

    from train import devices

    there = tf.config.list_physical_devices(kind.upper())
    if not there:
        raise ValueError(f"TensorFlow must see a {kind.upper()}; --device=cpu tries the script")
    gpu = kind == "gpu"
    if gpu:
        tf.config.set_visible_devices(there[:1], "GPU")
    if gpu and count == 1:
        tf.config.experimental.set_memory_growth(there[0], True)
    if count == 1:
        return devices.Devices(kind, 1, None)
    part = tf.config.LogicalDeviceConfiguration(memory_limit=memory if gpu else None)
    tf.config.set_logical_device_configuration(there[0], [part] * count)
    names = [f"{kind.upper()}:{index}" for index in range(count)]
    return devices.Devices(kind, count, tf.distribute.MirroredStrategy(names))


def child(options: argparse.Namespace) -> None:
    """Trains one case under one setting for as many steps as it reads from its standard input."""
    import hand_written
    import keras
    import tensorflow as tf

    from train import arithmetic, experiments
    from train.data import sources

    settings, count = SETTINGS[options.setting]
    if options.weights:  # weights are compared where nothing is left to chance
        settings = ["train.determinism=true", "train.jit=false"]
    experiment = cases.experiments_by_name()[options.cases[0]].override(settings)
    on = devices_of(options.device, count, options.memory)
    jit, source = arithmetic.settle(experiment, on), cases.load(experiment, options.data)
    described = {"shape": cases.SHAPE, "value_range": experiment.data.value_range}
    with on.scope():
        game = experiments.trainable(experiment, described, jit=jit)
        if options.weights:
            game.compile({player: keras.optimizers.SGD(RATE) for player in game.players()})
    images = experiment.data.batch_size * game.turns
    batches = sources.batches(source, batch_size=images, seed=0)
    if options.weights:
        game.fit(batches, steps_per_epoch=STEPS, verbose=0)
        np.savez(options.weights, *[v.numpy() for v in game.trainable_variables])
        return
    game.steps_per_execution = cases.steps_per_execution(experiment)
    fit, details = hand_written.Fit(game, batches), {}
    if options.device == "gpu":
        details = tf.config.experimental.get_device_details(
            tf.config.list_physical_devices("GPU")[0]
        )
    ready = {"images": images, "inner": game.steps_per_execution}
    print(json.dumps(ready | {"device": details.get("device_name", "cpu")}), flush=True)
    for line in sys.stdin:
        print(json.dumps({"seconds": fit.seconds(int(line))}), flush=True)


def parity(case: str, words: list[str], folder: str) -> float:
    """Returns the largest difference of a weight between one and two logical devices."""
    weights = []
    for setting in (BASE, "float32, two logical devices"):
        path = pathlib.Path(folder) / f"{SETTINGS[setting][1]}.npz"
        own = [case, f"--setting={setting}", f"--weights={path}", *words]
        subprocess.run([sys.executable, os.path.abspath(__file__), *own], check=True)
        with np.load(path) as file:
            weights.append([file[key] for key in file.files])
    return max(float(np.abs(a - b).max()) for a, b in zip(*weights, strict=True))


def case_record(case: str, settings: list[str], words: list[str], rounds: int, seconds: float):
    """Returns the rows of one case, and what its record holds."""
    competitors, failed = {}, {}
    with contextlib.ExitStack() as stack:
        for name in settings:
            try:
                competitors[name] = Competitor([case, f"--setting={name}", *words])
                stack.callback(competitors[name].stop)
            except RuntimeError as error:  # a setting that this device does not take
                failed[name] = str(error)
        steps = {
            name: measure.calibrated(one, seconds, one.ready["inner"])
            for name, one in competitors.items()
        }
        times = measure.interleave(
            {k: lambda k=k, c=c: c.seconds(steps[k]) / steps[k] for k, c in competitors.items()},
            rounds,
        )
        with tempfile.TemporaryDirectory() as folder:
            difference = parity(case, words, folder)
    rows = [
        measure.verdict(f"{case}: {name} / {BASE}", measure.ratio(times[BASE], times[name]), None)
        for name in times
        if name != BASE
    ]
    ready = next(iter(competitors.values())).ready
    speed = {
        name: measure.quartiles([competitors[name].ready["images"] / s for s in each])
        for name, each in times.items()
    }
    about = {"device": ready["device"], "images_per_second": speed, "failed": failed}
    about["weights_of_two_logical_devices"] = {"difference": difference, "allowed": ALLOWED}
    return rows, about


def table(records: dict) -> str:
    """Returns the records of the cases as a table in Markdown."""
    head = ["case", *SETTINGS, "weights, two logical devices against one"]
    there = sorted({about["device"] for about in records.values()})
    lines = [
        "# Images per second of `fit`, by how a step is computed",
        "",
        f"Device: {', '.join(there)}. Medians; gpu.json has the quartiles and the command.",
        "",
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
    ]
    for case, about in records.items():
        speed, weights = about["images_per_second"], about["weights_of_two_logical_devices"]
        cells = [f"{speed[name]['median']:.0f}" if name in speed else "" for name in SETTINGS]
        equal = "equal" if weights["difference"] <= weights["allowed"] else "DIFFERENT"
        lines.append(f"| {case} | {' | '.join(cells)} | {equal}, {weights['difference']:.1e} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = list(cases.experiments_by_name())
    parser.add_argument("cases", nargs="*", help=f"Cases, of {names}; all if none is named.")
    measure.add_arguments(parser, seconds=2.0)
    parser.add_argument("--device", default="gpu", choices=("gpu", "cpu"), help="What trains.")
    parser.add_argument("--out", type=pathlib.Path, help="Folder of the record and its table.")
    parser.add_argument("--memory", type=int, default=4096, help="MiB of each of two logical GPUs.")
    parser.add_argument("--settings", help=f"Settings, with ; between them, of {list(SETTINGS)}.")
    parser.add_argument("--setting", help="The setting of this process, which another one starts.")
    parser.add_argument("--weights", help="File for the weights of this process.")
    options = parser.parse_args()
    if options.setting:
        child(options)
        return
    words = [f"--{key}={getattr(options, key)}" for key in ("device", "data", "memory")]
    settings = options.settings.split(";") if options.settings else list(SETTINGS)
    rows, records = [], {}
    for case in options.cases or names:
        more, records[case] = case_record(case, settings, words, options.rounds, options.seconds)
        rows += more
        if options.out:
            record = options.out / "gpu.json"
            about = {"data": options.data, "rounds": options.rounds, "cases": records}
            measure.write(str(record), rows, batch=cases.BATCH, **about)
            (options.out / "gpu.md").write_text(table(records))


if __name__ == "__main__":
    main()
