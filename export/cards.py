"""The model card: README.md of a bundle."""

import json

import numpy as np

_JAVASCRIPT = {"float32": "Float32Array", "int32": "Int32Array", "int64": "BigInt64Array"}
_ROWS = 4  # rows that a snippet asks for


def write(manifest: dict) -> str:
    """Returns the card of a bundle; what the manifest does not say is left out.

    Args:
        manifest: Manifest of the bundle, with the largest differences that were measured.
    """
    sections = {
        f"# {manifest['name']}, version {manifest['version']}": _summary(manifest),
        "## How it was trained": _training(manifest),
        "## Numbers": _numbers(manifest),
        "## Licences": _licences(manifest),
        "## Use": _use(manifest),
    }
    return "\n".join(line for title, lines in sections.items() for line in (title, "", *lines, ""))


def _summary(manifest: dict) -> list[str]:
    source, data = manifest["source"], manifest.get("data", {})
    lines = []
    if "name" in data:
        examples = f": examples {list(data['shape'])}" if "shape" in data else ""
        if examples and "value_range" in data:
            bounds = data["value_range"]
            examples += f" in {list(bounds)}" if bounds else ", unbounded"
        lines += [f"A generative model of `{data['name']}`{examples}."]
    game = source.get("game")
    if game:
        after = f" after {source['paper']}" if "paper" in source else ""
        lines += [f"Game `{game['name'] if isinstance(game, dict) else game}`{after}."]
    elif "paper" in source:
        lines += [f"After {source['paper']}."]
    lines += [manifest["provenance"]] if "provenance" in manifest else []
    return [
        *(lines + [""] if lines else []),
        "| endpoint | inputs | outputs |",
        "|---|---|---|",
        *(
            f"| {name} | {_tensors(about['inputs'])} | {_tensors(about['outputs'])} |"
            for name, about in manifest["endpoints"].items()
        ),
        "",
        "`B` is the number of rows; a row's outputs depend on its own inputs only. "
        "An integer without a range is in [0, 2**63).",
        *(
            [f"Pixels became examples by {data['preprocessing']}."]
            if data.get("preprocessing")
            else []
        ),
        *(
            [f"Latents are drawn from {json.dumps(manifest['prior'])}."]
            if "prior" in manifest
            else []
        ),
    ]


def _training(manifest: dict) -> list[str]:
    source, data = manifest["source"], manifest.get("data", {})
    facts = [
        f"`{data['name']}`" if "name" in data else None,
        f"split `{data['split']}`" if "split" in data else None,
        f"{data['count']} examples" if "count" in data else None,
        f"{source['batch_size']} in a move" if "batch_size" in source else None,
    ]
    facts = [fact for fact in facts if fact]
    epochs = f" (the experiment's epochs: {source['epochs']})" if "epochs" in source else ""
    seed = f", seed {source['seed']}" if "seed" in source else ""
    lines = [f"- data: {', '.join(facts)}"] if facts else []
    lines += [f"- steps: {source['step']:,}{epochs}{seed}"]
    for part in ("game", "optimizers"):
        lines += [f"- {part}: `{json.dumps(source[part])}`"] if part in source else []
    versions = source.get("versions", {})
    if versions:
        lines += ["- with: " + ", ".join(f"{name} {text}" for name, text in versions.items())]
    return lines


def _numbers(manifest: dict) -> list[str]:
    golden = manifest["golden"]
    differences = golden["largest_difference"].items()
    return [
        *(
            [f"    {json.dumps(line)}" for line in manifest["metrics"]]
            or ["No metric of this model is recorded."]
        ),
        "",
        "Largest difference from the trained game, at batch "
        f"{', '.join(map(str, golden['batches']))}: "
        + ", ".join(f"{runtime} {value:.1g}" for runtime, value in differences)
        + f". Accepted: {golden['tolerance']:g}, relative to a row's largest value where that is "
        "above 1. `golden.npz` has the inputs and outputs.",
    ]


def _licences(manifest: dict) -> list[str]:
    lines = ["The program that made this bundle is under Apache-2.0."]
    if "name" in manifest.get("data", {}):
        lines += [
            f"The weights were made from `{manifest['data']['name']}`: the terms of that data apply"
            " to what is done with them."
        ]
    if "licence" in manifest:
        return [*lines, f"The licence of the weights: {manifest['licence']}."]
    return [
        *lines,
        "Whoever trained the weights says under which licence they are. "
        "No licence is granted here.",
    ]


def _tensors(described: dict) -> str:
    def one(name, about):
        shape = ", ".join(["B", *map(str, about["shape"][1:])])
        return f"`{name}` {about['dtype']} [{shape}]" + (
            f" in {about['range']}" if about["range"] else ""
        )

    return "; ".join(one(name, about) for name, about in described.items())


def _use(manifest: dict) -> list[str]:
    """Returns five lines for each runtime, on the endpoint that is the easiest to feed."""
    endpoints, version = manifest["endpoints"], manifest["version"]
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
    saved_model, graph = f"saved_model/{version}", f"onnx/{name}/{version}/model.onnx"
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
        "Triton takes `onnx` as a model repository.",
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
    rows = f'rows.astype("{about["dtype"]}")'
    return f"{rows} % {int(about['range'][1]) + 1}" if about["range"] else rows


def _javascript(about: dict) -> str:
    kind = _JAVASCRIPT[about["dtype"]]
    size = _ROWS * int(np.prod(about["shape"][1:], dtype=np.int64))
    if kind != "BigInt64Array" or size != _ROWS:
        return f"new {kind}({size})"
    count = int(about["range"][1]) + 1 if about["range"] else _ROWS
    return f"{kind}.from([{', '.join(f'{row % count}n' for row in range(_ROWS))}])"
