"""Measures how a Fréchet distance of features grows with what is wrong with pictures.

    python benchmarks/feature_spaces.py folder:DIR/test --out=results/feature_spaces.json

One half of the pictures is compared with the other, which is spoiled in one way at a time: blurred,
made noisy, made coarse, pressed by JPEG, or left with a part of its classes. A space serves if the
distance of the half as it is lies far below all others, and grows with how much is spoiled. Next to
it is the distance of the pixels, sliced, which needs no network.
"""

import argparse
import io
import json
import os
import pathlib
import sys

import numpy as np
from PIL import Image, ImageFilter

from train import runs
from train.data import sources
from train.evaluation import feature_networks
from zoo import metrics

SPACE = "cifar10_jpeg_features"


def each(images: np.ndarray, change) -> np.ndarray:
    return np.stack([np.asarray(change(Image.fromarray(image))) for image in images])


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    content = io.BytesIO()
    image.save(content, "JPEG", quality=quality)
    return Image.open(content)


def coarse(image: Image.Image, factor: int) -> Image.Image:
    width, height = image.size
    small = image.resize((width // factor, height // factor), Image.Resampling.BOX)
    return small.resize((width, height), Image.Resampling.BILINEAR)


def spoiled(images: np.ndarray, labels: np.ndarray | None) -> dict[str, np.ndarray]:
    """Returns the pictures in each state, by its name."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=images.shape)
    states = {"as they are": images}
    for radius in (0.5, 1.0, 2.0):
        blur = ImageFilter.GaussianBlur(radius)
        states[f"blurred, {radius:g} pixels"] = each(images, lambda x, b=blur: x.filter(b))
    for std in (5, 15, 40):
        noisy = np.clip(np.rint(images + std * noise), 0, 255).astype(np.uint8)
        states[f"noise of {std} grey levels"] = noisy
    for factor in (2, 4):
        made = each(images, lambda x, f=factor: coarse(x, f))
        states[f"{factor} times coarser"] = made
    for quality in (50, 10):
        states[f"JPEG of quality {quality}"] = each(images, lambda x, q=quality: jpeg(x, q))
    for kept in (8, 5, 1) if labels is not None else ():
        states[f"{kept} of {labels.max() + 1} classes"] = images[labels < kept]
    return states


def table(record: dict) -> str:
    lines = [
        f"# {record['space']}: distance of pictures that are spoiled",
        "",
        f"`{record['command']}`: {record['pictures']} pictures on each side. ± is the standard",
        "deviation over 10 bootstrap resamples.",
        "",
        "| pictures | Fréchet distance of features | sliced Wasserstein distance of pixels |",
        "|---|---|---|",
    ]
    for row in record["rows"]:
        cells = [f"{value:.4g} ± {error:.2g}" for value, error in (row["features"], row["pixels"])]
        lines.append(f"| {row['state']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="A data set of pictures, as `zoo doctor --help` lists them.")
    parser.add_argument("--out", default="", help="JSON file; a table is written next to it.")
    options = parser.parse_args()
    source = sources.load(options.data, value_range=(0.0, 1.0))
    images, labels = sources.images(source), source.labels
    order = np.random.default_rng(0).permutation(len(images))
    half = len(images) // 2
    network = feature_networks.load(SPACE)
    real = images[order[:half]]
    features = network.run(real)[1]
    rest = order[half : 2 * half]
    rows = []
    for state, x in spoiled(images[rest], None if labels is None else labels[rest]).items():
        made = network.run(x)[1]
        values = []
        for compute, a, b in (
            (metrics.features.frechet_distance, features, made),
            (pixel_distance, real, x),
        ):
            rng = np.random.default_rng(1)
            again = [compute(a, b[rng.integers(0, len(b), len(b))]) for _ in range(10)]
            values.append((float(compute(a, b)), float(np.std(again))))
        rows.append({"state": state, "features": values[0], "pixels": values[1]})
        print(rows[-1], flush=True)
    record = {
        "space": SPACE,
        "command": f"python benchmarks/feature_spaces.py {options.data}",
        "commit": runs.commit(),
        "versions": runs.versions(),
        "machine": f"{os.cpu_count()} CPU cores, Python {sys.version.split()[0]}",
        "pictures": half,
        "rows": rows,
    }
    print(table(record))
    if options.out:
        out = pathlib.Path(options.out)
        out.write_text(json.dumps(record, indent=1) + "\n")
        out.with_suffix(".md").write_text(table(record))


def pixel_distance(real: np.ndarray, made: np.ndarray) -> float:
    count = min(len(real), len(made))
    flat = [x[:count].reshape(count, -1) / 255.0 for x in (real, made)]
    return metrics.sliced_wasserstein.distance(*flat, directions=128)


if __name__ == "__main__":
    main()
