"""The REST interface of TensorFlow Serving: predict, status and metadata of a model.

Reference: "RESTful API" in the guide of TensorFlow Serving.
"""

import orjson
from starlette import requests

from export.runtime import backends
from export.server import answers, bodies, served, tensors
from export.server.faults import Fault, shown

# the last is what curl sends with -d, as the guide has it
ACCEPTED = ("application/json", "application/x-www-form-urlencoded")
_DTYPES = {"float32": "DT_FLOAT", "int64": "DT_INT64", "int32": "DT_INT32", "uint8": "DT_UINT8"}


async def predict(request: requests.Request) -> answers.Answer:
    """POST /v1/models/NAME[/versions/V]:predict"""
    with model_of(request) as model:
        body = await bodies.read(request, ACCEPTED)
        rows = request.app.state.limits.rows
        endpoint, inputs, by_row = await bodies.parsed(
            request, body, lambda text: _parse(bodies.json(text), model, rows)
        )
        outputs = await answers.outputs(request, model, endpoint, inputs, text=True)
        encode = _by_row if by_row else _by_column
        return answers.Answer(await answers.encoded(outputs, lambda: encode(outputs)))


async def status(request: requests.Request) -> answers.Answer:
    """GET /v1/models/NAME[/versions/V]"""
    models = [model_of(request)]
    if "version" not in request.path_params:
        models = request.app.state.repository.models[models[0].name].values()
    return answers.of(
        {
            "model_version_status": [
                {
                    "version": str(model.version),
                    "state": "AVAILABLE",
                    "status": {"error_code": "OK", "error_message": ""},
                }
                for model in models
            ]
        }
    )


async def metadata(request: requests.Request) -> answers.Answer:
    """GET /v1/models/NAME[/versions/V]/metadata"""
    model = model_of(request)
    signatures = {
        name: {
            "inputs": {key: _info(tensor) for key, tensor in endpoint.inputs.items()},
            "outputs": {key: _info(tensor) for key, tensor in endpoint.outputs.items()},
            "method_name": "tensorflow/serving/predict",
        }
        for name, endpoint in model.endpoints.items()
    }
    signatures["serving_default"] = signatures[model.default]
    spec = {"name": model.name, "signature_name": "", "version": str(model.version)}
    return answers.of(
        {
            "model_spec": spec,
            "metadata": {"signature_def": {"signature_def": signatures}},
        }
    )


def model_of(request: requests.Request) -> served.Served:
    """Returns the model that the address of a request names.

    Raises:
        Fault: 404 if it is not loaded.
    """
    params = request.path_params
    return request.app.state.repository.find(params["name"], params.get("version"))


def _parse(body: dict, model: served.Served, rows: int) -> tuple[str, backends.Arrays, bool]:
    """Returns the endpoint, its inputs, and whether the answer is a list of rows."""
    bodies.check_keys(body, ("signature_name", "instances", "inputs"), "A predict request")
    if ("instances" in body) == ("inputs" in body):
        raise Fault(
            400, f"A predict request needs either `instances` or `inputs`. Received: {list(body)}"
        )
    name = body.get("signature_name", "serving_default")
    endpoint = model.signature(name or "serving_default")
    accepted = model.endpoints[endpoint].inputs
    by_row = "instances" in body
    columns = _columns(body["instances"], accepted, rows) if by_row else body["inputs"]
    if type(columns) is not dict:
        columns = {_only(accepted): columns}
    arrays = {}
    for key, value in columns.items():
        if key in accepted:
            if type(value) is list:
                tensors.check_rows(len(value), rows)
            arrays[key] = tensors.from_rows(accepted[key], value)
        else:
            arrays[key] = ()  # which `together` refuses by its name
    return endpoint, tensors.together(endpoint, accepted, arrays, rows), by_row


def _columns(instances, accepted: dict[str, tensors.Tensor], rows: int) -> dict[str, list]:
    """Returns the rows of each input from a list of rows."""
    if type(instances) is not list or not instances:
        raise Fault(
            400, f"`instances` must be a list of at least one row. Received: {shown(instances)}"
        )
    tensors.check_rows(len(instances), rows)
    kinds = set(map(type, instances))
    if dict not in kinds:
        return {_only(accepted): instances}
    keys = list(instances[0]) if type(instances[0]) is dict else []
    if kinds != {dict} or any(row.keys() != instances[0].keys() for row in instances) or not keys:
        raise Fault(
            400, "Rows of `instances` must all be objects with the same keys. Received: others"
        )
    return {key: [row[key] for row in instances] for key in keys}


def _only(accepted: dict[str, tensors.Tensor]) -> str:
    """Returns the one input that need not be named."""
    needed = [name for name, tensor in accepted.items() if tensor.stream is None]
    if len(needed) != 1:
        raise Fault(
            400,
            f"The inputs must be named, since there are several: {', '.join(needed)}. "
            "Received: values without names",
        )
    return needed[0]


def _by_row(outputs: backends.Arrays) -> bytes:
    columns = list(outputs.values())
    if len(columns) == 1:
        return orjson.dumps({"predictions": answers.numbers(columns[0])})
    rows = [
        {name: answers.number(value[i]) for name, value in outputs.items()}
        for i in range(len(columns[0]))
    ]
    return orjson.dumps({"predictions": rows})


def _by_column(outputs: backends.Arrays) -> bytes:
    columns = {name: answers.numbers(value) for name, value in outputs.items()}
    return orjson.dumps({"outputs": columns if len(columns) > 1 else next(iter(columns.values()))})


def _info(tensor: tensors.Tensor) -> dict:
    sizes = [{"size": str(size), "name": ""} for size in (-1, *tensor.shape)]
    return {
        "dtype": _DTYPES[tensor.dtype],
        "tensor_shape": {"dim": sizes, "unknown_rank": False},
        "name": tensor.name,
    }
