"""What a model hub reads at the head of a card: licence, tags, task, data and metrics as YAML.

Reference: https://huggingface.co/docs/hub/model-cards#model-card-metadata, with the numbers as in
https://github.com/paperswithcode/model-index
"""

import json
import re

LIBRARY = "keras-generative-zoo"
_PIPELINES = {
    "classify": "image-classification",
    "a_to_b": "image-to-image",
    "sample": "unconditional-image-generation",
}
_OTHER = "other"
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def write(manifest: dict) -> list[str]:
    """Returns the lines of the front matter that follows from a manifest.

    What the manifest does not say is left out. A value is written as JSON, which is YAML too.
    """
    data, task = manifest["data"].get("name"), _pipeline(manifest)
    # a folder or a file of somebody's has no name that a hub knows
    dataset = data if data and _WORD.fullmatch(data) else None
    values = {
        **_licence(manifest["licence"]),
        "library_name": LIBRARY,
        "pipeline_tag": task,
        "tags": _tags(manifest),
        "datasets": [dataset] if dataset else None,
        "metrics": sorted({line["metric"] for line in _numbers(manifest)}),
        "model-index": _index(manifest, task, dataset),
    }
    lines = [f"{key}: {json.dumps(value)}" for key, value in values.items() if value]
    return ["---", *lines, "---"]


def _licence(expression: str | None) -> dict:
    """Returns the hub's keys of an SPDX expression, whose names it writes in small letters."""
    if expression is None:
        return {}
    if re.fullmatch(r"[A-Za-z0-9.+-]+", expression) and not expression.startswith("LicenseRef-"):
        return {"license": expression.lower()}
    return {"license": _OTHER, "license_name": expression}


def _pipeline(manifest: dict) -> str:
    """Returns the hub's name for what the model does; `other` where the hub has none."""
    endpoints = manifest["endpoints"]
    for endpoint, task in _PIPELINES.items():
        about = endpoints.get(endpoint)
        if about and (endpoint != "sample" or _is_unconditional_image(about)):
            return task
    return _OTHER


def _is_unconditional_image(about: dict) -> bool:
    return "image" in about["outputs"] and list(about["inputs"]) == ["seed"]


def _tags(manifest: dict) -> list[str]:
    game = manifest["source"].get("game")
    name = game.get("name") if isinstance(game, dict) else None
    conditional = ["class-conditional"] if manifest["classes"] else []
    return ["onnx", "tensorflow", "keras", *([name] if name else []), *conditional]


def _numbers(manifest: dict) -> list[dict]:
    """Returns the last measurement of each metric that is one number."""
    last = {line.get("metric"): line for line in manifest["metrics"]}
    return [
        line
        for name, line in last.items()
        if isinstance(name, str) and type(line.get("value")) in (int, float)
    ]


def _index(manifest: dict, task: str, dataset: str | None) -> list[dict] | None:
    numbers = _numbers(manifest)
    if not numbers or dataset is None:
        return None
    results = []
    for line in numbers:
        protocol = line.get("protocol")
        examples = protocol.get("examples") if isinstance(protocol, dict) else None
        about = {"name": dataset, "type": dataset} | ({"split": examples} if examples else {})
        metric = {"type": line["metric"], "value": line["value"], "name": line["metric"]}
        results.append({"task": {"type": task}, "dataset": about, "metrics": [metric]})
    return [{"name": manifest["name"], "results": results}]
