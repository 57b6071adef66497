"""The model card: README.md of a bundle."""

import json

import numpy as np

_KINDS = {"float32": "Float32Array", "int32": "Int32Array", "int64": "BigInt64Array"}


def write(manifest: dict) -> str:
    """Returns the card of a bundle.

    Args:
        manifest: Its manifest, with the differences measured.
    """
    source, data = manifest["source"], manifest["data"]
    value_range = data["value_range"]
    lines = [
        f"# {manifest['name']}, version {manifest['version']}",
        "",
        f"A generative model of `{data['name']}`: examples {data['shape']}"
        + (f" in {value_range}." if value_range else ", unbounded."),
        f"Game `{source['game']['name']}` after {source['paper']}.",
        "",
        "| endpoint | inputs | outputs |",
        "|---|---|---|",
        *(
            f"| {name} | {_tensors(about['inputs'])} | {_tensors(about['outputs'])} |"
            for name, about in manifest["endpoints"].items()
        ),
        "",
        "`B` is the number of rows; a row's outputs depend on its own inputs only. Integers are in [0, 2**63).",
        *([f"Pixels became examples by {data['preprocessing']}."] if data["preprocessing"] else []),
        *(
            [f"Latents are drawn from {json.dumps(manifest['prior'])}."]
            if manifest["prior"]
            else []
        ),
        "",
        "## How it was trained",
        "",
        f"- data: `{data['name']}`, split `{data['split']}`, {data['count']} examples, {source['batch_size']} in a move",
        f"- steps: {source['step']:,} (the experiment's epochs: {source['epochs']}), seed {source['seed']}",
        f"- game: `{json.dumps(source['game'])}`",
        f"- optimizers: `{json.dumps(source['optimizers'])}`",
        "- with: " + ", ".join(f"{name} {version}" for name, version in source["versions"].items()),
        "",
        "## Numbers",
        "",
        *(
            [f"    {json.dumps(line)}" for line in manifest["metrics"]]
            or ["None has been measured on this run."]
        ),
        "",
        f"Largest difference from the trained game, at batch {', '.join(map(str, manifest['golden']['batches']))}: "
        + ", ".join(
            f"{runtime} {value:.1g}"
            for runtime, value in manifest["golden"]["largest_difference"].items()
        )
        + f". Accepted: {manifest['golden']['tolerance']:g}, relative to a row's largest value where that is above 1. `golden.npz` has the inputs and outputs.",
        "",
        "## Licences",
        "",
        f"The program that made this bundle is under Apache-2.0. The weights were made from `{data['name']}`: the terms of that data apply to",
        "what is done with them, and whoever trained them says under which licence they are. No licence is granted here.",
        "",
        "## Use",
        "",
        "Run in this folder. `zoo check .` tests everything that this page says.",
        "",
        *_snippets(manifest),
    ]
    return "\n".join(lines)


def _tensors(described: dict) -> str:
    def one(name, about):
        shape = ", ".join(["B", *map(str, about["shape"][1:])])
        return f"`{name}` {about['dtype']} [{shape}]" + (
            f" in {about['range']}" if about["range"] else ""
        )

    return "; ".join(one(name, about) for name, about in described.items())


def _snippets(manifest: dict) -> list[str]:
    """Returns five lines for each runtime, on the endpoint that is the easiest to feed."""
    endpoints, version = manifest["endpoints"], manifest["version"]
    name = min(
        endpoints, key=lambda key: (not _integers(endpoints[key]), list(endpoints).index(key))
    )
    inputs, outputs = endpoints[name]["inputs"], endpoints[name]["outputs"]
    golden = 'golden = np.load("golden.npz")'
    if _integers(endpoints[name]):
        golden = "rows = np.arange(4)"
        values = {
            key: f"rows.astype({about['dtype']!r})".replace("'", '"')
            for key, about in inputs.items()
        }
    else:
        values = {key: f'golden["{name}/inputs/{key}"][:4]' for key in inputs}
    fed = ", ".join(f"{key}=tf.constant({value})" for key, value in values.items())
    fed_onnx = ", ".join(f'"{key}": {value}' for key, value in values.items())
    tensors = [
        f'  {key}: new ort.Tensor("{about["dtype"]}", {_javascript(about)}, {[4, *about["shape"][1:]]}),'
        for key, about in inputs.items()
    ]
    first = next(iter(outputs))
    return [
        "SavedModel in Python:",
        "",
        "```python",
        "import numpy as np",
        "import tensorflow as tf",
        golden,
        f'outputs = tf.saved_model.load("saved_model/{version}").signatures["{name}"]({fed})',
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
        f'outputs = onnxruntime.InferenceSession("onnx/{name}/{version}/model.onnx").run(["{first}"], {{{fed_onnx}}})',
        "print(outputs[0].shape)",
        "```",
        "",
        "Triton takes `onnx` as a model repository.",
        "",
        "ONNX in Node, with `npm install onnxruntime-node`:",
        "",
        "```js",
        'const ort = require("onnxruntime-node");',
        "const feeds = {",
        *tensors,
        "};",
        f'ort.InferenceSession.create("onnx/{name}/{version}/model.onnx").then((session) => session.run(feeds)).then((outputs) => '
        f"console.log(outputs.{first}.dims));",
        "```",
        "",
    ]


def _integers(about: dict) -> bool:
    return all(
        tensor["dtype"].startswith("int") and len(tensor["shape"]) == 1
        for tensor in about["inputs"].values()
    )


def _javascript(about: dict) -> str:
    kind, size = _KINDS[about["dtype"]], 4 * int(np.prod(about["shape"][1:], dtype=np.int64))
    return (
        f"{kind}.from([0n, 1n, 2n, 3n])"
        if kind == "BigInt64Array" and size == 4
        else f"new {kind}({size})"
    )
