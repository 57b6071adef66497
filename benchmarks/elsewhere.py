"""Runs the ONNX graphs of bundles in OpenVINO and in Node, and compares them with golden values.

    python benchmarks/elsewhere.py BUNDLE… --openvino-python=PATH --node-modules=DIR \\
        --out=results/deployment/elsewhere.json

Each runtime has an environment of its own:

    python3 -m venv openvino-venv && openvino-venv/bin/pip install openvino numpy
    ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node

A runtime is a program that reads tasks from a folder and writes the answers next to them.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import measure
import numpy as np

from export.runtime import backends, bundles, golden_rows

HERE = pathlib.Path(__file__).parent


def write_tasks(opened: list[bundles.Bundle], folder: pathlib.Path) -> list[dict]:
    """Writes the golden inputs of every endpoint at batch 1, 3 and 64, as files of raw numbers.

    Returns:
        The tasks, as tasks.json has them. A tensor has `name`, `dtype`, `shape` and `file`.
    """
    tasks = []
    for number, bundle in enumerate(opened):
        goldens = golden_rows.read(bundle.path / golden_rows.FILE)
        for endpoint, about in bundle.manifest["endpoints"].items():
            for rows in golden_rows.BATCHES:
                task = {
                    "bundle": number,
                    "endpoint": endpoint,
                    "graph": str(backends.onnx_path(bundle.path, bundle.manifest, endpoint)),
                }
                for side in ("inputs", "outputs"):
                    task[side] = [
                        {
                            "name": name,
                            "dtype": tensor["dtype"],
                            "shape": [rows, *tensor["shape"][1:]],
                            "file": f"{number}_{endpoint}_{rows}_{side}_{name}",
                        }
                        for name, tensor in about[side].items()
                    ]
                for tensor in task["inputs"]:
                    value = goldens[endpoint].inputs[tensor["name"]][:rows]
                    np.ascontiguousarray(value).tofile(folder / tensor["file"])
                tasks.append(task)
    (folder / "tasks.json").write_text(json.dumps(tasks))
    return tasks


def differences(
    opened: list[bundles.Bundle], tasks: list[dict], folder: pathlib.Path
) -> dict[str, dict[str, float]]:
    """Returns the largest difference of the answers from golden values, by bundle and endpoint."""
    largest = {}
    for task in tasks:
        bundle = opened[task["bundle"]]
        golden = golden_rows.read(bundle.path / golden_rows.FILE)[task["endpoint"]]
        row = largest.setdefault(bundle.manifest["name"], {})
        for tensor in task["outputs"]:
            values = np.fromfile(folder / tensor["file"], tensor["dtype"])
            expected = golden.outputs[tensor["name"]][: tensor["shape"][0]]
            value = golden_rows.difference(values.reshape(tensor["shape"]), expected)
            row[task["endpoint"]] = max(row.get(task["endpoint"], 0.0), value)
    return largest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", nargs="+", help="Directories of bundles of different names.")
    parser.add_argument("--openvino-python", required=True, help="Interpreter with OpenVINO.")
    parser.add_argument("--node-modules", required=True, help="node_modules with onnxruntime-node.")
    parser.add_argument("--out", default="", help="File to write the record to.")
    options = parser.parse_args()
    openvino = [options.openvino_python, str(HERE / "elsewhere_openvino.py")]
    node = ["node", str(HERE / "elsewhere_node.js")]
    opened = [bundles.load(path) for path in options.bundles]
    runtimes = {}
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        tasks = write_tasks(opened, folder)
        for runtime, command in {
            "openvino, as it is": [*openvino, directory],
            "openvino, f32": [*openvino, directory, "f32"],
            "node": [*node, directory, options.node_modules],
        }.items():
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            runtimes[runtime] = {
                "versions": json.loads(done.stdout.splitlines()[-1]),
                "largest_difference": differences(opened, tasks, folder),
            }
            print(runtime, runtimes[runtime], flush=True)
    measure.write(
        options.out,
        [],
        runtimes=runtimes,
        tolerance=golden_rows.TOLERANCE,
        batches=list(golden_rows.BATCHES),
    )


if __name__ == "__main__":
    main()
