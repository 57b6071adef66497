"""Compares bundles with kernels in 16 bits with the same in single precision.

    python benchmarks/weight_formats.py RUN… --config=dcgan_celeba64:64,64,3 \\
        --out=results/deployment/weight_formats.json

It exports each model three times and says how many bytes the programs take, how many pixels of
samples are other grey levels, and how long ONNX Runtime computes.
"""

import argparse
import pathlib
import tempfile
import time

import measure
import numpy as np

import configs
import train.bundles
import zoo
from export.runtime import backends, bundles, grids
from train import experiments, runs

SAMPLES = 512
SINGLE = "fp32"
FORMATS = (SINGLE, "int16", "fp16")
ENDPOINTS = ("generate", "sample")
ROUNDS = 5


def write(place: str, out: pathlib.Path, weights: str) -> bundles.Bundle:
    """Exports a run, or a config at its initial weights as NAME:H,W,C."""
    name, _, shape = place.partition(":")
    if not shape:
        train.bundles.write(runs.Run(name), out, endpoints=ENDPOINTS, weights=weights)
        return zoo.load(out)
    experiment = configs.load(name)
    value_range = list(experiment.data.value_range)
    sides = [int(side) for side in shape.split(",")]
    game = experiments.compiled(experiment, {"shape": sides, "value_range": value_range})
    description = zoo.Description(name=name, finished=False)
    zoo.export(game, out, description=description, endpoints=ENDPOINTS, weights=weights)
    return zoo.load(out)


def compared(place: str, folder: pathlib.Path) -> dict:
    """Returns sizes, differences and times of one model, by format."""
    opened = {weights: write(place, folder / weights, weights) for weights in FORMATS}
    low, high = opened[SINGLE].output_range("sample")
    samples = {name: bundle.sample(SAMPLES, seed=0) for name, bundle in opened.items()}
    levels = {name: grids.pixels(x, (low, high)).astype(int) for name, x in samples.items()}
    seconds = {name: [] for name in opened}
    for _ in range(ROUNDS):
        for name, bundle in opened.items():
            began = time.process_time()
            bundle.sample(64, seed=1)
            seconds[name].append(time.process_time() - began)
    row = {
        "step": opened[SINGLE].manifest["source"]["step"],
        "shape": list(samples[SINGLE].shape[1:]),
    }
    for name, bundle in opened.items():
        graph = backends.onnx_path(bundle.path, bundle.manifest, "generate")
        row[name] = {
            "onnx_generate_bytes": graph.stat().st_size,
            "saved_model_bytes": bundle.manifest["sizes"]["saved_model"],
            "cpu_seconds_of_64_samples": min(seconds[name]),
        }
        if name != SINGLE:
            off = np.abs(levels[name] - levels[SINGLE])
            difference = np.abs(samples[name] - samples[SINGLE]) / (high - low)
            row[name] |= {
                "pixels_off_by_one": float(np.mean(off == 1)),
                "pixels_off_by_more": float(np.mean(off > 1)),
                "mean_difference": float(np.mean(difference)),
                "largest_difference": float(np.max(difference)),
            }
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", help="Run directories.")
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="NAME:H,W,C",
        help="A config at its initial weights, and the shape of its examples; may be repeated.",
    )
    parser.add_argument("--out", default="", help="File to write the record to.")
    options = parser.parse_args()
    models = {}
    for place in [*options.runs, *options.config]:
        with tempfile.TemporaryDirectory() as folder:
            models[pathlib.Path(place).name] = compared(place, pathlib.Path(folder))
        print(place, models[pathlib.Path(place).name], flush=True)
    measure.write(
        options.out, [], models=models, samples=SAMPLES, unit="parts of the range of values"
    )


if __name__ == "__main__":
    main()
