"""Warm-up requests of TF Serving, without the package tensorflow-serving-api or TensorFlow.

Reference: the field numbers are those of tensorflow_serving/apis/prediction_log.proto,
predict.proto and model.proto.
"""

import math
import pathlib

import numpy as np
from google.protobuf import message

from export.runtime import (
    documents,
    golden_rows,
    messages,
    records,
    saved_model_messages,
    tensors,
)

FILE = pathlib.PurePosixPath("assets.extra", "tf_serving_warmup_requests")
# a TensorProto is declared as bytes, the same when serialized
_CLASSES = messages.classes(
    "zoo.warm_up",
    """
    message ModelSpec { string name = 1; string signature_name = 3; }
    message Input { string key = 1; bytes value = 2; }
    message PredictRequest { ModelSpec model_spec = 1; repeated Input inputs = 2; }
    message PredictLog { PredictRequest request = 1; }
    message PredictionLog { PredictLog predict_log = 6; }
    """,
)
_TENSOR = saved_model_messages.CLASSES["TensorProto"]
_DTYPES = {saved_model_messages.DTYPES[name]: name for name in tensors.SIZES}


def write(path: pathlib.Path, goldens: dict[str, golden_rows.Golden]) -> None:
    """Writes one request for each endpoint, its first golden row, into a SavedModel."""
    (path / FILE).parent.mkdir()
    firsts = {
        name: {key: value[:1] for key, value in golden.inputs.items()}
        for name, golden in goldens.items()
    }
    records.write(path / FILE, (encode(name, inputs) for name, inputs in firsts.items()))


def read(path: pathlib.Path) -> list[tuple[str, dict[str, np.ndarray]]]:
    """Returns the warm-up requests of a SavedModel: pairs (signature, inputs).

    Raises:
        ValueError: If they are no requests.
    """
    return [decode(record) for record in records.read(path / FILE)]


def check(path: pathlib.Path, goldens: dict[str, golden_rows.Golden]) -> None:
    """Checks that there is one request for each endpoint, and that it asks for the golden row.

    Raises:
        ValueError: If a request is missing, extra or another.
    """
    asked = read(path)
    names = [name for name, _ in asked]
    if sorted(names) != sorted(goldens):
        raise ValueError(
            f"Warm-up must ask every endpoint once, {sorted(goldens)}. "
            f"Received: {documents.shown(names)}"
        )
    for name, inputs in asked:
        golden = {key: value[:1] for key, value in goldens[name].inputs.items()}
        equal = inputs.keys() == golden.keys() and all(
            value.dtype == golden[key].dtype and np.array_equal(value, golden[key])
            for key, value in inputs.items()
        )
        if not equal:
            raise ValueError(
                f"Warm-up must ask {name!r} for its first golden row. Received: other inputs, "
                f"{documents.shown(sorted(inputs))}"
            )


def encode(signature: str, inputs: dict[str, np.ndarray]) -> bytes:
    """Returns a serialized PredictionLog that asks one signature for its outputs."""
    log = _CLASSES["PredictionLog"]()
    request = log.predict_log.request
    # TF Serving puts its own model's name there
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        tensor = _TENSOR(
            dtype=saved_model_messages.DTYPES[value.dtype.name],
            tensor_content=np.ascontiguousarray(value, value.dtype.newbyteorder("<")).tobytes(),
        )
        tensor.tensor_shape.SetInParent()
        for size in value.shape:
            tensor.tensor_shape.dim.add(size=size)
        request.inputs.add(key=name, value=tensor.SerializeToString())
    return log.SerializeToString()


def decode(record: bytes) -> tuple[str, dict[str, np.ndarray]]:
    """Returns the signature and the inputs of a serialized PredictionLog.

    Raises:
        ValueError: If it is another message, or a tensor has more or fewer values than its shape.
    """
    log = messages.parse(_CLASSES["PredictionLog"], record, FILE.name)
    request = log.predict_log.request
    inputs = {
        entry.key: _array(messages.parse(_TENSOR, entry.value, FILE.name))
        for entry in request.inputs
    }
    return request.model_spec.signature_name, inputs


def _array(tensor: message.Message) -> np.ndarray:
    shape = [axis.size for axis in tensor.tensor_shape.dim]
    if tensor.dtype not in _DTYPES:
        raise ValueError(
            f"Warm-up must hold {', '.join(_DTYPES.values())}. Received: type {tensor.dtype}"
        )
    dtype = np.dtype(_DTYPES[tensor.dtype]).newbyteorder("<")
    values = np.frombuffer(tensor.tensor_content, dtype) if tensor.tensor_content else None
    if values is None:  # TensorFlow writes a single number so
        typed = [*tensor.float_val, *tensor.int_val, *tensor.int64_val]
        values = np.asarray(typed, dtype)
    if min(shape, default=0) < 0 or values.size != math.prod(shape):
        raise ValueError(
            f"A tensor of {FILE.name} must have the values of its shape. "
            f"Received: {values.size} for {documents.shown(shape)}"
        )
    return values.reshape(shape).astype(dtype.newbyteorder("="))
