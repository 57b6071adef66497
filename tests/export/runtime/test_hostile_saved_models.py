"""A stranger's SavedModel is read before anything is loaded, and refused by what it holds."""

import pytest

from export.runtime import saved_model_messages

FOLDER = "saved_model/1"


def program(change):
    """A change to saved_model.pb, by descriptors of the project, as no TensorFlow is needed."""

    def apply(directory, manifest):
        path = directory / FOLDER / "saved_model.pb"
        saved = saved_model_messages.CLASSES["SavedModel"].FromString(path.read_bytes())
        change(saved.meta_graphs[0])
        path.write_bytes(saved.SerializeToString())
        manifest["sizes"]["saved_model"] = folder_size(directory)

    return apply


def folder_size(directory):
    return sum(p.stat().st_size for p in (directory / FOLDER).rglob("*") if p.is_file())


def operation(name, where="graph"):
    def change(meta):
        library = meta.graph_def.library
        nodes = meta.graph_def.node if where == "graph" else library.function[0].node_def
        nodes.add(name="more", op=name)

    return program(change)


def calling(*calls):
    """Functions that call others: pairs (name, names of those it calls)."""

    def change(meta):
        for name, inner in calls:
            function = meta.graph_def.library.function.add()
            function.signature.name = name
            for place, called in enumerate(inner):
                made = function.node_def.add(name=f"n{place}", op="PartitionedCall")
                made.attr.add(key="f").value.func.name = called

    return program(change)


def constant(meta):
    tensor = meta.graph_def.node.add(name="more", op="Const").attr.add(key="value").value.tensor
    tensor.dtype, tensor.float_val[:] = 1, [0.0]
    tensor.tensor_shape.dim.add(size=3 * 10**9)


def signature_of(name, other):
    """The outputs of one signature in the place of another's."""

    def change(meta):
        entries = {entry.key: entry.value for entry in meta.signature_def}
        entries[name].CopyFrom(entries[other])

    return program(change)


def restores_another_file(meta):
    for function in meta.graph_def.library.function:
        for node in function.node_def:
            if node.op == "RestoreV2":
                node.input[0] = "Const:output:0"


def saver_as_output(meta):
    entry = next(entry for entry in meta.signature_def if entry.key == "sample")
    entry.value.outputs[0].value.name = meta.saver_def.save_tensor_name


def file_of(path, change):
    def apply(directory, manifest):
        data = (directory / FOLDER / path).read_bytes()
        (directory / FOLDER / path).write_bytes(change(data))
        manifest["sizes"]["saved_model"] = folder_size(directory)

    return apply


def variable(meta):
    meta.object_graph_def.nodes.add().variable.dtype = 1


INDEX, DATA = "variables/variables.index", "variables/variables.data-00000-of-00001"
ONCE = "the weights once, and no others"
SAVED_MODEL = {
    "WriteFile": (operation("WriteFile"), "Received: 'WriteFile'"),
    "WriteFile in a function": (operation("WriteFile", "function"), "Received: 'WriteFile'"),
    "ReadFile": (operation("ReadFile"), "Received: 'ReadFile'"),
    "PyFunc": (operation("PyFunc", "function"), "Received: 'PyFunc'"),
    "EagerPyFunc": (operation("EagerPyFunc"), "Received: 'EagerPyFunc'"),
    "a custom operation": (operation("Exfiltrate"), "Received: 'Exfiltrate'"),
    "a loop": (operation("StatelessWhile"), "Received: 'StatelessWhile'"),
    "a branch": (operation("If", "function"), "Received: 'If'"),
    "random numbers": (operation("RandomStandardNormal"), "Received: 'RandomStandardNormal'"),
    "a function that calls itself": (calling(("f", ["f"])), "must not call themselves"),
    "functions that call each other": (
        calling(("f", ["g"]), ("g", ["h"]), ("h", ["f"])),
        "must not call themselves",
    ),
    "calls that double 30 times": (
        calling(*[(f"f{n}", [f"f{n + 1}"] * 2) for n in range(30)], ("f30", [])),
        "stand for at most 100000 operations",
    ),
    "calls 1,000 deep": (
        calling(*[(f"f{n}", [f"f{n + 1}"]) for n in range(1000)], ("f1000", [])),
        "nor nest deeper than 32",
    ),
    "two functions of one name": (calling(("f", []), ("f", [])), "names of their own"),
    "a constant of 11 GB": (program(constant), "A constant must have at most 16777216 elements"),
    "an asset": (program(lambda meta: meta.asset_file_def.add()), "holds no assets"),
    "a resource": (
        program(lambda meta: meta.object_graph_def.nodes.add().resource.SetInParent()),
        "variables and functions only. Received: ['resource']",
    ),
    "an object of another class": (
        program(
            lambda meta: setattr(meta.object_graph_def.nodes[0].user_object, "identifier", "x")
        ),
        "variables and functions only. Received: ['x']",
    ),
    "a collection of its own": (
        program(lambda meta: meta.collection_def.add(key="table_initializer")),
        "the collection 'saved_model_main_op' only",
    ),
    "a signature more": (
        program(lambda meta: meta.signature_def.add(key="more")),
        "Signatures must be serving_default and the manifest's endpoints",
    ),
    "swapped signatures": (signature_of("sample", "generate"), "inputs of 'sample' must be"),
    "another default": (
        signature_of("serving_default", "generate"),
        "inputs of 'serving_default' must be",
    ),
    "a saver as an output": (program(saver_as_output), "leaves files and variables alone"),
    "weights from another file": (program(restores_another_file), "the file that the loader names"),
    "a variable more": (program(variable), ONCE),
    "variables that the manifest lacks": (
        lambda directory, manifest: manifest["sizes"].update(
            variables=manifest["sizes"]["variables"] + 4
        ),
        ONCE,
    ),
    "data after the weights": (
        file_of(DATA, lambda data: data + b"#!/bin/sh\n"),
        "fill the data file",
    ),
    "an index of another kind": (file_of(INDEX, lambda data: data[::-1]), "a table of TensorFlow"),
    "a cut index": (file_of(INDEX, lambda data: data[-48:]), "a table of"),
    "an index that is not plain": (
        file_of(INDEX, lambda data: data.replace(b"VARIABLE_VALUE", b"VARIABLE_VALUF")),
        ONCE,
    ),
    "a part that nobody knows": (
        file_of("saved_model.pb", lambda data: data + b"\xa2\x06\x03abc"),
        "known fields of SavedModel only. Received: number 100",
    ),
    "two graphs": (
        file_of("saved_model.pb", lambda data: data + data[2:]),
        "has one graph, tagged 'serve'",
    ),
    "no program": (file_of("saved_model.pb", lambda data: b""), "has one graph, tagged 'serve'"),
}


@pytest.mark.parametrize("name", SAVED_MODEL)
def test_other_saved_models_are_refused(refused, name):
    change, sentence = SAVED_MODEL[name]
    assert sentence in refused(change)
