"""Every gate fails on the bundle that it is there to refuse."""

import json
import os
import shutil

import numpy as np
import onnx
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from export import onnx_graphs, saved_models
from export.runtime import checks, golden_rows, manifests, onnx_texts, rules, warm_up
from train import checkpoints

MODEL = "onnx/dcgan_digits_generate/3/model.onnx"


def failed(failures, what, why=""):
    assert any(what in failure and why in failure for failure in failures), failures


def graph(change):
    """A change to an ONNX graph's protobuf."""

    def apply(directory):
        model = onnx.load(directory / MODEL)
        change(model)
        (directory / MODEL).write_bytes(model.SerializeToString())

    return apply


def program(change):
    """A change to saved_model.pb."""

    def apply(directory):
        path = directory / "saved_model" / "3" / "saved_model.pb"
        saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
        change(saved.meta_graphs[0])
        path.write_bytes(saved.SerializeToString())

    return apply


def goldens(change):
    """A change to the golden values."""

    def apply(directory):
        golden = golden_rows.read(directory / "golden.npz")
        change(golden)
        golden_rows.write(directory / "golden.npz", golden)

    return apply


def replaced(run, function, formats=("saved_model", "onnx")):
    """A change of `generate` to another function of the game and z."""

    def apply(directory):
        game = checkpoints.load_game(run)
        with game.averaged_weights():
            endpoint = game.endpoints()["generate"]._replace(
                function=lambda z: {"image": function(game, z)}
            )
            if "saved_model" in formats:
                shutil.rmtree(directory / "saved_model")
                offered = game.endpoints() | {"generate": endpoint}
                saved_models.write(
                    directory / "saved_model" / "3",
                    offered,
                    golden_rows.read(directory / "golden.npz"),
                )
            if "onnx" in formats:
                manifest = manifests.read(directory)
                about = manifest["endpoints"]["generate"]
                properties = onnx_texts.properties(
                    manifest["name"], manifest["source"]["step"], manifest["version"]
                )
                model = onnx_graphs.convert("generate", endpoint, about, properties)
                (directory / MODEL).write_bytes(model.SerializeToString())

    return apply


def flip_a_byte(directory):
    data = bytearray((directory / MODEL).read_bytes())
    data[len(data) // 2] ^= 1
    (directory / MODEL).write_bytes(data)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (flip_a_byte, f"changed {MODEL}"),
        (lambda d: (d / "extra.txt").write_text("x"), "extra extra.txt"),
        (lambda d: (d / "golden.npz").unlink(), "missing golden.npz"),
        (lambda d: (d / "link").symlink_to("README.md"), "link"),
    ],
    ids=["flipped byte", "extra file", "missing file", "link"],
)
def test_other_files_are_refused(broken, change, why):
    failed(broken(change, seal=False), "SHA256SUMS", why)


def test_a_copy_of_hard_links_is_accepted(bundle, tmp_path):
    copy = shutil.copytree(bundle, tmp_path / "copy", copy_function=os.link)
    assert manifests.verify(copy) == manifests.read(bundle)
    assert (copy / MODEL).stat().st_nlink > 1


def test_a_manifest_that_is_no_json_is_refused(broken):
    failures = broken(lambda d: (d / "manifest.json").write_text("{"), seal=False)
    failed(failures, "manifest.json is as docs/bundles.md has it", "must be JSON")


def test_a_manifest_that_leaves_the_bundle_is_refused(broken):
    def change(directory):
        manifest = json.loads((directory / "manifest.json").read_text())
        manifest["endpoints"]["../generate"] = manifest["endpoints"].pop("generate")
        manifests.seal(directory, manifest)

    failed(broken(change, seal=False), "manifest.json", "'../generate'")


def test_a_random_operation_in_onnx_is_refused(broken):
    def change(model):
        model.graph.node.append(onnx.helper.make_node("RandomNormalLike", ["z"], ["noise"]))

    failed(broken(graph(change)), "ONNX generate", "RandomNormalLike")


def test_another_domain_in_onnx_is_refused(broken):
    def change(model):
        model.graph.node[-1].domain = "com.example"
        model.opset_import.append(onnx.helper.make_opsetid("com.example", 1))

    failed(broken(graph(change)), "ONNX generate", "com.example")


def test_an_invalid_onnx_graph_is_refused(broken):
    failed(
        broken(graph(lambda model: model.graph.node[0].input.__setitem__(0, "nothing"))),
        "ONNX generate",
        "nothing",
    )


def test_weights_outside_the_onnx_file_are_refused(broken):
    def change(model):
        tensor = model.graph.initializer[0]
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="../../../../etc/passwd")

    failed(broken(graph(change)), "ONNX generate", "external data")


@pytest.mark.parametrize("side", ["input", "output"])
def test_a_fixed_batch_axis_in_onnx_is_refused(broken, side):
    def change(model):
        getattr(model.graph, side)[0].type.tensor_type.shape.dim[0].dim_value = 64

    failed(broken(graph(change)), "ONNX generate: a free batch axis", "64")


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_fixed_batch_axis_in_a_signature_is_refused(broken, side):
    def change(meta):
        next(iter(getattr(meta.signature_def["sample"], side).values())).tensor_shape.dim[
            0
        ].size = 64

    failed(broken(program(change)), "SavedModel: signatures", "64")


