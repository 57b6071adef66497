"""One ONNX graph per endpoint, laid out as Triton, KServe and OpenVINO read a model repository."""

import importlib.metadata
import math
import pathlib
from collections.abc import Sequence

import keras
import onnx
import tensorflow as tf

from export import functions, onnx_weights, weight_formats
from export.runtime import layouts, onnx_checks, onnx_files, onnx_texts, triton
from zoo.games import endpoints

LARGE = 2**20  # bytes of a weight that the converter does not see


def write(
    path: pathlib.Path,
    name: str,
    endpoint: endpoints.Endpoint,
    described: dict,
    properties: dict[str, str],
    weights: Sequence[keras.Variable] = (),
    *,
    layout: str = layouts.LAST,
    kernels: Sequence[tuple[keras.Variable, weight_formats.Stored]] = (),
) -> None:
    """Writes a graph, and config.pbtxt next to the folder of its version; prints its size.

    Args:
        path: File of the graph, in the folder of its version in the folder of the model.
        name: Name of the endpoint.
        endpoint: The endpoint.
        described: Its inputs and outputs as in a manifest.
        properties: Texts by name that the graph records.
        weights: The variables that the endpoint may use. The converter copies every weight that it
            knows some thirty times, so it does not see those above a megabyte.
        layout: Order of the axes of images, one of `layouts.LAYOUTS`.
        kernels: Those of the weights that are written in another format, and as what.
    """
    model = convert(name, endpoint, described, properties, weights, layout=layout, kernels=kernels)
    path.parent.mkdir(parents=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
    (path.parent.parent / "config.pbtxt").write_text(triton.config(described))
    print(f"  ONNX {name}: {path.stat().st_size:,} bytes", flush=True)


def convert(
    name: str,
    endpoint: endpoints.Endpoint,
    described: dict,
    properties: dict[str, str],
    weights: Sequence[keras.Variable] = (),
    *,
    layout: str = layouts.LAST,
    kernels: Sequence[tuple[keras.Variable, weight_formats.Stored]] = (),
) -> onnx.ModelProto:
    """Returns the endpoint as a checked ONNX model with the weights in it; see `write`."""
    import tf2onnx

    used = {id(v) for v in functions.function(endpoint).get_concrete_function().variables}
    kept = {id(weight): value for weight, value in kernels}
    large = [w for w in weights if id(w.value) in used and (_bytes(w) >= LARGE or id(w) in kept)]
    function = functions.function(endpoint, large)
    model, _ = tf2onnx.convert.from_function(
        function, input_signature=function.input_signature, opset=onnx_checks.OPSET
    )
    names = [spec.name for spec in function.input_signature[len(endpoint.inputs) :]]
    values = [kept.get(id(w)) or weight_formats.Stored(w.numpy()) for w in large]
    put_in = onnx_weights.put_in(model, dict(zip(names, values)))
    onnx_weights.put_in_order(model, put_in)
    used = {node.domain for node in model.graph.node}
    # tf2onnx names domains that it did not use
    kept = [entry for entry in model.opset_import if entry.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    # shapes inside come with a batch axis by another name
    del model.graph.value_info[:]
    model.graph.name, model.graph.doc_string = name, ""
    model.doc_string = onnx_texts.document(name, described)
    model.producer_name = onnx_texts.CONVERTER
    model.producer_version = importlib.metadata.version(onnx_texts.CONVERTER)
    properties = {"opset": str(onnx_checks.OPSET), **properties}
    for side, values in (("inputs", model.graph.input), ("outputs", model.graph.output)):
        for value in values:
            axes = value.type.tensor_type.shape.dim
            axes[0].dim_param = "batch"
            if layout == layouts.FIRST and len(axes) == 4:
                axes[1].denotation = onnx_files.CHANNELS
            image = onnx_texts.image(described[side][value.name], layout)
            if image:
                value.type.denotation = onnx_texts.IMAGE
                properties |= image
    onnx.helper.set_model_props(model, properties)
    onnx.checker.check_model(model, full_check=True)
    return model


def _bytes(weight: keras.Variable) -> int:
    return math.prod(weight.shape) * tf.as_dtype(weight.dtype).size
