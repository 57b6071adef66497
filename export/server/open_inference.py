"""The Open Inference Protocol, version 2, over HTTP: each endpoint is a model of its own.

Reference: the Open Inference Protocol's HTTP/REST page; Triton's extensions "binary tensor data"
and "model repository".
"""

from starlette import requests

import zoo
from export.server import answers, faults, served, tensors

DATATYPES = {"float32": "FP32", "int64": "INT64", "int32": "INT32", "uint8": "UINT8"}


async def server(request: requests.Request) -> answers.Answer:
    """GET /v2"""
    extensions = ["binary_tensor_data", "model_repository"]
    return answers.of({"name": "zoo", "version": zoo.__version__, "extensions": extensions})


async def live(request: requests.Request) -> answers.Answer:
    """GET /v2/health/live"""
    return answers.of({"live": True})


async def ready(request: requests.Request) -> answers.Answer:
    """GET /v2/health/ready"""
    state = request.app.state
    if state.draining or not state.repository.models:
        reason = "is ending" if state.draining else "has no model"
        return answers.of({"ready": False, "error": f"The server {reason}"}, 503)
    return answers.of({"ready": True})


async def metadata(request: requests.Request) -> answers.Answer:
    """GET /v2/models/NAME[/versions/V]"""
    model, endpoint = model_of(request)
    about = model.endpoints[endpoint]
    versions = request.app.state.repository.models[model.name]
    return answers.of(
        {
            "name": request.path_params["name"],
            "versions": [str(version) for version in versions],
            "platform": "onnxruntime_onnx",
            "inputs": [_about(tensor) for tensor in about.inputs.values()],
            "outputs": [_about(tensor) for tensor in about.outputs.values()],
        }
    )


async def model_ready(request: requests.Request) -> answers.Answer:
    """GET /v2/models/NAME[/versions/V]/ready"""
    model_of(request)
    return answers.of({"name": request.path_params["name"], "ready": True})


async def index(request: requests.Request) -> answers.Answer:
    """GET or POST /v2/repository/index"""
    repository = request.app.state.repository
    rows = [
        {
            "name": served.endpoint_model(name, endpoint),
            "version": str(version),
            "state": "READY",
            "reason": "",
        }
        for name, versions in repository.models.items()
        for version, model in versions.items()
        for endpoint in model.endpoints
    ]
    rows += [
        {"name": path.name, "version": "", "state": "UNAVAILABLE", "reason": sentence}
        for path, sentence in repository.failures.items()
    ]
    return answers.of(rows)


async def load(request: requests.Request) -> answers.Answer:
    """POST /v2/repository/models/NAME/load"""
    state, name = request.app.state, request.path_params["name"]
    if state.key is None:
        raise faults.Fault(403, "Models are loaded on request by a server with an API key only")
    before = dict(state.repository.failures)
    await state.refresh()
    failed = {
        path: why for path, why in state.repository.failures.items() if before.get(path) != why
    }
    if failed:
        raise faults.Fault(400, "; ".join(f"{path.name}: {why}" for path, why in failed.items()))
    if name not in state.repository.models:
        state.repository.find_endpoint(name)
    return answers.of({})


def model_of(request: requests.Request) -> tuple[served.Served, str]:
    """Returns the model and the endpoint that the address of a request names.

    Raises:
        Fault: 404 if it is not loaded.
    """
    params = request.path_params
    return request.app.state.repository.find_endpoint(params["name"], params.get("version"))


def _about(tensor: tensors.Tensor) -> dict:
    # a row's one number has an axis of its own, as in a Triton repository
    shape = [-1, *(tensor.shape or (1,))]
    return {"name": tensor.name, "datatype": DATATYPES[tensor.dtype], "shape": shape}
