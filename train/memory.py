"""The memory of a training step, from the graphs of its moves, without running one."""

import math
from collections.abc import Mapping

import tensorflow as tf

from zoo import games

UPDATE = 3  # terms of an optimizer's update that live at a time; fitted to measured peaks
PATCHES = 0.5  # of a batch's patches in the gradient of a convolution; fitted to measured peaks
# Operations whose output is the buffer of their first input.
VIEWS = {"Identity", "IdentityN", "Reshape", "StopGradient", "PreventGradient", "Squeeze"}
VIEWS |= {"ExpandDims", "EnsureShape", "Snapshot"}
# Operations that write their output over an input of the same size that nothing else needs.
IN_PLACE = {"Add", "AddV2", "AddN", "Sub", "Mul", "RealDiv", "Div", "BiasAdd", "Neg", "Relu"}
IN_PLACE |= {"ReluGrad", "LeakyRelu", "LeakyReluGrad", "Tanh", "TanhGrad", "Sigmoid", "SigmoidGrad"}
IN_PLACE |= {"Exp", "Log", "Log1p", "Sqrt", "Rsqrt", "RsqrtGrad", "Square", "Softplus"}
IN_PLACE |= {"SoftplusGrad", "Maximum", "Minimum", "Cast", "SquaredDifference", "Pow", "Abs"}


def state(game: games.Game) -> int:
    """Returns the bytes of a game's weights and optimizers."""
    return sum(math.prod(v.shape) * tf.as_dtype(v.dtype).size for v in game.state())


def step(game: games.Game, shapes: Mapping[str, tuple[int, ...]], batch_size: int) -> int:
    """Returns about how many bytes a step takes at its peak next to weights and optimizers.

    They are the batch of a step, and the most that a player's moves hold at a time: what the
    backward pass still needs, in a penalty of second order too, or the gradients and the terms of
    the optimizer. The moves are made one after the other, and so are the micro-batches of a move.
    But what does not depend on the weights that a player moves, as a critic's generated examples,
    TensorFlow may compute for all of its moves at once.

    Args:
        game: A compiled game.
        shapes: Shape of one example of each input.
        batch_size: Examples of a move.
    """
    specs = {
        name: tf.TensorSpec([batch_size, *shape], tf.int64 if name == "label" else tf.float32)
        for name, shape in shapes.items()
    }
    most = 0
    for name, player in next(iter(game.phases().values())).items():
        graph = _graph(game, name, specs)
        sizes = [_bytes(tensor) for tensor in graph.outputs]
        operations = _needed(graph)
        first, then = _divided(graph, operations, player.trainable_variables)
        ahead = _peak(first, {tensor.name for each in then for tensor in each.inputs})
        whole = _peak(operations, {tensor.name for tensor in graph.outputs}, PATCHES)
        update = sum(sizes) + UPDATE * max(sizes)
        most = max(most, whole, update, player.updates * ahead)
    return game.turns * sum(_bytes(spec) for spec in specs.values()) + most


def _graph(game: games.Game, name: str, specs: Mapping[str, tf.TensorSpec]):
    move = tf.function(lambda batch: game.gradients(name, batch), autograph=False)
    return move.get_concrete_function(specs).graph


def _bytes(tensor) -> int:
    if tensor.dtype in (tf.resource, tf.variant, tf.string) or tensor.shape.rank is None:
        return 0
    return math.prod(side or 1 for side in tensor.shape) * tensor.dtype.size


def _needed(graph) -> list:
    """Returns the operations that the outputs of a graph need, in the order of the graph."""
    needed, waiting = set(), [tensor.op for tensor in graph.outputs]
    while waiting:
        operation = waiting.pop()
        if operation.name not in needed:
            needed.add(operation.name)
            waiting += [tensor.op for tensor in operation.inputs]
    return [operation for operation in graph.get_operations() if operation.name in needed]


def _divided(graph, operations: list, variables: list) -> tuple[list, list]:
    """Returns the operations that no value of the variables reaches, and the others."""
    own = {id(variable.value.handle) for variable in variables}
    reached = {inner.name for outer, inner in graph.captures if id(outer) in own}
    for operation in operations:
        if any(tensor.name in reached for tensor in operation.inputs):
            reached |= {tensor.name for tensor in operation.outputs}
    dependent = [any(tensor.name in reached for tensor in each.outputs) for each in operations]
    pairs = list(zip(operations, dependent))
    return [each for each, later in pairs if not later], [each for each, later in pairs if later]


def _peak(operations: list, kept: set[str], workspace: float = 0.0) -> int:
    """Returns the most bytes that live at a time if operations run in this order.

    The tensors whose names are `kept` live on. Of the patches that a gradient of a convolution
    multiplies, the fraction `workspace` is held at a time.
    """
    root: dict[str, str] = {}  # of a tensor, the tensor whose buffer it is
    size: dict[str, int] = {}
    last: dict[str, int] = {}
    for place, operation in enumerate(operations):
        for tensor in operation.inputs:
            last[root[tensor.name]] = place
        for index, tensor in enumerate(operation.outputs):
            view = operation.type in VIEWS and len(operation.inputs) > index
            root[tensor.name] = root[operation.inputs[index].name] if view else tensor.name
            held = operation.type in ("ReadVariableOp", "Placeholder", "Const")  # counted elsewhere
            size.setdefault(root[tensor.name], 0 if held else _bytes(tensor))
    last |= {root[name]: len(operations) for name in kept if name in root}
    ends: dict[int, list[str]] = {}
    for name, place in last.items():
        ends.setdefault(place, []).append(name)
    live, most = 0, 0
    for place, operation in enumerate(operations):
        own = [
            root[tensor.name] for tensor in operation.outputs if root[tensor.name] == tensor.name
        ]
        dying = [size[name] for name in ends.get(place, []) if name not in own]
        made = sum(size[name] for name in own)
        reused = made if operation.type in IN_PLACE and made in dying else 0
        most = max(most, live + made - reused + workspace * _patches(operation))
        live += made - sum(dying) - sum(size[name] for name in own if name not in last)
    return round(most)


def _patches(operation) -> int:
    """Returns the bytes of the patches of a batch if the operation is a convolution's gradient."""
    if operation.type == "Conv2DBackpropFilter":
        filters = operation.outputs[0].shape
    elif operation.type == "Conv2DBackpropInput":
        filters = operation.inputs[1].shape
    else:
        return 0
    gradient = operation.inputs[2]
    return _bytes(gradient) // gradient.shape[-1] * math.prod(filters[:3])
