"""Measures the time from the shell to a picture: `zoo sample BUNDLE` against a plain script.

    python benchmarks/shell_to_png.py BUNDLE... --out=results/deployment/shell_to_png.json

Run it by the Python of an environment of the base install, without TensorFlow. Each process draws
64 images of seed 0 and writes them to a PNG. The plain script, plain_sample.py, is what one would
write for this one model: it checks nothing, and knows the graph's input and range. Seconds are
measured from the start of a process to its end; CPU seconds are those of the process, user and
system, and depend less on what else the machine does. A ratio of 1 says that `zoo sample` is as
fast as the plain script, one below 1 that it takes longer.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import measure
import numpy as np
from PIL import Image

import zoo
from export.runtime import backends

ROOT = pathlib.Path(__file__).resolve().parents[1]
PLAIN = ROOT / "benchmarks" / "plain_sample.py"
COUNT = 64


def main() -> None:
    """Measures every bundle, prints the ratios and writes the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", nargs="+", type=pathlib.Path, help="Bundles of image models.")
    parser.add_argument("--rounds", type=int, default=9, help="How often each one is measured.")
    parser.add_argument("--out", default="", help="File for the record.")
    values = parser.parse_args()
    rows, models = [], []
    with tempfile.TemporaryDirectory() as folder:
        for bundle in values.bundles:
            commands, described = _commands(bundle, pathlib.Path(folder))
            taken = measure.interleave(
                {name: lambda words=words: _seconds(words) for name, words in commands.items()},
                values.rounds,
            )
            _check_pictures(pathlib.Path(folder), described["shape"])
            for index, what in enumerate(("seconds", "CPU seconds")):
                columns = {name: [row[index] for row in rows] for name, rows in taken.items()}
                ratio = measure.ratio(columns["plain"], columns["zoo"])
                label = f"{described['name']}: {what}, plain script / zoo sample"
                rows.append(measure.verdict(label, ratio, None))
                described[what] = {n: measure.quartiles(column) for n, column in columns.items()}
            models.append(described)
    packages = {name: importlib.metadata.version(name) for name in ("onnxruntime", "pillow")}
    for described in models:
        print(json.dumps(described))
    measure.write(values.out, rows, rounds=values.rounds, models=models, packages=packages)


def _commands(bundle: pathlib.Path, folder: pathlib.Path) -> tuple[dict[str, list[str]], dict]:
    """Returns the commands by name, and what the record says of the bundle."""
    manifest = zoo.load(bundle).manifest
    (image,) = manifest["endpoints"]["sample"]["outputs"].values()
    graph = backends.onnx_path(bundle, manifest, "sample")
    low, high = map(str, image["range"])
    commands = {
        "zoo": ["-m", "zoo", "sample", str(bundle), f"--num={COUNT}", f"--out={folder}/zoo.png"],
        "plain": [str(PLAIN), str(graph), low, high, f"{folder}/plain.png"],
    }
    described = {
        "name": manifest["name"],
        "shape": image["shape"][1:],
        "images": COUNT,
        "graph_bytes": graph.stat().st_size,
        "bundle_bytes": sum(about["bytes"] for about in manifest["files"].values()),
    }
    return {name: [sys.executable, *words] for name, words in commands.items()}, described


def _seconds(words: list[str]) -> tuple[float, float]:
    """Returns the seconds and the CPU seconds of a process, which must succeed."""
    start = time.monotonic()
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"A measured process must succeed. Received: {' '.join(words)}")
    return seconds, used.ru_utime + used.ru_stime


def _check_pictures(folder: pathlib.Path, shape: list[int]) -> None:
    """Raises RuntimeError unless both programs drew the same first image."""
    height, width, _ = shape
    plain = np.asarray(Image.open(folder / "plain.png"))[:height, :width].astype(int)
    factor = -(-32 // min(height, width))  # `zoo sample` enlarges small images by a whole factor
    grid = np.asarray(Image.open(folder / "zoo.png"))[: height * factor, : width * factor]
    if np.abs(plain - grid[::factor, ::factor]).max() > 1:
        raise RuntimeError("Both programs must draw the same image of seed 0")


if __name__ == "__main__":
    main()
