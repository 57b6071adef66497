"""A bundle's generator as the graph that the package torch-fidelity measures.

Reference: github.com/toshas/torch-fidelity, `GenerativeModelONNX`: noise [B, Z], and labels [B] of
a conditional model, to uint8 images [B, 3, H, W].
"""

import os
import pathlib
import shlex

import numpy as np
import onnx
from onnx import helper, numpy_helper

from export.runtime import (
    arrays,
    backends,
    bundles,
    files,
    golden_rows,
    grids,
    layouts,
    manifests,
)

# how the package draws the noise of each prior; what it is short of, the graph does
NOISE = {"normal": "normal", "sphere": "normal", "uniform": "uniform_0_1"}
SAMPLES = 50_000  # that FID is commonly measured with
_NOISE, _LATENT, _IMAGE = "noise", "z", "image"


def write(bundle: str | os.PathLike, out: str | os.PathLike) -> str:
    """Writes the graph of a bundle's `generate` with noise as input and pixels as output.

    The file appears only if it gives the bundle's golden images, as pixels, at batch 1, 3 and 64.

    Args:
        bundle: Directory of a bundle.
        out: FILE.onnx to write; must not exist.

    Returns:
        The command that measures it.

    Raises:
        FileExistsError: If `out` exists.
        ValueError: If the bundle is not whole, its prior has no name, or it does not make images of
            one or three channels in a range of latents; `out` is then not made.
    """
    check_path(out)
    opened = bundles.load(bundle)
    manifest = opened.manifest
    check(manifest)
    program = convert(manifest, backends.onnx_path(opened.path, manifest, "generate"))
    golden = golden_rows.read(opened.path / golden_rows.FILE)["generate"]
    difference = largest_difference(program, manifest, golden)
    if difference > golden_rows.TOLERANCE:
        raise ValueError(
            "The graph for torch-fidelity must give the golden images of 'generate', to "
            f"{golden_rows.TOLERANCE:g}. Received: a difference of {difference:.3g}"
        )
    files.write_bytes(out, program)
    return command(manifest, out)


def check_path(out: str | os.PathLike) -> None:
    """Raises ValueError if a path does not end in .onnx, and FileExistsError if it is taken."""
    arrays.check_kind(out, ".onnx")
    manifests.refuse_existing(out)


def command(manifest: dict, out: str | os.PathLike) -> str:
    """Returns the command of torch-fidelity that measures what `write` wrote."""
    return " ".join(
        [
            f"fidelity --fid --input1 {shlex.quote(str(out))}",
            f"--input1-model-z-type {NOISE[manifest['prior']['name']]}",
            f"--input1-model-z-size {manifest['prior']['size']}",
            f"--input1-model-num-classes {manifest['classes'] or 0}",
            f"--input1-model-num-samples {SAMPLES}",
            "--input2 FOLDER",
        ]
    )


def largest_difference(program: bytes, manifest: dict, golden: golden_rows.Golden) -> float:
    """Returns the largest difference of a graph from golden images, as `golden_rows` counts it."""
    import onnxruntime

    run = onnxruntime.InferenceSession(program, providers=["CPUExecutionProvider"]).run
    expected = grids.pixels(golden.outputs[_IMAGE], manifest["preprocessing"]["range"])
    if layouts.of(manifest) == layouts.LAST:
        expected = layouts.to_first(expected)
    expected = np.broadcast_to(expected, [len(expected), 3, *expected.shape[2:]])
    noise = golden.inputs[_LATENT]
    if manifest["prior"]["name"] == "uniform":
        low, high = manifest["prior"]["bounds"]
        noise = (noise - np.float32(low)) / np.float32(high - low)
    inputs = {name: value for name, value in golden.inputs.items() if name != _LATENT}
    inputs[_NOISE] = noise
    return max(
        golden_rows.difference(
            run([_IMAGE], {name: value[:rows] for name, value in inputs.items()})[0],
            expected[:rows],
        )
        for rows in golden_rows.BATCHES
    )


