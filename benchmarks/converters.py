"""Counts what an emitter of our own, or jax2onnx, would carry of the graphs that tf2onnx converts.

    python benchmarks/converters.py --out=results/deployment/converters.json [--jax-python=PATH]

The graphs are the endpoints of every config at the size of the conformance tests. Each operation
of TensorFlow in them is in one row of `OPERATIONS`: it disappears, becomes one operator of ONNX, or
becomes several. An emitter of N operations is worth what it carries: graphs whose operations it
knows all. `--jax-python` names an interpreter with the project and jax2onnx, and the networks of
every config are then converted by jax2onnx too.
"""

import argparse
import collections
import importlib.util
import json
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator

import jax_networks
import keras
import measure
import tensorflow as tf

import configs
from export import functions
from train import experiments
from zoo.games import game

ROOT = pathlib.Path(__file__).parents[1]
OPERATIONS = {
    "disappears": """
        Placeholder Const ReadVariableOp Identity NoOp StopGradient PartitionedCall
        StatefulPartitionedCall VarHandleOp
    """,
    "one operator": """
        Abs AddV2 BiasAdd BitwiseAnd BitwiseOr BitwiseXor Cast ConcatV2 Cos Einsum Elu Exp
        ExpandDims Fill LeakyRelu Log MatMul Max Maximum Mean MirrorPad Mul Neg OneHot Range
        RealDiv Relu Reshape Sigmoid Sin Softplus Split Sqrt Squeeze Square Sub Sum Tanh Tile
        TruncateDiv
    """,
    # a reciprocal, a difference that is multiplied, integers of another width; images whose
    # channels are last between operators whose channels are second, with padding as numbers
    "several operators": """
        AvgPool Conv2D Conv2DBackpropInput MaxPool Pack Rsqrt Shape SquaredDifference StridedSlice
    """,
}
KIND = {name: kind for kind, names in OPERATIONS.items() for name in names.split()}


def tiny_games() -> Iterator[tuple[str, game.Game]]:
    """Yields every config's name and its game at the smallest size, with weights that matter."""
    path = ROOT / "tests" / "conformance" / "tiny.py"
    spec = importlib.util.spec_from_file_location("tiny", path)
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    for name in configs.available():
        experiment = configs.load(name)
        yield name, experiments.compiled(experiment, tiny.described(experiment))


def operations(function: tf.types.experimental.PolymorphicFunction) -> collections.Counter:
    """Returns how often each operation is in a function's graph and in the functions it calls."""
    graph = function.get_concrete_function().graph.as_graph_def()
    nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    return collections.Counter(node.op for node in nodes)


def networks(made: game.Game) -> dict[str, keras.Model]:
    """Returns the networks of a game's players by the name of their attribute."""
    used = {id(network) for player in made.players().values() for network in player.networks}
    return {
        name: value
        for name, value in vars(made).items()
        if id(value) in used and getattr(value, "inputs", None)  # a wrapper has none
    }


def computing(counts: collections.Counter) -> dict[str, int]:
    """Returns the operations that do not disappear, with their numbers."""
    return {name: count for name, count in counts.items() if KIND.get(name) != "disappears"}


def of_network(network: keras.Model) -> dict[str, int]:
    """Returns the operations of a network that is called as endpoints call it."""
    call = tf.function(
        lambda *x: network(list(x) if len(x) > 1 else x[0], training=False),
        input_signature=[tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in network.inputs],
        autograph=False,
    )
    return computing(operations(call))


def curve(graphs: dict[str, set[str]]) -> list[dict]:
    """Returns how many graphs are carried after each operation that an emitter learns.

    It learns next what the graph needs that is nearest to being carried: the one that lacks the
    fewest operations, and of those the one whose operations most other graphs lack.
    """
    lacking = {name: frozenset(ops) for name, ops in graphs.items()}
    known, points = set(), []
    while lacking:
        counts = collections.Counter(lacking.values())
        chosen = min(counts, key=lambda ops: (len(ops), -counts[ops], sorted(ops)))
        known |= chosen
        lacking = {name: ops - known for name, ops in lacking.items() if ops - known}
        points.append(
            {"operations": len(known), "graphs": len(graphs) - len(lacking), "new": sorted(chosen)}
        )
    return points


def by_jax2onnx(python: str, kept: dict[str, dict[str, keras.Model]]) -> dict[str, dict]:
    """Returns, by config and network, what jax2onnx makes of networks: see `jax_networks`."""
    outcome = {}
    with tempfile.TemporaryDirectory() as directory:
        for config, models in kept.items():
            folder = pathlib.Path(directory) / config
            for name, network in models.items():
                jax_networks.write(folder / name, network)
        environment = os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)}
        script = pathlib.Path(__file__).with_name("jax_networks.py")
        done = subprocess.run(
            [python, str(script), directory], env=environment, stdout=subprocess.PIPE, text=True
        )
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                row = json.loads(line)
                outcome.setdefault(row.pop("config"), {})[row.pop("network")] = row
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jax-python", help="Interpreter with the project and jax2onnx.")
    parser.add_argument("--out", default="", help="File to write the record to.")
    options = parser.parse_args()
    graphs, alone, kept = {}, [], {}
    for config, made in tiny_games():
        kept[config] = networks(made)
        single = [of_network(network) for network in kept[config].values()]
        for name, endpoint in made.endpoints().items():
            graphs[f"{config}/{name}"] = operations(functions.function(endpoint))
            if computing(graphs[f"{config}/{name}"]) in single:
                alone.append(f"{config}/{name}")
        print(config, flush=True)
    counts = collections.Counter(name for graph in graphs.values() for name in graph)
    unknown = sorted(set(counts) - set(KIND))
    if unknown:
        raise ValueError(f"Every operation needs a row in `OPERATIONS`. Received: {unknown}")
    needed = {name: set(computing(graph)) for name, graph in graphs.items()}
    one_to_one = [
        name for name, ops in needed.items() if {KIND[op] for op in ops} <= {"one operator"}
    ]
    measure.write(
        options.out,
        [],
        configs=len(configs.available()),
        graphs=len(graphs),
        graphs_by_endpoint=collections.Counter(name.split("/")[1] for name in graphs),
        operations={
            kind: {name: counts[name] for name in sorted(counts) if KIND[name] == kind}
            for kind in OPERATIONS
        },
        operations_of_a_graph=measure.quartiles([len(ops) for ops in needed.values()]),
        graphs_of_single_operators=len(one_to_one),
        emitter=curve(needed),
        graphs_of_one_network=len(alone),
        jax2onnx=by_jax2onnx(options.jax_python, kept) if options.jax_python else None,
    )


if __name__ == "__main__":
    main()