@pytest.mark.parametrize("where", ["graph", "function"])
def test_a_writing_operation_in_a_saved_model_is_refused(broken, where):
    def change(meta):
        nodes = (
            meta.graph_def.node if where == "graph" else meta.graph_def.library.function[0].node_def
        )
        nodes.add(name="write", op="WriteFile")

    failed(broken(program(change)), "SavedModel: operations", "WriteFile")


def test_a_saver_that_a_signature_calls_is_refused(broken):
    def change(meta):
        output = next(iter(meta.signature_def["sample"].outputs.values()))
        output.name = meta.saver_def.save_tensor_name

    failed(broken(program(change)), "SavedModel: operations", "SaveV2")


def test_a_saver_behind_an_initializer_is_refused(broken):
    def change(meta):
        initializer = (
            meta.signature_def["__saved_model_init_op"].outputs["__saved_model_init_op"].name
        )
        next(node for node in meta.graph_def.node if node.name == initializer).input.append(
            "^" + meta.saver_def.save_tensor_name.split(":")[0]
        )

    failed(broken(program(change)), "SavedModel: operations", "SaveV2")


def test_golden_values_that_differ_are_refused(broken):
    failures = broken(
        goldens(lambda golden: golden["sample"].outputs["image"].__iadd__(np.float32(2e-5)))
    )
    for runtime in ("saved_model", "session", "onnx"):
        failed(failures, f"{runtime}: golden values", "'image' of 'sample'")


def test_golden_values_that_are_not_finite_are_refused(broken):
    def change(golden):
        golden["generate"].outputs["image"][5, 0, 0, 0] = np.nan

    failed(broken(goldens(change)), "golden.npz: outputs finite", "NaN")


def test_fewer_golden_rows_are_refused(broken):
    def change(golden):
        for arrays in golden["generate"]:
            arrays |= {name: value[:0] for name, value in arrays.items()}

    failed(broken(goldens(change)), "golden.npz: 64 rows", "generate/inputs/z.npy must have")


def test_no_golden_values_are_refused(broken):
    failed(broken(goldens(dict.clear)), "golden.npz: 64 rows", "must hold 6 arrays")


def test_warm_up_that_passes_an_endpoint_over_is_refused(broken):
    def change(directory):
        golden = golden_rows.read(directory / "golden.npz")
        shutil.rmtree(directory / "saved_model" / "3" / "assets.extra")
        warm_up.write(directory / "saved_model" / "3", {"sample": golden["sample"]})

    failed(broken(change), "warm-up requests ask every endpoint", "['sample']")


def test_calls_that_disagree_are_refused():
    calls = []

    def run(endpoint, inputs):
        calls.append(endpoint)
        return {"y": np.full([64, 1], 1e-7 * len(calls))}

    golden = {"f": golden_rows.Golden({"x": np.zeros([64, 1])}, {"y": np.zeros([64, 1])})}
    with pytest.raises(ValueError, match="'y' of 'f' must be equal to 0"):
        rules.repeatable(run, {"endpoints": {"f": {}}}, golden)


def test_outputs_that_are_not_finite_are_refused(run, broken):
    failures = broken(
        replaced(
            run,
            lambda game, z: (
                game.generator(z, training=False) + tf.math.log(-1.0 - tf.abs(z[:, :1, None, None]))
            ),
        )
    )
    for runtime in ("saved_model", "session", "onnx"):
        failed(failures, f"{runtime}: finite", "NaN")


def test_outputs_outside_the_declared_range_are_refused(run, broken):
    failures = broken(replaced(run, lambda game, z: 2.0 + game.generator(z, training=False)))
    for runtime in ("saved_model", "session", "onnx"):
        failed(failures, f"{runtime}: finite, in the declared range", "[-1.0, 1.0]")


def test_rows_that_are_mixed_are_refused(run, broken):
    def mixed(game, z):
        x = game.generator(z, training=False)
        return 0.5 * x + 0.5 * tf.reduce_mean(x, axis=0, keepdims=True)

    failures = broken(replaced(run, mixed))
    for runtime in ("saved_model", "session", "onnx"):
        failed(failures, f"{runtime}: a row alone", "'image' of 'generate'")


@pytest.mark.parametrize(
    ("form", "gate", "why"),
    [
        ("saved_model", "SavedModel: operations", "AssignVariableOp"),
        ("onnx", "onnx: a row alone", "'image' of 'generate'"),
    ],
)
def test_an_export_in_training_is_refused(run, broken, form, gate, why):
    failed(
        broken(replaced(run, lambda game, z: game.generator(z, training=True), [form])), gate, why
    )


def test_constants_in_place_of_variables_are_refused(run, broken):
    def frozen(game, z):
        return game.generator(z, training=False) + 0.0 * tf.reduce_sum(
            tf.constant(np.random.default_rng(0).normal(size=100_000), tf.float32)
        )

    failed(broken(replaced(run, frozen, ["saved_model"])), "the weights once")


def test_the_gate_says_what_and_why():
    lines = []
    gate = checks.Gate(lines.append)
    assert gate.run("a law", lambda: 2.5e-7) == 2.5e-7
    gate.run("a rule", lambda: json.loads("{"))
    assert lines[0] == "ok  a law  2.5e-07"
    assert lines[1].startswith("FAIL  a rule: ") and gate.failures[0].startswith("a rule: ")