def check(manifest: dict) -> None:
    """Raises ValueError for a bundle whose `generate` the package cannot measure."""
    about, prior = manifest["endpoints"].get("generate"), manifest["prior"]
    pixels = manifest["preprocessing"]
    if (
        not about
        or prior is None
        or prior["name"] not in NOISE
        or set(about["inputs"]) - {_LATENT, "label"}
        or _IMAGE not in about["outputs"]
        or about["outputs"][_IMAGE]["range"] is None
        or pixels["channels"] not in (1, 3)
    ):
        raise ValueError(
            "torch-fidelity measures a generator: `generate` from latents of a prior "
            f"({', '.join(sorted(NOISE))}) to images of 1 or 3 channels in a range. Received: "
            f"{', '.join(manifest['endpoints'])}, prior {prior and prior['name']}, "
            f"images {pixels}"
        )


def convert(manifest: dict, path: pathlib.Path) -> bytes:
    """Returns the graph of `generate` at a path, with noise as input and pixels as output."""
    model = onnx.load(path)
    graph = model.graph
    before, after = _Chain(graph, _NOISE, "latent"), _Chain(graph, "generated", "pixels")
    _from_noise(before, manifest["prior"])
    _to_pixels(after, manifest)
    names = {_LATENT: before.last, _IMAGE: "generated"}
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    last = helper.make_node("Identity", [after.last], [_IMAGE])
    nodes = [*before.nodes, *graph.node, *after.nodes, last]
    del graph.node[:]
    graph.node.extend(nodes)
    for value in graph.input:
        value.name = _NOISE if value.name == _LATENT else value.name
    del graph.output[:]  # what `generate` gives next to the image; the package takes one output
    height, width = manifest["preprocessing"]["size"]
    shape = ["batch", 3, height, width]
    kind = onnx.TensorProto.UINT8
    graph.output.append(helper.make_tensor_value_info(_IMAGE, kind, shape))
    # the package takes the inputs in their order
    graph.input.sort(key=lambda value: value.name != _NOISE)
    properties = {entry.key: entry.value for entry in model.metadata_props} | {
        "Image.BitmapPixelFormat": "Rgb8",
        "Image.NominalPixelRange": "NominalRange_0_255",
    }
    helper.set_model_props(model, properties)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


class _Chain:
    """Operators each of which takes what the one before it gave, and constants.

    Attributes:
        nodes: The operators.
        last: Name of what the last one gives.
    """

    def __init__(self, graph: onnx.GraphProto, first: str, name: str):
        self.graph, self.last, self.name, self.nodes = graph, first, name, []

    def add(self, operator: str, *constants: np.ndarray, **attributes) -> None:
        name = f"{self.name}_{len(self.nodes)}"
        names = [f"{name}_{place}" for place in range(len(constants))]
        for constant, value in zip(names, constants):
            self.graph.initializer.append(numpy_helper.from_array(np.asarray(value), constant))
        self.nodes.append(helper.make_node(operator, [self.last, *names], [name], **attributes))
        self.last = name


def _from_noise(chain: _Chain, prior: dict) -> None:
    """Makes latents of the prior from the noise that the package draws."""
    if prior["name"] == "uniform":
        low, high = map(np.float32, prior["bounds"])
        chain.add("Mul", high - low)
        chain.add("Add", low)
    if prior["name"] == "sphere":
        chain.add("LpNormalization", axis=-1, p=2)


def _to_pixels(chain: _Chain, manifest: dict) -> None:
    """Makes uint8 images [B, 3, H, W] of what `generate` gives."""
    if manifest["endpoints"]["generate"]["outputs"][_IMAGE]["dtype"] != "uint8":
        low, high = map(np.float32, manifest["preprocessing"]["range"])
        chain.add("Sub", low)
        chain.add("Div", high - low)
        chain.add("Mul", np.float32(255.0))
        chain.add("Round")
        chain.add("Clip", np.float32(0.0), np.float32(255.0))
        chain.add("Cast", to=onnx.TensorProto.UINT8)
    if layouts.of(manifest) == layouts.LAST:
        chain.add("Transpose", perm=[0, 3, 1, 2])
    if manifest["preprocessing"]["channels"] == 1:
        chain.add("Tile", np.array([1, 3, 1, 1]))
