"""What a SavedModel of a bundle may hold, read from its files before anything is loaded."""

import math
import pathlib

from google.protobuf import message

from export.runtime import (
    allow_list,
    backends,
    call_graphs,
    documents,
    folders,
    saved_model_files,
    saved_model_messages,
    stored_weights,
)

GRAPH_BYTES = 96 * 1024  # size of one endpoint's graph, without weights, at most
INITIALIZER = "__saved_model_init_op"
_KINDS = {"user_object", "variable", "function", "bare_concrete_function", "constant"}
_REFUSED_KINDS = ("asset", "resource", "captured_tensor")
_OBJECTS = {"", "_generic_user_object", "signature_map"} | {
    f"trackable_{kind}_wrapper" for kind in ("dict", "list", "tuple")
}
_COLLECTION = "saved_model_main_op"
_MOST_ELEMENTS = 1 << 24  # of a constant, which may be one number for all of them
_DTYPES = {number: name for name, number in saved_model_messages.DTYPES.items()}
# what loaders leave in the checkpoint next to the variables
_OBJECT_GRAPH, _VALUE = "_CHECKPOINTABLE_OBJECT_GRAPH", "/.ATTRIBUTES/VARIABLE_VALUE"


def check_operations(graph: message.Message) -> None:
    """Checks every operation of the graph and of its function library.

    Operations that touch files may be reached from the saver only.

    Args:
        graph: What `saved_model_files.read` returns.

    Raises:
        ValueError: If an operation is not on the list, a function calls itself, or a file could be
            read or written outside the saver.
    """
    nodes = _by_name("nodes", graph.graph_def.node, lambda node: node.name)
    functions = _by_name(
        "functions", graph.graph_def.library.function, lambda function: function.signature.name
    )
    every = [*nodes.values(), *(n for f in functions.values() for n in f.node_def)]
    allow_list.refuse(
        {node.op for node in every}
        - allow_list.TENSORFLOW
        - allow_list.RESTORING
        - allow_list.SAVING
        - set(functions),
        "is on the list of operations that a SavedModel may hold",
    )
    call_graphs.check_calls(functions)
    _check_constants(every)
    _check_objects(graph)
    _check_reached(graph, nodes, functions)


def check_signatures(graph: message.Message, manifest: dict) -> None:
    """Checks that the signatures are the manifest's endpoints, the first axis of each tensor free.

    One more, `serving_default`, is that of the endpoint that is served when none is named.

    Raises:
        ValueError: If one is missing, extra, or has other inputs or outputs.
    """
    endpoints = manifest["endpoints"]
    found = _by_name("signatures", graph.signature_def, lambda entry: entry.key)
    found = {name: _tensors(entry.value) for name, entry in found.items() if name != INITIALIZER}
    default = endpoints[backends.default_endpoint(endpoints)]
    described = endpoints | {backends.DEFAULT_SIGNATURE: default}
    if set(found) != set(described):
        raise ValueError(
            f"Signatures must be {backends.DEFAULT_SIGNATURE} and the manifest's endpoints, "
            f"{sorted(endpoints)}. Received: {documents.shown(sorted(found))}"
        )
    for name, about in described.items():
        for side in ("inputs", "outputs"):
            tensors = {
                key: (tensor["dtype"], [-1, *tensor["shape"][1:]])
                for key, tensor in about[side].items()
            }
            if found[name][side] != tensors:
                raise ValueError(
                    f"{side} of {name!r} must be {tensors}, the first axis free. "
                    f"Received: {found[name][side]}"
                )


def check_variables(path: pathlib.Path, graph: message.Message, manifest: dict) -> None:
    """Checks that the checkpoint holds the program's variables, all of them, once, and no others.

    Raises:
        ValueError: If it holds others, in another format than the manifest's, or the program is
            larger than its variables explain.
    """
    declared = sorted(
        (node.variable.dtype, tuple(axis.size for axis in node.variable.shape.dim))
        for node in graph.object_graph_def.nodes
        if node.HasField("variable")
    )
    entries = saved_model_files.variables(path)
    entries.pop(_OBJECT_GRAPH, None)
    stored = sorted((entry.dtype, entry.shape) for entry in entries.values())
    others = [name for name in entries if not name.endswith(_VALUE)]
    sizes = {name: _bytes(entry.dtype, entry.shape) for name, entry in entries.items()}
    wrong = [name for name, entry in entries.items() if entry.size != sizes[name]]
    if declared != stored or others or wrong:
        raise ValueError(
            "The checkpoint must hold the variables of the program's objects, and no others. "
            f"Received: {len(stored)} tensors for {len(declared)} variables"
            + (f", {documents.shown((others + wrong)[0])} among them" if others + wrong else "")
        )
    stored_weights.check(
        manifest,
        ((_DTYPES.get(e.dtype, str(e.dtype)), e.shape, e.size) for e in entries.values()),
    )
    handles = [node for node in graph.graph_def.node if node.op == "VarHandleOp"]
    shapes = [{entry.key: entry.value for entry in node.attr} for node in handles]
    weights = sum(
        _bytes(attr["dtype"].type, tuple(axis.size for axis in attr["shape"].shape.dim))
        for attr in shapes
        if {"dtype", "shape"} <= set(attr)
    )
    size, said = folders.size(path), manifest["sizes"]
    # a graph is as large as ever where kernels have half the bytes
    percent = 10 if manifest["weights_format"] == "float32" else 20
    accepted = weights * (100 + percent) // 100 + GRAPH_BYTES * len(manifest["endpoints"])
    same = weights == sum(_bytes(*entry) for entry in stored) == said["variables"]
    if not same or size > accepted or size != said["saved_model"]:
        raise ValueError(
            f"A SavedModel holds the weights once: {said['variables']} bytes of variables, in "
            f"{said['saved_model']} bytes, which are at most {percent} % more and {GRAPH_BYTES} "
            f"for each endpoint's graph. Received: {weights} bytes of variables in {size}"
        )


