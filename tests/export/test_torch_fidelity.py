"""The graph for torch-fidelity gives the bundle's images as that package takes them."""

import keras
import numpy as np
import onnxruntime
import pytest

import zoo
from export import torch_fidelity
from export.runtime import grids

layers = keras.layers


def conditional(folder, **form):
    """A bundle of a conditional generator of colour images on the sphere, with `generate` alone."""
    keras.utils.set_random_seed(2)
    z, label = keras.Input([3]), keras.Input([], dtype="int64")
    joined = layers.Concatenate()([z, layers.Embedding(4, 3)(label)])
    image = layers.Reshape([4, 6, 3])(layers.Dense(72, activation="sigmoid")(joined))
    x = keras.Input([4, 6, 3])
    flat = layers.Concatenate()([layers.Flatten()(x), layers.Embedding(4, 2)(label)])
    game = zoo.games.GAN(
        generator=keras.Model([z, label], image),
        critic=keras.Model([x, label], layers.Dense(1)(flat)),
        prior=zoo.priors.sphere(3),
        loss=zoo.losses.non_saturating(),
        classes=4,
    )
    return zoo.export(game, folder / "bundle", endpoints=["generate"], **form)


def pixels(bundle, z, **options):
    opened = zoo.load(bundle)
    images = opened.generate(z.astype(np.float32), **options)
    return grids.pixels(images, opened.output_range("generate"))


def run(path, **inputs):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [value.name for value in session.get_inputs()] == list(inputs)
    (image,) = session.run(None, inputs)
    assert image.dtype == np.uint8
    return image


def test_uniform_noise_becomes_the_latents_and_grey_becomes_three_channels(bundle, tmp_path):
    out = tmp_path / "graph.onnx"
    command = torch_fidelity.write(bundle, out)
    noise = np.random.default_rng(0).random((5, 100)).astype(np.float32)
    made = run(out, noise=noise)
    expected = pixels(bundle, 2.0 * noise - 1.0)
    assert made.shape == (5, 3, 8, 8) and expected.std() > 10
    for channel in range(3):
        off = made[:, channel].astype(int) - expected[..., 0]
        assert np.abs(off).max() <= 1 and np.mean(off != 0) <= 0.01
    assert command == (
        f"fidelity --fid --input1 {out} --input1-model-z-type uniform_0_1 "
        "--input1-model-z-size 100 --input1-model-num-classes 0 "
        "--input1-model-num-samples 50000 --input2 FOLDER"
    )


@pytest.mark.parametrize("form", [{}, {"output": "uint8", "layout": "nchw"}], ids=["", "pixels"])
def test_normal_noise_becomes_latents_on_the_sphere_and_labels_come_second(form, tmp_path):
    bundle, out = conditional(tmp_path, **form), tmp_path / "graph.onnx"
    command = torch_fidelity.write(bundle, out)
    assert "--input1-model-z-type normal" in command and "-num-classes 4" in command
    noise = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    label = np.arange(6) % 4
    made = run(out, noise=noise, label=label)
    z = noise / np.linalg.norm(noise, axis=1, keepdims=True)
    expected = pixels(bundle, z, label=label)
    expected = expected if form else expected.transpose(0, 3, 1, 2)
    assert made.shape == (6, 3, 4, 6) and expected.std() > 1
    assert np.max(np.abs(made.astype(int) - expected)) <= 1


def test_a_graph_that_gives_other_images_is_not_written(bundle, tmp_path, monkeypatch):
    monkeypatch.setattr(torch_fidelity, "_from_noise", lambda chain, prior: None)
    with pytest.raises(ValueError, match="must give the golden images of 'generate'"):
        torch_fidelity.write(bundle, tmp_path / "graph.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_no_generator_of_images_is_refused(bundle, tmp_path):
    manifest = zoo.load(bundle).manifest
    for change in (
        {"prior": None},
        {"prior": manifest["prior"] | {"name": "mixture"}},
        {"preprocessing": manifest["preprocessing"] | {"channels": 4}},
        {"endpoints": {"sample": manifest["endpoints"]["sample"]}},
    ):
        with pytest.raises(ValueError, match="torch-fidelity measures a generator"):
            torch_fidelity.check(manifest | change)


def test_the_file_is_refused_before_the_bundle_is_made(tmp_path):
    with pytest.raises(ValueError, match="must end in .onnx"):
        torch_fidelity.check_path(tmp_path / "graph.pth")
    (tmp_path / "graph.onnx").touch()
    with pytest.raises(FileExistsError, match="must not exist"):
        torch_fidelity.check_path(tmp_path / "graph.onnx")
