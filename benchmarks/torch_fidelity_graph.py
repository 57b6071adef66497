"""Measures the graphs of `zoo export --torch_fidelity` with the package torch-fidelity.

    python benchmarks/torch_fidelity_graph.py BUNDLE… --torch-python=PATH \\
        --out=results/deployment/torch_fidelity.json

PATH is the interpreter of an environment with it: `pip install torch-fidelity onnxruntime`. Its
InceptionV3 needs a download, so the features are 64 random projections of the pixels: the package
does all that it does for FID, and the number is none of anybody's tables. It is measured
against pictures that `zoo.load` draws, and against noise.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import measure
import numpy as np
from PIL import Image

from export import torch_fidelity
from export.runtime import bundles, channels_last, grids

HERE = pathlib.Path(__file__).parent
COUNT = 1000


def write_pictures(images: np.ndarray, folder: pathlib.Path) -> pathlib.Path:
    """Writes uint8 images [N, H, W, C] as PNGs; returns the folder."""
    folder.mkdir()
    for number, image in enumerate(images):
        image = image[..., 0] if image.shape[-1] == 1 else image
        Image.fromarray(image).save(folder / f"{number:04}.png")
    return folder


def measured(path: str, python: str, folder: pathlib.Path) -> tuple[str, dict]:
    """Returns the name of a bundle's model, and what torch-fidelity says of its graph."""
    opened = bundles.load(path)
    model = channels_last.view(opened)
    x = grids.pixels(model.sample(COUNT, seed=1), model.output_range("sample"))
    noise = np.random.default_rng(0).integers(0, 256, x.shape, dtype=np.uint8)
    command = torch_fidelity.write(path, folder / "graph.onnx")
    task = {
        "graph": str(folder / "graph.onnx"),
        "z_type": torch_fidelity.NOISE[opened.manifest["prior"]["name"]],
        "z_size": opened.manifest["prior"]["size"],
        "count": COUNT,
        "folders": {
            "fid_of_samples": str(write_pictures(x, folder / "samples")),
            "fid_of_noise": str(write_pictures(noise, folder / "noise")),
        },
    }
    (folder / "task.json").write_text(json.dumps(task))
    peer = [python, str(HERE / "torch_fidelity_peer.py"), str(folder / "task.json")]
    done = subprocess.run(peer, check=True, stdout=subprocess.PIPE, text=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    answer["command"] = command.replace(str(folder / "graph.onnx"), "FILE.onnx")
    return opened.manifest["name"], answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", nargs="+", help="Directories of bundles of different names.")
    parser.add_argument("--torch-python", required=True, help="Interpreter with torch-fidelity.")
    parser.add_argument("--out", default="", help="File to write the record to.")
    options = parser.parse_args()
    models = {}
    for path in options.bundles:
        with tempfile.TemporaryDirectory() as folder:
            name, answer = measured(path, options.torch_python, pathlib.Path(folder))
        models[name] = answer
        print(name, answer, flush=True)
    measure.write(options.out, [], models=models, samples=COUNT, features="64 random projections")


if __name__ == "__main__":
    main()