def _by_name(what: str, values, name) -> dict:
    made = {name(value): value for value in values}
    if len(made) != len(values):
        raise ValueError(
            f"The {what} of a SavedModel must have names of their own. Received: "
            f"{len(values)} with {len(made)} names"
        )
    return made


def _check_constants(nodes: list[message.Message]) -> None:
    for node in nodes:
        for entry in node.attr:
            if entry.value.HasField("tensor"):
                sizes = [axis.size for axis in entry.value.tensor.tensor_shape.dim]
                if min(sizes, default=0) < 0 or math.prod(sizes) > _MOST_ELEMENTS:
                    raise ValueError(
                        f"A constant must have at most {_MOST_ELEMENTS} elements. Received: "
                        f"{documents.shown(node.name)} of the shape {documents.shown(sizes)}"
                    )


def _check_objects(graph: message.Message) -> None:
    if graph.asset_file_def:
        raise ValueError(
            f"A bundle's SavedModel holds no assets. Received: {len(graph.asset_file_def)}"
        )
    kinds = {kind for node in graph.object_graph_def.nodes for kind in _kinds(node)}
    identifiers = {node.user_object.identifier for node in graph.object_graph_def.nodes}
    if kinds - _KINDS or identifiers - _OBJECTS:
        raise ValueError(
            "A bundle's SavedModel holds variables and functions only. "
            f"Received: {documents.shown(sorted(kinds - _KINDS | identifiers - _OBJECTS))}"
        )
    collections = {entry.key for entry in graph.collection_def}
    if collections - {_COLLECTION}:
        raise ValueError(
            f"A bundle's SavedModel holds the collection {_COLLECTION!r} only. "
            f"Received: {documents.shown(sorted(collections))}"
        )


def _kinds(node: message.Message) -> list[str]:
    return [kind for kind in (*_KINDS, *_REFUSED_KINDS) if node.HasField(kind)]


def _check_reached(graph: message.Message, nodes: dict, functions: dict) -> None:
    outputs = [tensor.value.name for entry in graph.signature_def for tensor in entry.value.outputs]
    collected = [name for entry in graph.collection_def for name in entry.value.node_list.value]
    roots = {call_graphs.node(name) for name in [*outputs, *collected]}
    concrete = [entry.key for entry in graph.object_graph_def.concrete_functions]
    served = call_graphs.reached(roots, nodes, functions) | call_graphs.reached_from(
        concrete, functions
    )
    allow_list.refuse(
        served & (allow_list.RESTORING | allow_list.SAVING),
        "of a signature or an initializer leaves files and variables alone",
    )
    restored = call_graphs.reached(
        {call_graphs.node(graph.saver_def.restore_op_name)}, nodes, functions
    )
    allow_list.refuse(restored & allow_list.SAVING, "that restores variables writes no file")
    file = nodes.get(call_graphs.node(graph.saver_def.filename_tensor_name))
    for function in functions.values():
        arguments = {argument.name for argument in function.signature.input_arg}
        for node in function.node_def:
            if node.op == "RestoreV2" and (not node.input or node.input[0] not in arguments):
                file = None
    if file is None or file.op != "Placeholder" or "RestoreV2" in {n.op for n in nodes.values()}:
        raise ValueError(
            "Variables must be restored from the file that the loader names. "
            "Received: a program that names one itself"
        )


def _tensors(signature: message.Message) -> dict[str, dict[str, tuple[str, list[int] | None]]]:
    """Returns dtype and shape of a signature's tensors; -1 is a free axis."""
    return {
        side: {
            entry.key: (
                _DTYPES.get(entry.value.dtype, str(entry.value.dtype)),
                None
                if entry.value.tensor_shape.unknown_rank
                else [axis.size for axis in entry.value.tensor_shape.dim],
            )
            for entry in getattr(signature, side)
        }
        for side in ("inputs", "outputs")
    }


def _bytes(dtype: int, shape: tuple[int, ...]) -> int:
    return saved_model_messages.BYTES.get(dtype, 0) * math.prod(shape)
