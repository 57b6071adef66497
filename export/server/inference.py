"""Inference by the Open Inference Protocol: tensors as JSON or as binary data after the JSON.

Reference: Triton's extension "binary tensor data".
"""

import numpy as np
import orjson
from starlette import requests

from export.runtime import backends
from export.server import answers, bodies, faults, open_inference, served, tensors

ACCEPTED = (
    "application/json",
    "application/octet-stream",
    "application/vnd.sagemaker-triton.binary+json",
    "application/x-www-form-urlencoded",
)
HEADER = "Inference-Header-Content-Length"
_KEYS = ("id", "parameters", "inputs", "outputs")
_INPUT_KEYS = ("name", "shape", "datatype", "parameters", "data")


async def infer(request: requests.Request) -> answers.Answer:
    """POST /v2/models/NAME[/versions/V]/infer"""
    model, endpoint = open_inference.model_of(request)
    with model:
        body = await bodies.read(request, ACCEPTED)
        length, rows = request.headers.get(HEADER), request.app.state.limits.rows
        asked, inputs, wanted = await bodies.parsed(
            request, body, lambda text: _parse(text, length, model, endpoint, rows)
        )
        outputs = await answers.outputs(
            request, model, endpoint, inputs, text=not all(wanted.values())
        )
        head = {"model_name": request.path_params["name"], "model_version": str(model.version)}
        head |= {"id": asked["id"]} if asked.get("id") else {}
        return await answers.encoded(outputs, lambda: _answer(head, outputs, wanted))


def _parse(
    body: bytes, length: str | None, model: served.Served, endpoint: str, rows: int
) -> tuple[dict, backends.Arrays, dict[str, bool]]:
    """Returns the request, its inputs, and which outputs it wants: as binary data, or not."""
    head, tail = _split(body, length)
    asked = bodies.json(head)
    bodies.check_keys(asked, _KEYS, "An inference request")
    if type(asked.get("id", "")) is not str:
        raise faults.Fault(400, f"`id` must be a string. Received: {faults.shown(asked['id'])}")
    about, arrays, first = model.endpoints[endpoint], {}, 0
    for tensor in _objects(asked, "inputs"):
        bodies.check_keys(tensor, _INPUT_KEYS, "An input")
        name = tensor.get("name")
        if type(name) is not str or name in arrays:
            raise faults.Fault(
                400, f"Inputs need names, each its own. Received: {faults.shown(name)}"
            )
        size = _parameters(tensor).get("binary_data_size")
        if name not in about.inputs:
            arrays[name] = ()  # which `together` refuses by its name
            break
        accepted = about.inputs[name]
        datatype = open_inference.DATATYPES[accepted.dtype]
        if tensor.get("datatype") != datatype:
            received = faults.shown(tensor.get("datatype"))
            raise faults.Fault(400, f"`{name}` must be {datatype}. Received: {received}")
        shape = tensor.get("shape")
        if type(shape) is list and shape and type(shape[0]) is int:
            tensors.check_rows(shape[0], rows)
        if (size is None) == ("data" not in tensor):
            raise faults.Fault(
                400, f"`{name}` needs either `data` or `binary_data_size`. Received: both or none"
            )
        if size is None:
            arrays[name] = tensors.from_data(accepted, tensor["data"], shape)
            continue
        if type(size) is not int or not 0 <= size <= len(tail) - first:
            raise faults.Fault(
                400,
                f"`binary_data_size` of `{name}` must be at most the bytes after the JSON, "
                f"{len(tail) - first}. Received: {faults.shown(size)}",
            )
        arrays[name] = tensors.from_bytes(accepted, tail[first : first + size], shape)
        first += size
    inputs = tensors.together(endpoint, about.inputs, arrays, rows)
    if first != len(tail):
        raise faults.Fault(
            400,
            f"The inputs must take all bytes after the JSON. Received: {len(tail) - first} more",
        )
    return asked, inputs, _wanted(asked, about)


def _split(body: bytes, length: str | None) -> tuple[bytes, bytes]:
    if length is None:
        return body, b""
    if not length.isdecimal() or len(length) > 18 or int(length) > len(body):
        raise faults.Fault(
            400,
            f"`{HEADER}` must be at most the body's {len(body)} bytes. Received: {length[:20]!r}",
        )
    return body[: int(length)], body[int(length) :]


def _objects(value: dict, key: str) -> list[dict]:
    values = value.get(key, [])
    if type(values) is not list or any(type(item) is not dict for item in values):
        raise faults.Fault(
            400, f"`{key}` must be a list of objects. Received: {faults.shown(values)}"
        )
    return values


def _parameters(value: dict) -> dict:
    parameters = value.get("parameters", {})
    if type(parameters) is not dict:
        raise faults.Fault(
            400, f"`parameters` must be an object. Received: {faults.shown(parameters)}"
        )
    for name in ("shared_memory_region", "classification"):
        if name in parameters:
            raise faults.Fault(400, f"The extension {name!r} is not offered. Received: {name!r}")
    return parameters


def _wanted(asked: dict, about: served.Endpoint) -> dict[str, bool]:
    binary = _flag(_parameters(asked), "binary_data_output", False)
    wanted = {}
    for output in _objects(asked, "outputs"):
        bodies.check_keys(output, ("name", "parameters"), "An output")
        name = output.get("name")
        if type(name) is not str or name not in about.outputs or name in wanted:
            raise faults.Fault(
                400,
                f"`outputs` must be among {', '.join(about.outputs)}, each once. "
                f"Received: {faults.shown(name)}",
            )
        wanted[name] = _flag(_parameters(output), "binary_data", binary)
    return wanted or dict.fromkeys(about.outputs, binary)


def _flag(parameters: dict, name: str, default: bool) -> bool:
    value = parameters.get(name, default)
    if type(value) is not bool:
        raise faults.Fault(400, f"`{name}` must be true or false. Received: {faults.shown(value)}")
    return value


def _answer(head: dict, outputs: backends.Arrays, wanted: dict[str, bool]) -> answers.Answer:
    described, tail = [], []
    for name, binary in wanted.items():
        value = outputs[name]
        about = {
            "name": name,
            "datatype": open_inference.DATATYPES[str(value.dtype)],
            # a row's one number has an axis of its own, as in a Triton repository
            "shape": [len(value), *(value.shape[1:] or (1,))],
        }
        if binary:
            tail.append(np.ascontiguousarray(value, value.dtype.newbyteorder("<")).tobytes())
            about["parameters"] = {"binary_data_size": value.nbytes}
        else:
            about["data"] = answers.numbers(value.reshape(-1))
        described.append(about)
    text = orjson.dumps({**head, "outputs": described})
    if not tail:
        return answers.Answer(text)
    headers = {HEADER: str(len(text))}
    body = b"".join([text, *tail])
    return answers.Answer(body, headers=headers, media_type="application/octet-stream")
