"""The lines of code in a model card: a few for each runtime that a bundle can be used from."""

import pathlib

import numpy as np

from export.runtime import backends

_JAVASCRIPT = {"float32": "Float32Array", "int32": "Int32Array", "int64": "BigInt64Array"}
_JAVASCRIPT |= {"uint8": "Uint8Array"}
_ROWS = 4  # rows that a snippet asks for


def lines(manifest: dict) -> list[str]:
    """Returns Markdown: five lines of code for each runtime, on the endpoint easiest to feed.

    Args:
        manifest: Manifest of the bundle.
    """
    endpoints = manifest["endpoints"]
    name = min(
        endpoints, key=lambda key: (not _integers(endpoints[key]), list(endpoints).index(key))
    )
    inputs, outputs = endpoints[name]["inputs"], endpoints[name]["outputs"]
    golden = 'golden = np.load("golden.npz")'
    if _integers(endpoints[name]):
        golden = f"rows = np.arange({_ROWS})"
        values = {key: _rows(about) for key, about in inputs.items()}
    else:
        values = {key: f'golden["{name}/inputs/{key}"][:{_ROWS}]' for key in inputs}
    tf_inputs = ", ".join(f"{key}=tf.constant({value})" for key, value in values.items())
    onnx_inputs = ", ".join(f'"{key}": {value}' for key, value in values.items())
    tensors = [
        f'  {key}: new ort.Tensor("{about["dtype"]}", {_javascript(about)}, '
        f"{[_ROWS, *about['shape'][1:]]}),"
        for key, about in inputs.items()
    ]
    first = next(iter(outputs))
    here = pathlib.PurePosixPath()
    saved_model = backends.saved_model_path(here, manifest)
    graph = backends.onnx_path(here, manifest, name)
    return [
        "Run in this folder. `zoo check .` tests everything that this page says.",
        "",
        "SavedModel in Python:",
        "",
        "```python",
        "import numpy as np",
        "import tensorflow as tf",
        golden,
        f'outputs = tf.saved_model.load("{saved_model}").signatures["{name}"]({tf_inputs})',
        f'print(outputs["{first}"].shape)',
        "```",
        "",
        "TF Serving takes `saved_model` as the model's base path.",
        "",
        "ONNX in Python:",
        "",
        "```python",
        "import numpy as np",
        "import onnxruntime",
        golden,
        f'outputs = onnxruntime.InferenceSession("{graph}").run(["{first}"], {{{onnx_inputs}}})',
        "print(outputs[0].shape)",
        "```",
        "",
        "Triton takes `onnx` as a model repository. A model has the name of its folder, which may "
        "be changed. Where the table above says [B], Triton takes [B, 1].",
        "",
        "ONNX in Python, by the program that made this bundle:",
        "",
        "```python",
        "import numpy as np",
        "import zoo",
        golden,
        f'outputs = zoo.load(".").run("{name}", {{{onnx_inputs}}})',
        f'print(outputs["{first}"].shape)',
        "```",
        "",
        "ONNX in Node, with `npm install onnxruntime-node`:",
        "",
        "```js",
        'const ort = require("onnxruntime-node");',
        "const feeds = {",
        *tensors,
        "};",
        f'ort.InferenceSession.create("{graph}").then((session) => session.run(feeds))'
        f".then((outputs) => console.log(outputs.{first}.dims));",
        "```",
    ]


def _integers(about: dict) -> bool:
    return all(
        tensor["dtype"].startswith("int") and len(tensor["shape"]) == 1
        for tensor in about["inputs"].values()
    )


def _rows(about: dict) -> str:
    """Returns the Python of the first rows of an integer input, such as a seed or a label."""
    rows, count = f'rows.astype("{about["dtype"]}")', about["range"][1] + 1
    return f"{rows} % {count}" if count < _ROWS else rows


def _javascript(about: dict) -> str:
    kind = _JAVASCRIPT[about["dtype"]]
    size = _ROWS * int(np.prod(about["shape"][1:], dtype=np.int64))
    if kind != "BigInt64Array" or size != _ROWS:
        return f"new {kind}({size})"
    count = about["range"][1] + 1
    return f"{kind}.from([{', '.join(f'{row % count}n' for row in range(_ROWS))}])"
