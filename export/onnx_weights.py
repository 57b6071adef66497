"""Weights of an ONNX graph, put in after its conversion."""

import keras
import numpy as np
import onnx


def put_in(model: onnx.ModelProto, weights: dict[str, keras.Variable]) -> None:
    """Turns inputs of a graph into initializers.

    What the graph makes of a weight by transposing it alone, once for every call, becomes the
    initializer.

    Args:
        model: A graph with these inputs, which is changed.
        weights: The inputs that are weights, by name.
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
            before = range(len(weights[name].shape)) if order is None else order
            axes = onnx.helper.get_node_attr_value(node, "perm")
            order = tuple(before[axis] for axis in axes)
        origin[node.output[0]] = (name, order)
    for node in kept:
        for at, value in enumerate(node.input):
            if value in origin:
                made[origin[value]] = node.input[at] = _name(*origin[value])
    del graph.node[:]
    graph.node.extend(kept)
    inputs = [value for value in graph.input if value.name not in known]
    del graph.input[:]
    graph.input.extend(inputs)
    for (name, order), initializer in made.items():
        value = weights[name].numpy()
        value = value if order is None else value.transpose(order)
        tensor = graph.initializer.add()
        tensor.name, tensor.data_type = (
            initializer,
            onnx.helper.np_dtype_to_tensor_dtype(value.dtype),
        )
        tensor.dims.extend(value.shape)
        tensor.raw_data = np.ascontiguousarray(value).tobytes()


def _name(weight: str, order: tuple[int, ...] | None) -> str:
    return weight if order is None else f"{weight}_{''.join(map(str, order))}"
