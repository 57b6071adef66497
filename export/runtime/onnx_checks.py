"""What an ONNX graph of a bundle may hold, read from its file before anything is loaded."""

import math
import pathlib

import numpy as np
from google.protobuf import message

from export.runtime import (
    allow_list,
    backends,
    documents,
    layouts,
    onnx_files,
    onnx_messages,
    onnx_texts,
    stored_weights,
)

OPSET = 18  # the first with bitwise operators, which the portable draws need; tf2onnx's last
_IR_VERSIONS = range(3, 14)
_MOST_AXES = 16
_SMALL_BYTES = 1 << 16  # of a constant that the converter makes, which is no kernel of a layer
_MOST_ELEMENTS = 1 << 27  # of a tensor that a constant shape asks for: 512 MiB of float32
# operators whose constant integer inputs say how much memory they take -> which inputs
_SIZED = {"ConstantOfShape": [0], "Expand": [1], "Reshape": [1], "Tile": [1], "OneHot": [1]}
_SIZED |= {"Resize": [3], "Pad": [1], "Range": [0, 1, 2]}


def check_graph(directory: pathlib.Path, manifest: dict, endpoint: str) -> None:
    """Checks the operators, the weights and the texts of an endpoint's graph.

    Raises:
        ValueError: If it is not a graph of that endpoint, made of operators on the allow-list
            alone, with all of its weights in the manifest's format, that says what follows from the
            manifest.
    """
    model = onnx_files.read(backends.onnx_path(directory, manifest, endpoint))
    _check_model(model, endpoint)
    onnx_texts.check(model, manifest, endpoint, OPSET)
    _check_nodes(model.graph, _check_weights(model.graph))
    weights = ((onnx_messages.DTYPES[t.data_type], tuple(t.dims)) for t in model.graph.initializer)
    stored_weights.check(
        manifest,
        ((name, dims, size * math.prod(dims)) for (name, size), dims in weights),
        small=_SMALL_BYTES,
    )


def check_signature(directory: pathlib.Path, manifest: dict, endpoint: str) -> None:
    """Checks that a graph takes and gives what the manifest says of its endpoint.

    Raises:
        ValueError: If names, dtypes or shapes are others, the first axis is not free, or the
            channels are another axis than in the manifest's layout.
    """
    graph = onnx_files.read(backends.onnx_path(directory, manifest, endpoint)).graph
    about = manifest["endpoints"][endpoint]
    for side, values in (("inputs", graph.input), ("outputs", graph.output)):
        tensors = {value.name: onnx_files.tensor(value) for value in values}
        expected = {
            name: (tensor["dtype"], ["batch", *tensor["shape"][1:]])
            for name, tensor in about[side].items()
        }
        if tensors != expected or len(values) != len(expected):
            raise ValueError(
                f"{side} of {endpoint!r} must be {expected}, the first axis free. "
                f"Received: {documents.shown(tensors)}"
            )
        _check_layout(values, layouts.of(manifest))


def _check_layout(values: list[message.Message], layout: str) -> None:
    """Checks that the second axis of images is denoted as their channels, or no axis is."""
    for value in values:
        axes = value.type.tensor_type.shape.dim
        denoted = [at for at, axis in enumerate(axes) if axis.denotation == onnx_files.CHANNELS]
        expected = [1] if layout == layouts.FIRST and len(axes) == 4 else []
        if denoted != expected:
            raise ValueError(
                f"The axes denoted {onnx_files.CHANNELS} must be {expected} in the manifest's "
                f"layout, {layout}. Received: {denoted} of {documents.shown(value.name)}"
            )


def _check_model(model: message.Message, endpoint: str) -> None:
    domains = {entry.domain for entry in model.opset_import}
    domains |= {node.domain for node in model.graph.node}
    if domains != {""} or model.functions:
        raise ValueError(
            "A bundle's ONNX graphs use the standard domain only. Received: "
            f"{documents.shown(sorted(domains))}, {len(model.functions)} functions"
        )
    opsets = [entry.version for entry in model.opset_import]
    if opsets != [OPSET] or model.ir_version not in _IR_VERSIONS:
        raise ValueError(
            f"A bundle's ONNX graphs have the operator set {OPSET}, and an IR version in "
            f"[{_IR_VERSIONS[0]}, {_IR_VERSIONS[-1]}]. "
            f"Received: {opsets[:4]}, IR version {model.ir_version}"
        )
    if model.graph.name != endpoint:
        raise ValueError(
            f"A graph must have the name of its endpoint, {endpoint!r}. "
            f"Received: {documents.shown(model.graph.name)}"
        )


