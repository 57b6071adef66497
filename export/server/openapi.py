"""The OpenAPI document of the routes, made from the manifests of the models that are loaded."""

import zoo
from export.server import open_inference, people, served, tensors

_TEXT = {"type": "string"}


def document(state) -> dict:
    """Returns the OpenAPI 3.1 document.

    Args:
        state: State of the application.
    """
    paths = {
        "/v2": _get("Name, version and extensions of the server", "Open Inference Protocol"),
        "/v2/health/live": _get("Whether the server runs", "Open Inference Protocol", key=False),
        "/v2/health/ready": _get(
            "Whether the server takes requests", "Open Inference Protocol", key=False
        ),
        "/v2/repository/index": {
            **_get("All models and their states", "Open Inference Protocol"),
            **_post("All models and their states", "Open Inference Protocol", None),
        },
        "/metrics": _get("Counters for Prometheus", "Server", kind="text/plain"),
        "/": _get("The models, for people", "Server", kind="text/html"),
    }
    for versions in state.repository.models.values():
        newest = next(iter(versions.values()))
        bases = [("", newest)] + [(f"/versions/{v}", model) for v, model in versions.items()]
        for suffix, model in bases:
            paths |= _v1(f"/v1/models/{model.name}{suffix}", model, state.limits)
            for endpoint in model.endpoints:
                name = served.endpoint_model(model.name, endpoint)
                paths |= _v2(f"/v2/models/{name}{suffix}", model.endpoints[endpoint], state.limits)
    components = {
        "schemas": {
            "Error": {
                "type": "object",
                "required": ["error"],
                "properties": {"error": _TEXT},
            }
        }
    }
    info = {"title": "zoo serve", "version": zoo.__version__}
    described = {"openapi": "3.1.0", "info": info, "paths": paths, "components": components}
    if state.key is not None:
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        described["security"] = [{"bearer": []}, {"header": []}]
    return described


def _v1(base: str, model: served.Served, bounds) -> dict:
    signatures = [{"serving_default": model.default}, *({name: name} for name in model.endpoints)]
    forms = [
        form
        for signature in signatures
        for name, endpoint in signature.items()
        for form in _forms(name, model.endpoints[endpoint], bounds.rows)
    ]
    answer = {
        "type": "object",
        "properties": {"predictions": {"type": "array"}, "outputs": {"type": ["array", "object"]}},
    }
    tag = f"TensorFlow Serving: {model.name}"
    paths = {
        base: _get("State of the versions", tag),
        f"{base}/metadata": _get("Inputs and outputs of the signatures", tag),
        f"{base}/card": _get("Model card", tag, kind="text/plain"),
        f"{base}:predict": _post("Outputs of rows", tag, {"anyOf": forms}, answer),
    }
    if "sample" in model.endpoints:
        paths[f"{base}:sample"] = _sample(tag, model, bounds)
    return paths


def _forms(name: str, endpoint: served.Endpoint, rows: int) -> list[dict]:
    """Returns the schemas of a predict request to one signature: by row and by column."""
    tensor_of = endpoint.inputs
    needed = [key for key, tensor in tensor_of.items() if tensor.stream is None]
    row = _object({key: _row(tensor) for key, tensor in tensor_of.items()}, needed)
    columns = _object({key: _column(tensor, rows) for key, tensor in tensor_of.items()}, needed)
    signature = {"signature_name": {"const": name}}
    required = [] if name == "serving_default" else ["signature_name"]
    by_row = {"type": "array", "items": row, "minItems": 1, "maxItems": rows}
    forms = [
        _object({**signature, "instances": by_row}, [*required, "instances"]),
        _object({**signature, "inputs": columns}, [*required, "inputs"]),
    ]
    if len(needed) == 1:
        column = _column(tensor_of[needed[0]], rows)
        forms += [_object({**signature, key: column}, [*required, key]) for key in _BOTH]
    return forms


_BOTH = ("instances", "inputs")


