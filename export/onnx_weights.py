"""Weights of an ONNX graph, put in after its conversion."""

from collections.abc import Iterable

import numpy as np
import onnx

from export import weight_formats

_CAST, _NUMBERS, _SCALE = "_in_float32", "_numbers", "_scale"


def put_in(model: onnx.ModelProto, weights: dict[str, weight_formats.Stored]) -> list[str]:
    """Turns inputs of a graph into initializers.

    What the graph makes of a weight by transposing it alone, once for every call, becomes the
    initializer.

    Args:
        model: A graph with these inputs, which is changed.
        weights: The inputs that are weights, by name, as they are stored. What is not float32 is
            cast in the graph.

    Returns:
        The names of the initializers.
    """
    graph, known, made = model.graph, dict.fromkeys(weights), {}
    origin = {name: (name, None) for name in weights}  # value -> (weight, permutation of its axes)
    kept = []
    for node in graph.node:
        folds = node.op_type in ("Transpose", "Identity") and node.input[0] in origin
        if not folds:
            kept.append(node)
            continue
        name, order = origin[node.input[0]]
        if node.op_type == "Transpose":
            before = range(weights[name].numbers.ndim) if order is None else order
            axes = onnx.helper.get_node_attr_value(node, "perm")
            order = tuple(before[axis] for axis in axes)
        origin[node.output[0]] = (name, order)
    for node in kept:
        for at, value in enumerate(node.input):
            if value in origin:
                made[origin[value]] = node.input[at] = _name(*origin[value])
                if _is_cast(weights[origin[value][0]]):
                    node.input[at] += _CAST
    del graph.node[:]
    for (name, _), initializer in made.items():
        if _is_cast(weights[name]):
            graph.node.extend(_casts(initializer, weights[name]))
    graph.node.extend(kept)
    inputs = [value for value in graph.input if value.name not in known]
    del graph.input[:]
    graph.input.extend(inputs)
    added = []
    for (name, order), initializer in made.items():
        numbers, scale = weights[name]
        added.append(_add(graph, initializer, numbers, order))
        if scale is not None:
            scale = scale.reshape([1] * (numbers.ndim - 1) + [-1])
            added.append(_add(graph, initializer + _SCALE, scale, order))
    return added


def _add(
    graph: onnx.GraphProto, name: str, value: np.ndarray, order: tuple[int, ...] | None
) -> str:
    value = value if order is None else value.transpose(order)
    tensor = graph.initializer.add()
    tensor.name, tensor.data_type = name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
    tensor.dims.extend(value.shape)
    tensor.raw_data = np.ascontiguousarray(value).tobytes()
    return name


def _is_cast(kept: weight_formats.Stored) -> bool:
    return kept.numbers.dtype != np.float32


def _casts(name: str, kept: weight_formats.Stored) -> list[onnx.NodeProto]:
    """Returns the operators that make the float32 weight of what is stored."""
    node, last = onnx.helper.make_node, name + _CAST
    if kept.scale is None:
        return [node("Cast", [name], [last], to=onnx.TensorProto.FLOAT)]
    cast = node("Cast", [name], [name + _NUMBERS], to=onnx.TensorProto.FLOAT)
    return [cast, node("Mul", [name + _NUMBERS, name + _SCALE], [last])]


def _name(weight: str, order: tuple[int, ...] | None) -> str:
    return weight if order is None else f"{weight}_{''.join(map(str, order))}"


def put_in_order(model: onnx.ModelProto, kept: Iterable[str] = ()) -> None:
    """Sorts the nodes of a graph, names its inner values by their place, and sorts initializers.

    The converter's order and the numbers in its names differ from run to run.

    Args:
        model: A graph, which is changed.
        kept: Names of initializers that stay, as those of its inputs and outputs do.
    """
    graph = model.graph
    nodes = _sorted(graph)
    weights = {tensor.name: tensor for tensor in graph.initializer}
    fixed = {value.name for value in [*graph.input, *graph.output]}.union(kept)
    names = {name: name for name in ["", *sorted(fixed)]}  # an empty input is an absent one
    for node in nodes:
        for values in (node.input, node.output):
            for at, value in enumerate(values):
                if value not in names:
                    kind = "constant" if value in weights else node.op_type
                    names[value] = f"{kind}_{len(names)}"
                values[at] = names[value]
        node.name = f"{node.op_type}_of_{node.output[0]}"
    tensors = [weights[name] for name in names if name in weights]
    for tensor in tensors:
        tensor.name = names[tensor.name]
    for field, values in ((graph.node, nodes), (graph.initializer, tensors)):
        copies = [type(value).FromString(value.SerializeToString()) for value in values]
        del field[:]
        field.extend(copies)


def _sorted(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Returns the nodes that outputs need: what a node needs first, in the order of its inputs."""
    makers = {value: node for node in graph.node for value in node.output}
    ordered, waiting = {}, sorted((value.name for value in graph.output), reverse=True)
    while waiting:
        node = makers.get(waiting[-1])
        needed = [] if node is None else [v for v in node.input if v in makers]
        needed = [value for value in needed if id(makers[value]) not in ordered]
        if node is not None and id(node) not in ordered and needed:
            waiting += reversed(needed)
            continue
        waiting.pop()
        if node is not None:
            ordered.setdefault(id(node), node)
    return list(ordered.values())
