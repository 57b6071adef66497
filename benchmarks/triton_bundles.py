"""Serves several bundles by one Triton and compares its answers with their golden values.

    python benchmarks/triton_bundles.py BUNDLE… --triton-python=PATH \\
        --out=results/deployment/triton.json

Triton is the one of nvidia-pytriton, which needs numpy 1 and so an environment of its own:

    python3.11 -m venv triton-venv
    triton-venv/bin/pip install nvidia-pytriton onnxruntime 'numpy<2'

The model repository is what the bundles have in `onnx`, copied into one folder, and one model once
more under another name. pytriton ships the python backend only, so `triton_shim.py` runs the
graphs; names, shapes, batch axis and `reshape` come from the bundles' config.pbtxt.
"""

import argparse
import json
import pathlib
import shutil
import tempfile
import urllib.error

import measure
import numpy as np
import triton_server

from export.runtime import backends, golden_rows, manifests

SHIM = pathlib.Path(__file__).with_name("triton_shim.py")
ONNX_PLATFORM, SHIM_BACKEND = 'platform: "onnxruntime_onnx"', 'backend: "python"'
RENAMED = "a_model_under_another_name"


def merge(bundles: list[pathlib.Path], repository: pathlib.Path) -> dict[str, tuple]:
    """Copies the bundles' models into one repository, and the last of them once more, renamed.

    Returns:
        (bundle, endpoint, what the manifest says of it) by the name of the model.

    Raises:
        ValueError: If two bundles hold a model of the same name.
    """
    models = {}
    for bundle in bundles:
        manifest = manifests.read(bundle)
        for endpoint, about in manifest["endpoints"].items():
            folder = backends.onnx_path(bundle, manifest, endpoint).parents[1]
            name = folder.name
            if name in models:
                raise ValueError(
                    "Model names must differ between the bundles of one Triton; rename a folder of "
                    f"`onnx` in a copy. Received: {name!r} in {models[name][0]} and in {bundle}"
                )
            shutil.copytree(folder, repository / name)
            models[name] = (bundle, endpoint, about)
    shutil.copytree(repository / name, repository / RENAMED)
    return models | {RENAMED: models[name]}


def run_by_shim(repository: pathlib.Path) -> None:
    """Lets the python backend run every model, and changes nothing else of its config.pbtxt."""
    for config in repository.glob("*/config.pbtxt"):
        text = config.read_text()
        if text.count(ONNX_PLATFORM) != 1:
            raise ValueError(f"{config} must say {ONNX_PLATFORM} once. Received: {text!r}")
        config.write_text(text.replace(ONNX_PLATFORM, SHIM_BACKEND))
        for graph in config.parent.glob("*/model.onnx"):
            shutil.copy(SHIM, graph.parent / "model.py")


def largest_difference(
    triton: triton_server.Triton, model: str, golden: golden_rows.Golden
) -> float:
    """Returns the largest difference from golden values at batch 1, 3 and 64.

    Integers and numbers of one row, such as `seed`, `label` and `weight`, are sent as [B, 1].
    """
    largest = 0.0
    for count in golden_rows.BATCHES:
        inputs = {
            name: value[:count].reshape(count, *(value.shape[1:] or [1]))
            for name, value in golden.inputs.items()
        }
        outputs = triton.infer(model, inputs)
        for name, expected in golden.outputs.items():
            # an output of one number a row is [B, 1] too
            value = outputs[name].reshape(expected[:count].shape)
            largest = max(largest, golden_rows.difference(value, expected[:count]))
    return largest


def refusal(triton: triton_server.Triton, model: str, inputs: dict[str, np.ndarray]) -> str | None:
    """Returns the status and the sentence with which Triton refuses inputs; None if it answers."""
    try:
        triton.infer(model, inputs)
    except urllib.error.HTTPError as error:
        return f"{error.code}: {json.loads(error.read())['error']}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", nargs="+", type=pathlib.Path, help="Directories of bundles.")
    parser.add_argument(
        "--triton-python", required=True, help="Interpreter of the environment of nvidia-pytriton."
    )
    parser.add_argument("--out", default="", help="File to write the record to.")
    options = parser.parse_args()
    environment = triton_server.environment(options.triton_python)
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        models = merge(options.bundles, scratch / "repository")
        run_by_shim(scratch / "repository")
        with triton_server.running(environment, scratch / "repository", scratch) as triton:
            server = triton.ask("")
            index = triton.ask("/repository/index", {})
            rows, flat = {}, {}
            for model, (bundle, endpoint, about) in models.items():
                golden = golden_rows.read(bundle / golden_rows.FILE)[endpoint]
                rows[model] = {
                    "bundle": bundle.name,
                    "endpoint": endpoint,
                    "largest_difference": largest_difference(triton, model, golden),
                }
                print(f"{model:40} {rows[model]['largest_difference']:.2g}", flush=True)
                if list(about["inputs"]) == ["seed"]:
                    flat[model] = refusal(triton, model, {"seed": golden.inputs["seed"]})
    states = {entry["name"]: entry["state"] for entry in index}
    passed = (
        states == dict.fromkeys(models, "READY")
        and all(row["largest_difference"] <= golden_rows.TOLERANCE for row in rows.values())
        and all(flat.values())
    )
    measure.write(
        options.out,
        [],
        server={"name": server["name"], "version": server["version"], **environment["versions"]},
        models=rows,
        renamed=RENAMED,
        states=states,
        tolerance=golden_rows.TOLERANCE,
        batches=list(golden_rows.BATCHES),
        seeds_without_a_second_axis=flat,
        passed=passed,
    )
    if not passed:
        raise SystemExit(f"Triton must serve every model. Received: {states}, {rows}, {flat}")


if __name__ == "__main__":
    main()