def _check_weights(graph: message.Message) -> dict[str, list[int]]:
    """Checks that tensors hold as many bytes as their shapes say.

    Returns:
        The values of short constant integers, by name.
    """
    constants = {}
    for tensor in graph.initializer:
        constants[tensor.name] = _check_tensor(tensor, tensor.raw_bytes)
    if len(constants) != len(graph.initializer):
        raise ValueError(
            "Weights of an ONNX graph must have names of their own. Received: "
            f"{len(graph.initializer)} with {len(constants)} names"
        )
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                values = _check_tensor(attribute.t, len(attribute.t.raw_data))
                constants |= dict.fromkeys(node.output, values)
            elif node.op_type == "Constant" and attribute.name == "value_ints":
                constants |= dict.fromkeys(node.output, [*attribute.ints])
            elif node.op_type == "Constant" and attribute.name == "value_int":
                constants |= dict.fromkeys(node.output, [attribute.i])
    return constants


def _check_tensor(tensor: message.Message, raw_bytes: int) -> list[int]:
    name = documents.shown(tensor.name)
    if tensor.external_data or tensor.data_location:
        raise ValueError(
            f"A bundle's ONNX graphs hold their weights themselves. Received: {name} as external "
            "data"
        )
    if tensor.data_type not in onnx_messages.DTYPES or len(tensor.dims) > _MOST_AXES:
        raise ValueError(f"Weights must be tensors of numbers. Received: {name}")
    dtype, size = onnx_messages.DTYPES[tensor.data_type]
    typed = [*tensor.float_data, *tensor.int32_data, *tensor.int64_data]
    count = math.prod(tensor.dims)
    if min(tensor.dims, default=0) < 0 or (raw_bytes != size * count and len(typed) != count):
        raise ValueError(
            f"Weights must have as many elements as their shape says. "
            f"Received: {name} {list(tensor.dims)} with {raw_bytes} bytes"
        )
    if not dtype.startswith("int") or count > _MOST_AXES:
        return []
    if len(tensor.raw_data) == size * count:
        return np.frombuffer(tensor.raw_data, f"<i{size}").tolist()
    return typed


def _check_nodes(graph: message.Message, constants: dict[str, list[int]]) -> None:
    allow_list.refuse(
        {node.op_type for node in graph.node} - allow_list.ONNX,
        "is on the list of operations that an ONNX graph may hold",
    )
    known = {tensor.name for tensor in graph.initializer} | {value.name for value in graph.input}
    for node in graph.node:
        if any(a.HasField("g") or a.graphs for a in node.attribute):
            raise ValueError(
                "A bundle's ONNX graphs hold no graphs within operators. "
                f"Received: one in {documents.shown(node.name)}"
            )
        missing = [name for name in node.input if name and name not in known]
        again = [name for name in node.output if name and name in known]
        if missing or again:
            raise ValueError(
                "An operator takes what stands before it, and gives names of its own. Received: "
                f"{documents.shown(node.name)} with {documents.shown((missing + again)[0])}"
            )
        known |= set(node.output)
        _check_size(node, constants)
    missing = [value.name for value in graph.output if value.name not in known]
    if missing:
        raise ValueError(f"Outputs must be computed. Received: {documents.shown(missing[0])}")


def _check_size(node: message.Message, constants: dict[str, list[int]]) -> None:
    """Refuses an operator whose constant sizes alone ask for more memory than any model here."""
    read = [
        constants.get(node.input[place], [])
        for place in _SIZED.get(node.op_type, ())
        if place < len(node.input)
    ]
    sizes = [abs(value) for values in read for value in values]
    if math.prod(max(1, size) for size in sizes) > _MOST_ELEMENTS:
        raise ValueError(
            f"A tensor must have at most {_MOST_ELEMENTS} elements. "
            f"Received: {node.op_type} with the sizes {documents.shown(sizes)}"
        )
