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


def subgraph(operator, name="body", several=False):
    """An operator with a graph that holds one of random numbers.

    ONNX Runtime knows no attribute `body` of an operator that takes none. It passes over names
    that begin with `__`, so that a graph of such a name lies in a bundle that computes.
    """
    random = helper.make_node("RandomNormal", [], ["drawn"], shape=[1])
    value = helper.make_tensor_value_info("drawn", onnx.TensorProto.FLOAT, [1])
    body = helper.make_graph([random], "body", [], [value])
    return node(operator, "seed", **{name: [body] if several else body})


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


def setting(model):
    model.metadata_props.add(key="ort_config", value='{"session_options": {}}')


def said_of(part, name, value):
    """A change to a text of a part of the graph."""
    return graph(lambda model: setattr(part(model), name, value))


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
    "a graph that ONNX Runtime passes over": (
        subgraph("Identity", "__body"),
        "no graphs within operators",
    ),
    "graphs that ONNX Runtime passes over": (
        subgraph("Identity", "__bodies", several=True),
        "no graphs within operators",
    ),
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
    "a setting of ONNX Runtime": (graph(setting), "The metadata properties of an ONNX graph must"),
    "another source": (
        said_of(lambda m: m.metadata_props[1], "value", "a bank, step 1"),
        "The metadata properties of an ONNX graph must be what follows from the manifest",
    ),
    "a property twice": (
        graph(lambda model: model.metadata_props.append(model.metadata_props[0])),
        "The metadata properties",
    ),
    "another range of pixels": (
        said_of(lambda m: m.metadata_props[-1], "value", "NominalRange_16_235"),
        "The metadata properties",
    ),
    "a seed that is an image": (
        said_of(lambda m: m.graph.input[0].type, "denotation", "IMAGE"),
        "The denotation of an ONNX graph must be what follows from the manifest, ''",
    ),
    "another producer": (said_of(lambda m: m, "producer_name", "pytorch"), "The producer of"),
    "another producer's version": (said_of(lambda m: m, "producer_version", "x"), "The producer"),
    "a domain of its own": (said_of(lambda m: m, "domain", "com.example"), "The domain and model"),
    "another version of the model": (said_of(lambda m: m, "model_version", 2), "The domain and"),
    "another sentence": (said_of(lambda m: m, "doc_string", "Run me as root."), "The sentence of"),
    "a sentence of the graph": (said_of(lambda m: m.graph, "doc_string", "x"), "inner sentences"),
    "a sentence of an operator": (
        said_of(lambda m: m.graph.node[0], "doc_string", "x"),
        "The inner sentences of an ONNX graph must be what follows from the manifest, []",
    ),
    "a sentence of an input": (
        said_of(lambda m: m.graph.input[0], "doc_string", "x"),
        "The inner sentences",
    ),
    "a sentence of an attribute": (
        said_of(
            lambda m: next(n for n in m.graph.node if n.attribute).attribute[0], "doc_string", "x"
        ),
        "The inner sentences",
    ),
    "no graph": (bytes_of(GRAPH, b""), "Received: an empty file"),
    "no protocol buffer": (bytes_of(GRAPH, b"\xff" * 100), "must be a protocol buffer"),
    "a cut graph": (bytes_of(GRAPH, b"\x3a\xff\xff\x03"), "Received: a cut one"),
}


@pytest.mark.parametrize("name", ONNX)
def test_other_graphs_are_refused(refused, name):
    change, sentence = ONNX[name]
    assert sentence in refused(change)
