"""A stranger's ONNX graphs are read before anything is loaded, and refused by what they hold."""

import shutil

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

GRAPH = "onnx/tiny_sample/1/model.onnx"


def graph(change):
    """A change to the ONNX graph of `sample`."""

    def apply(directory, manifest):
        model = onnx.load(directory / GRAPH)
        change(model)
        (directory / GRAPH).write_bytes(model.SerializeToString())

    return apply


def node(operator, *inputs, **attributes):
    """An operator more, whose output nothing takes."""
    return graph(
        lambda model: model.graph.node.append(
            helper.make_node(operator, inputs or ["seed"], ["more"], **attributes)
        )
    )


def sized(operator, *sizes, after=()):
    """An operator whose size is a constant of the graph."""

    def change(model):
        values = [np.asarray(size, np.int64) for size in sizes]
        names = [f"size_{place}" for place in range(len(sizes))]
        for name, value in zip(names, values):
            model.graph.initializer.append(numpy_helper.from_array(value, name))
        model.graph.node.append(helper.make_node(operator, [*after, *names], ["more"]))

    return graph(change)


def subgraph(operator):
    body = helper.make_graph([], "body", [], [])
    return node(operator, "seed", body=body)


def external(model):
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../etc/passwd")


def external_constant(model):
    value = helper.make_tensor("value", onnx.TensorProto.FLOAT, [1], [0.0])
    value.ClearField("float_data")
    value.external_data.add(key="location", value="/etc/passwd")
    model.graph.node.append(helper.make_node("Constant", [], ["more"], value=value))


def another_domain(model):
    model.graph.node[-1].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))


def a_function(model):
    model.functions.add(name="f", domain="com.example")


def overflowing(model):
    model.graph.initializer[0].dims[:] = [2**62, 4]


def bytes_of(path, content):
    return lambda directory, manifest: (directory / path).write_bytes(content)


def swapped(directory, manifest):
    shutil.copy(directory / "onnx/tiny_generate/1/model.onnx", directory / GRAPH)


ONNX = {
    "another domain": (graph(another_domain), "standard domain only"),
    "a function": (graph(a_function), "standard domain only. Received: [''], 1 functions"),
    "an unknown operator": (node("Exfiltrate"), "list of operations that an ONNX graph may hold"),
    "Loop": (subgraph("Loop"), "Received: 'Loop'"),
    "If": (subgraph("If"), "Received: 'If'"),
    "Scan": (subgraph("Scan"), "Received: 'Scan'"),
    "a graph within an allowed operator": (subgraph("Identity"), "no graphs within operators"),
    "random numbers": (node("RandomNormalLike"), "Received: 'RandomNormalLike'"),
    "weights in another file": (graph(external), "hold their weights themselves"),
    "a constant in another file": (graph(external_constant), "hold their weights themselves"),
    "weights of an endless shape": (graph(overflowing), "as many elements as their shape says"),
    "a constant of 11 GB": (sized("ConstantOfShape", [3 * 10**9]), "at most 134217728 elements"),
    "an expansion to 11 GB": (sized("Expand", [10**5, 10**5], after=["seed"]), "at most 134217728"),
    "a tiling to 11 GB": (sized("Tile", [3 * 10**9], after=["seed"]), "Received: Tile"),
    "a range to 11 GB": (sized("Range", 0, 3 * 10**9, 1), "Received: Range"),
    "an operator before its input": (
        graph(lambda model: model.graph.node[0].input.__setitem__(0, "later")),
        "An operator takes what stands before it",
    ),
    "an output twice": (
        graph(lambda model: model.graph.node.append(model.graph.node[0])),
        "gives names of its own",
    ),
    "another endpoint": (swapped, "the name of its endpoint, 'sample'. Received: 'generate'"),
    "a fixed batch axis": (
        graph(lambda m: m.graph.input[0].type.tensor_type.shape.dim.pop()),
        "the first axis free",
    ),
    "another dtype": (
        graph(lambda m: setattr(m.graph.output[0].type.tensor_type, "elem_type", 11)),
        "the first axis free. Received: {'image': ('float64'",
    ),
    "texts": (
        graph(lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", 8)),
        "must be a tensor of float32",
    ),
    "an old operator set": (
        graph(lambda m: setattr(m.opset_import[0], "version", 7)),
        "have the operator set 18",
    ),
    "sparse weights": (
        graph(lambda m: m.graph.sparse_initializer.add()),
        "known fields of GraphProto only. Received: number 15",
    ),
    "training steps": (
        graph(lambda m: m.training_info.add()),
        "known fields of ModelProto only. Received: number 20",
    ),
    "no graph": (bytes_of(GRAPH, b""), "Received: an empty file"),
    "no protocol buffer": (bytes_of(GRAPH, b"\xff" * 100), "must be a protocol buffer"),
    "a cut graph": (bytes_of(GRAPH, b"\x3a\xff\xff\x03"), "Received: a cut one"),
}


@pytest.mark.parametrize("name", ONNX)
def test_other_graphs_are_refused(refused, name):
    change, sentence = ONNX[name]
    assert sentence in refused(change)
