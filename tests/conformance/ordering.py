"""Finds what a graph leaves to the order in which operations happen to run.

This is the order of two accesses of one variable, one of them a write, which TensorFlow's optimizer
of graphs can remove, and that of the parts of a sum.
"""

import collections
import contextlib

import tensorflow as tf
from tensorflow.python.eager import context  # optimized graphs have no public interface

PASSED_ON = {"Identity", "Enter", "Switch", "Merge"}  # a variable's handle is the same behind them


@contextlib.contextmanager
def optimized_graphs():
    """Yields a list that holds, at the end, the GraphDef of every function that ran inside.

    The graphs are those that ran, after TensorFlow has optimized them.
    """
    graphs = []
    context.context().enable_run_metadata()
    try:
        yield graphs
    finally:
        metadata = context.context().export_run_metadata()
        context.context().disable_run_metadata()
        graphs += [graph.post_optimization_graph for graph in metadata.function_graphs]


def unordered(graph: tf.compat.v1.GraphDef) -> list[str]:
    """Returns "VARIABLE: WRITE, OTHER" for each write without an order to another access."""
    nodes = {node.name: node for node in graph.node}
    inputs = {
        name: [i.lstrip("^").split(":")[0] for i in node.input] for name, node in nodes.items()
    }
    bits = {name: 1 << number for number, name in enumerate(nodes)}
    before = _before(nodes, inputs, bits)
    turns = [
        (m, i)
        for m in nodes
        if nodes[m].op == "Merge"
        for i in inputs[m]
        if nodes[i].op == "NextIteration"
    ]

    def variable(access: str) -> tuple[str, bool]:
        """Returns the name of the variable of an access, and whether the access is in a loop."""
        name, looped = inputs[access][0], False
        while nodes[name].op in PASSED_ON:
            name, looped = inputs[name][0], looped or nodes[name].op == "Enter"
        return name, looped

    def next_turn(first: str, then: str) -> bool:
        return any(before[then] & bits[merge] and before[end] & bits[first] for merge, end in turns)

    accesses = collections.defaultdict(list)
    for name, node in nodes.items():
        if node.op == "ReadVariableOp" or _writes(node):
            accesses[variable(name)].append(name)
    races = []
    for (title, looped), names in accesses.items():
        for write in filter(lambda name: _writes(nodes[name]), names):
            for other in names:
                in_order = (
                    other == write or before[write] & bits[other] or before[other] & bits[write]
                )
                if (
                    not in_order
                    or looped
                    and not (next_turn(write, other) and next_turn(other, write))
                ):
                    races.append(f"{title}: {write}, {other}")
    return races


def sums_as_ready(graph: tf.compat.v1.GraphDef) -> list[str]:
    """Returns the sums whose parts are added in the order in which they are ready.

    TensorFlow's optimizer of graphs makes such sums of others, through a variable of their own.
    """
    return [node.name for node in graph.node if node.op == "TemporaryVariable"]


def writes(graph: tf.compat.v1.GraphDef) -> int:
    """Returns how many writes of variables a graph holds."""
    return sum(map(_writes, graph.node))


def _writes(node) -> bool:
    return node.op.startswith("Assign") and node.op.endswith("VariableOp")


def _before(nodes, inputs, bits) -> dict[str, int]:
    """Returns for each node the set of nodes that must have run before it, as bits.

    Within a loop these are the nodes of the same turn.
    """
    needs = {}
    for name, node in nodes.items():
        needs[name] = inputs[name]
        if node.op == "Merge":  # the order within one turn, without the turn before it
            needs[name] = [i for i in inputs[name] if nodes[i].op != "NextIteration"]
        elif node.op == "Exit":  # what comes after a loop comes after each of its turns
            merge = inputs[inputs[name][0]][0]
            needs[name] = inputs[name] + [
                i for i in inputs[merge] if nodes[i].op == "NextIteration"
            ]
    before, waiting = {}, [(name, False) for name in nodes]
    while waiting:
        name, ready = waiting.pop()
        if ready:
            before[name] = 0
            for i in needs[name]:
                before[name] |= before[i] | bits[i]
        elif name not in before:
            waiting += [(name, True), *((i, False) for i in needs[name] if i not in before)]
    return before
