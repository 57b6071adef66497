"""The memory of a training step, from the graphs of its moves, without running one."""

import math
from collections.abc import Mapping

import tensorflow as tf

from zoo import games

# Operations that hold a copy of a convolution's filters while they run, in oneDNN's layout; where
# in their inputs the filters are, or None if the filters' gradient is the output.
FILTERS = {"Conv2D": 1, "Conv2DBackpropInput": 1, "Conv2DBackpropFilter": None}
# Operations whose values are counted elsewhere, or, as zeros and ones, are not computed at all.
HELD = {"ReadVariableOp", "Placeholder", "Const", "Fill"}
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
    But what does not depend on the weights that a player moves, as a critic's generated examples
    with planes of their labels, TensorFlow computes for all of its moves before the first one.

    Operations are taken to run one at a time. TensorFlow runs as many at a time as there are cores,
    and then holds more; how much differs from step to step.

    Args:
        game: A compiled game.
        shapes: Shape of one example of each input.
        batch_size: Examples of a move.
    """
    specs = {
        name: tf.TensorSpec([batch_size, *shape], tf.int64 if name == "label" else tf.float32)
        for name, shape in shapes.items()
    }
    players = next(iter(game.phases().values()))
    gradients = {name: _gradients(game, name, player, specs) for name, player in players.items()}
    updates = {name: _update(game, name, player) for name, player in players.items()}
    early = sum(ahead for _, ahead in updates.values())
    most = max(
        max(gradients[name] + early, update + early - ahead)
        for name, (update, ahead) in updates.items()
    )
    return game.turns * sum(_bytes(spec) for spec in specs.values()) + most


def _gradients(game: games.Game, name: str, player, specs: Mapping[str, tf.TensorSpec]) -> int:
    """Returns the bytes at the peak of a player's gradient, and of what its other moves have."""
    move = tf.function(lambda batch: game.gradients(name, batch), autograph=False)
    graph = move.get_concrete_function(specs).graph
    operations = _needed(graph)
    own = {id(variable.value.handle) for variable in player.trainable_variables}
    reached = {inner.name for outer, inner in graph.captures if id(outer) in own}
    ahead = _handed(operations, *_divided(operations, reached))
    return _peak(operations, {t.name for t in graph.outputs}) + (player.updates - 1) * ahead


def _update(game: games.Game, name: str, player) -> tuple[int, int]:
    """Returns the bytes at the peak of a player's update, and those that are there before.

    What does not depend on the gradient, such as the decayed velocities, TensorFlow computes when
    the step begins.
    """
    optimizer, variables = getattr(game, f"{name}_optimizer"), player.trainable_variables
    apply = tf.function(lambda given: optimizer.apply(given, variables), autograph=False)
    given = [tf.TensorSpec(variable.shape, variable.dtype) for variable in variables]
    graph = apply.get_concrete_function(given).graph
    operations = graph.get_operations()
    first, then = _divided(operations, {t.name for t in graph.inputs if _bytes(t)})
    peak = _peak([*first, *then], set(), HELD - {"Placeholder"})
    return peak, _handed(operations, first, then)


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


def _divided(operations: list, reached: set[str]) -> tuple[list, list]:
    """Returns the operations that the tensors of these names do not reach, and the others.

    An operation that waits for another one, as a read does for a write, is reached with it.
    """
    first, then, later = [], [], {name.partition(":")[0] for name in reached}
    for operation in operations:
        before = [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]
        if operation.name in later or any(each.name in later for each in before):
            later.add(operation.name)
            then.append(operation)
        else:
            first.append(operation)
    return first, then


def _buffers(operations: list, held: set[str] = HELD) -> tuple[dict[str, str], dict[str, int]]:
    """Returns the tensor whose buffer each tensor is, by name, and the bytes of each buffer."""
    root: dict[str, str] = {}
    size: dict[str, int] = {}
    for operation in operations:
        for index, tensor in enumerate(operation.outputs):
            view = operation.type in VIEWS and len(operation.inputs) > index
            root[tensor.name] = root[operation.inputs[index].name] if view else tensor.name
            size.setdefault(root[tensor.name], 0 if operation.type in held else _bytes(tensor))
    return root, size


def _handed(operations: list, first: list, then: list) -> int:
    """Returns the bytes of what the operations `first` compute and the operations `then` need."""
    root, size = _buffers(operations)
    made = {root[tensor.name] for each in first for tensor in each.outputs}
    needed = {root[tensor.name] for each in then for tensor in each.inputs}
    return sum(size[name] for name in made & needed)


def _peak(operations: list, kept: set[str], held: set[str] = HELD) -> int:
    """Returns the most bytes that live at a time if operations run in this order.

    Args:
        operations: Operations of a graph, each after those that it needs.
        kept: Names of the tensors that live on.
        held: Types of the operations whose outputs are not counted.
    """
    root, size = _buffers(operations, held)
    last = {
        root[tensor.name]: place
        for place, operation in enumerate(operations)
        for tensor in operation.inputs
    }
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
        most = max(most, live + made - reused + _workspace(operation))
        live += made - sum(dying) - sum(size[name] for name in own if name not in last)
    return most


def _workspace(operation) -> int:
    """Returns the bytes of the copy of its filters that a convolution holds while it runs."""
    if operation.type not in FILTERS:
        return 0
    place = FILTERS[operation.type]
    return _bytes(operation.outputs[0] if place is None else operation.inputs[place])