def _v2(base: str, endpoint: served.Endpoint, bounds) -> dict:
    inputs = [
        _object(
            {
                "name": {"const": name},
                "datatype": {"const": open_inference.DATATYPES[tensor.dtype]},
                "shape": {
                    "type": "array",
                    "prefixItems": [
                        {"type": "integer", "minimum": 1, "maximum": bounds.rows},
                        *({"const": size} for size in tensor.shape or (1,)),
                    ],
                    "items": False,
                    "minItems": 1 + len(tensor.shape or (1,)),
                },
                "data": {"anyOf": [_column(tensor, bounds.rows), _flat(tensor, bounds.rows)]},
                "parameters": {"type": "object"},
            },
            ["name", "datatype", "shape", "data"],
        )
        for name, tensor in endpoint.inputs.items()
    ]
    asked = _object(
        {
            "id": _TEXT,
            "inputs": {"type": "array", "prefixItems": inputs, "items": False},
            "outputs": {
                "type": "array",
                "items": _object({"name": {"enum": list(endpoint.outputs)}}, ["name"]),
                "maxItems": 1,
            },
        },
        ["inputs"],
    )
    answer = {"type": "object", "required": ["model_name", "model_version", "outputs"]}
    tag = "Open Inference Protocol"
    return {
        base: _get("Inputs and outputs", tag),
        f"{base}/ready": _get("Whether the model takes requests", tag),
        f"{base}/infer": _post("Outputs of rows", tag, asked, answer),
    }


def _sample(tag: str, model: served.Served, bounds) -> dict:
    queries = {
        "seed": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0},
        "num": {"type": "integer", "minimum": 1, "maximum": bounds.rows, "default": 16},
        "format": {"enum": list(people.FORMATS), "default": "png"},
    }
    if "label" in model.endpoints["sample"].inputs:
        queries["label"] = {"type": "integer", "minimum": 0, "maximum": model.classes - 1}
    described = _get("Samples, for people", tag, kind="image/png")
    content = described["get"]["responses"]["200"]["content"]
    content |= {"application/json": {}, "application/octet-stream": {}}
    described["get"]["parameters"] = [
        {"name": name, "in": "query", "schema": schema} for name, schema in queries.items()
    ]
    return described


def _row(tensor: tensors.Tensor) -> dict:
    """Returns the schema of one row of a tensor."""
    if tensor.integral:
        number = {"type": "integer", "minimum": tensor.low, "maximum": min(tensor.high, 2**53)}
        decimal = {"type": "string", "pattern": "^[0-9]{1,18}$"}
        schema = {"anyOf": [number, decimal]} if tensor.high > 2**53 else number
    else:
        schema = {"type": "number", "minimum": tensor.low, "maximum": tensor.high}
    for size in reversed(tensor.shape):
        schema = {"type": "array", "items": schema, "minItems": size, "maxItems": size}
    return schema


def _column(tensor: tensors.Tensor, rows: int) -> dict:
    return {"type": "array", "items": _row(tensor), "minItems": 1, "maxItems": rows}


def _flat(tensor: tensors.Tensor, rows: int) -> dict:
    size = 1
    for side in tensor.shape:
        size *= side
    flat = _row(tensor._replace(shape=()))
    return {"type": "array", "items": flat, "minItems": size, "maxItems": size * rows}


def _object(properties: dict, required: list[str]) -> dict:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _get(summary: str, tag: str, *, kind: str = "application/json", key: bool = True) -> dict:
    described = {"summary": summary, "tags": [tag], "responses": _responses(kind, {})}
    return {"get": described if key else {**described, "security": []}}


def _post(summary: str, tag: str, asked: dict | None, answer: dict | None = None) -> dict:
    described = {
        "summary": summary,
        "tags": [tag],
        "responses": _responses("application/json", answer or {}),
    }
    if asked is not None:
        content = {"application/json": {"schema": asked}}
        described["requestBody"] = {"required": True, "content": content}
    return {"post": described}


def _responses(kind: str, schema: dict) -> dict:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        "200": {"description": "The answer", "content": {kind: {"schema": schema}}},
        "default": {"description": "Why there is no answer", "content": content},
    }
