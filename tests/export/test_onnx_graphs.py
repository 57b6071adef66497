"""ONNX graphs of draws and of every generator compute what TensorFlow computes."""

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

import configs
from export import functions, onnx_graphs
from export.runtime import golden_rows
from train import experiments
from zoo import networks, priors, seeds
from zoo.games import endpoints


def converted(function, inputs, outputs, example):
    """Returns the outputs of TensorFlow and of ONNX Runtime, and the model."""
    values = {name: value.numpy() for name, value in function(**example).items()}
    described = {
        "inputs": {
            k: {"dtype": v.dtype.name, "shape": [None, *v.shape[1:]], "range": None}
            for k, v in inputs.items()
        },
        "outputs": {
            k: {"dtype": str(v.dtype), "shape": [None, *v.shape[1:]], "range": outputs[k]}
            for k, v in values.items()
        },
    }
    model = onnx_graphs.convert(
        "f",
        endpoints.Endpoint(function, inputs, outputs, None, {}),
        described,
        {"source": "a test"},
    )
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = list(values)
    return (
        values,
        dict(zip(names, session.run(names, {k: v.numpy() for k, v in example.items()}))),
        model,
    )


def test_draws_are_those_of_tensorflow():
    all_priors = {name: factory(size=7) for name, factory in priors.PRIORS.items()}
    example = {"seed": tf.constant(golden_rows.seeds())}  # 0 and 2**63 - 1 among them
    ours, theirs, model = converted(
        lambda seed: {name: prior.sample(seeds.Rows(seed)) for name, prior in all_priors.items()},
        {"seed": tf.TensorSpec([None], tf.int64, "seed")},
        dict.fromkeys(all_priors),
        example,
    )
    for name in all_priors:
        np.testing.assert_allclose(theirs[name], ours[name], rtol=0, atol=1e-6)
    assert not [node.op_type for node in model.graph.node if "Random" in node.op_type]


def test_words_are_bit_equal_at_the_ends_of_the_seeds():
    def words(seed):
        x0, x1 = seeds.threefry(
            (seed[:, None], seed[:, None] // 2),
            (tf.range(5, dtype=tf.int64)[None], tf.constant([[3]], tf.int64)),
        )
        return {"words": tf.concat([x0, x1], axis=1)}

    example = {"seed": tf.constant([0, 1, 2**31, 2**32 - 1], tf.int64)}
    ours, theirs, _ = converted(
        words, {"seed": tf.TensorSpec([None], tf.int64, "seed")}, {"words": None}, example
    )
    np.testing.assert_array_equal(theirs["words"], ours["words"])


@pytest.mark.parametrize(
    ("name", "options", "shape"),
    [
        ("dcgan_generator", {"width": 4}, (33, 33, 3)),
        ("dcgan_generator", {"width": 4, "normalization": "layer"}, (48, 64, 1)),
        ("residual_generator", {"width": 4}, (33, 20, 3)),
        ("mlp_generator", {"units": (16,)}, (8, 8, 1)),
        ("mlp_generator", {"units": (16,)}, (2,)),
    ],
    ids=["cropped", "oblong", "residual", "mlp", "points"],
)
def test_generators_compute_the_same(name, options, shape):
    value_range = None if len(shape) == 1 else (-1.0, 1.0)
    generator = networks.NETWORKS[name](latent=5, shape=shape, value_range=value_range, **options)
    draws = np.random.default_rng(0)
    for (
        variable
    ) in generator.variables:  # of the size of a trained network's, moving statistics too
        value = (
            draws.uniform(0.5, 1.5, variable.shape)
            if variable.ndim == 1
            else draws.normal(0, 0.3, variable.shape)
        )
        variable.assign(value)
    example = {"z": tf.constant(draws.normal(size=(4, 5)), tf.float32)}
    inputs = {"z": tf.TensorSpec([None, 5], tf.float32, "z")}
    ours, theirs, model = converted(
        lambda z: {"x": generator(z, training=False)}, inputs, {"x": value_range}, example
    )
    assert ours["x"].shape == (4, *shape) and ours["x"].std() > 0.1
    assert golden_rows.difference(theirs["x"], ours["x"]) <= 1e-5
    properties = {entry.key: entry.value for entry in model.metadata_props}
    pixels = {1: "Gray8", 3: "Rgb8"}.get(shape[-1]) if value_range else None
    assert properties.get("Image.BitmapPixelFormat") == pixels
    assert properties.get("Image.NominalPixelRange") == (pixels and "Normalized_1_1")
    assert model.graph.output[0].type.denotation == ("IMAGE" if pixels else "")
    assert properties["opset"] == "18" and properties["source"] == "a test"
    axes = [
        value.type.tensor_type.shape.dim[0].dim_param
        for value in [*model.graph.input, *model.graph.output]
    ]
    assert axes == ["batch", "batch"] and not model.graph.value_info


@pytest.mark.parametrize("config", ["age_digits", "conditional_vae_digits"])
def test_weights_that_the_converter_does_not_see_are_each_once_in_the_graph(config, monkeypatch):
    about = {"shape": (8, 8, 1), "value_range": (0.0, 1.0), "classes": 10}
    game = experiments.compiled(configs.load(config), about)
    draws = np.random.default_rng(0)
    for variable in game.variables:
        if variable.ndim > 1:
            variable.assign(draws.normal(0.0, 0.3, variable.shape))
    endpoint = game.endpoints()["interpolate"]  # the encoder twice, and the decoder
    golden = functions.golden({"interpolate": endpoint})
    described = functions.describe({"interpolate": endpoint}, golden)["interpolate"]
    monkeypatch.setattr(onnx_graphs, "LARGE", 1000)
    model = onnx_graphs.convert("interpolate", endpoint, described, {}, game.variables)
    assert [value.name for value in model.graph.input] == list(endpoint.inputs)
    unseen = [t for t in model.graph.initializer if t.name.startswith("weight_")]
    assert len(unseen) == len({t.raw_data for t in unseen}) >= 4
    names = {t.name for t in unseen}
    ways = {n.op_type for n in model.graph.node if n.input and n.input[0] in names}
    assert "Transpose" not in ways  # done once, at export
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    inputs, outputs = golden["interpolate"]
    (actual,) = session.run(list(outputs), inputs)
    assert golden_rows.difference(actual, *outputs.values()) <= 1e-5
