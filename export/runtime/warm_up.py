"""Warm-up requests of TF Serving, without the package tensorflow-serving-api.

Reference: the field numbers are those of tensorflow_serving/apis/prediction_log.proto,
predict.proto and model.proto.
"""

import pathlib

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from export.runtime import golden_rows

FILE = pathlib.Path("assets.extra", "tf_serving_warmup_requests")
_FIELD = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "zoo.warm_up"
# message -> (field, number, type); a TensorProto is declared as bytes, the same when serialized
_MESSAGES = {
    "ModelSpec": (("name", 1, "string"), ("signature_name", 3, "string")),
    "Input": (("key", 1, "string"), ("value", 2, "bytes")),  # an entry of map<string, TensorProto>
    "PredictRequest": (("model_spec", 1, "ModelSpec"), ("inputs", 2, "Input")),
    "PredictLog": (("request", 1, "PredictRequest"),),
    "PredictionLog": (("predict_log", 6, "PredictLog"),),
}


def write(path: pathlib.Path, goldens: dict[str, golden_rows.Golden]) -> None:
    """Writes one request for each endpoint, its first golden row, into a SavedModel."""
    import tensorflow as tf

    (path / FILE).parent.mkdir()
    with tf.io.TFRecordWriter(str(path / FILE)) as file:
        for name, golden in goldens.items():
            file.write(encode(name, {key: value[:1] for key, value in golden.inputs.items()}))


def read(path: pathlib.Path) -> list[tuple[str, dict[str, np.ndarray]]]:
    """Returns the warm-up requests of a SavedModel: pairs (signature, inputs)."""
    import tensorflow as tf

    return [decode(record.numpy()) for record in tf.data.TFRecordDataset(str(path / FILE))]


def encode(signature: str, inputs: dict[str, np.ndarray]) -> bytes:
    """Returns a serialized PredictionLog that asks one signature for its outputs."""
    import tensorflow as tf

    log = _prediction_log()
    request = log.predict_log.request
    # TF Serving puts its own model's name there
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        request.inputs.add(key=name, value=tf.make_tensor_proto(value).SerializeToString())
    return log.SerializeToString()


def decode(record: bytes) -> tuple[str, dict[str, np.ndarray]]:
    """Returns the signature and the inputs of a serialized PredictionLog."""
    import tensorflow as tf
    from tensorflow.core.framework import tensor_pb2

    request = _prediction_log().FromString(record).predict_log.request
    inputs = {
        entry.key: tf.make_ndarray(tensor_pb2.TensorProto.FromString(entry.value))
        for entry in request.inputs
    }
    return request.model_spec.signature_name, inputs


def _prediction_log():
    file = descriptor_pb2.FileDescriptorProto(
        name="zoo/warm_up.proto", package=_PACKAGE, syntax="proto3"
    )
    for message, fields in _MESSAGES.items():
        declared = file.message_type.add(name=message)
        for name, number, kind in fields:
            label = _FIELD.LABEL_REPEATED if kind == "Input" else _FIELD.LABEL_OPTIONAL
            field = declared.field.add(name=name, number=number, label=label)
            if kind in _MESSAGES:
                field.type, field.type_name = _FIELD.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
            else:
                field.type = _FIELD.TYPE_STRING if kind == "string" else _FIELD.TYPE_BYTES
    # a pool of its own, so that tensorflow-serving-api can be imported in the same program
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName(f"{_PACKAGE}.PredictionLog")
    )()
