"""The form of a bundle's images: pixels in place of values in the model's range."""

import io
import json
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from starlette import testclient

import zoo
from export import forms, litert_models
from export.runtime import backends, channels_last, checks, golden_rows, grids, manifests
from export.server import application, limits, repository, served
from train.evaluation import candidates, references, sample_quality
from train.inference import codes, samples
from zoo.games import endpoints

SHAPE = (6, 4, 3)  # no two sides are equal, so that no axis is taken for another
RANGE = (-1.0, 1.0)


def vae(value_range=RANGE):
    """A small untrained VAE of colour images, which has every endpoint of an encoder."""
    keras.utils.set_random_seed(3)
    layers = keras.layers
    decoder = keras.Sequential([keras.Input([2]), layers.Dense(72), layers.Reshape(SHAPE)])
    encoder = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(4)])
    return zoo.games.VAE(
        encoder=encoder,
        decoder=decoder,
        prior=zoo.priors.normal(2),
        likelihood=zoo.likelihoods.gaussian(0.1, value_range),
    )


def written(folder, **options):
    return zoo.load(zoo.export(vae(), folder / "bundle", **options))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return written(tmp_path_factory.mktemp("plain"), endpoints=["sample", "encode", "score"])


@pytest.fixture(scope="module")
def pixels(tmp_path_factory):
    return written(tmp_path_factory.mktemp("pixels"), output="uint8")


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A bundle of pixels with the channels first."""
    return written(tmp_path_factory.mktemp("first"), output="uint8", layout="nchw")


@pytest.mark.parametrize("runtime", backends.RUNTIMES)
def test_pixels_are_those_of_the_pictures_of_the_float_bundle(plain, pixels, runtime):
    golden = golden_rows.read(plain.path / golden_rows.FILE)["sample"]
    expected = grids.pixels(golden.outputs["image"], RANGE)
    with backends.RUNTIMES[runtime](pixels.path, pixels.manifest) as run:
        made = run("sample", golden.inputs)["image"]
    assert made.dtype == np.uint8 and 10 < made.std()
    off = np.abs(made.astype(int) - expected)
    assert off.max() <= 1 and off.mean() <= 0.005  # as the gate has it


def test_every_image_is_pixels_and_nothing_else_is(pixels):
    image = {"dtype": "uint8", "shape": [None, *SHAPE], "range": [0, 255]}
    endpoints = pixels.manifest["endpoints"]
    for name in ("generate", "sample", "reconstruct", "interpolate"):
        assert endpoints[name]["outputs"] == {"image": image}
    for name, key in [("encode", "x"), ("score", "x"), ("interpolate", "x0"), ("features", "x")]:
        if name in endpoints:
            assert endpoints[name]["inputs"][key] == image
    assert endpoints["generate"]["inputs"]["z"]["dtype"] == "float32"
    assert pixels.manifest["preprocessing"] == {
        "scale": 1.0,
        "offset": 0.0,
        "range": [0.0, 255.0],
        "size": [6, 4],
        "channels": 3,
        "layout": "NHWC",
    }


def test_pixels_are_encoded_as_the_values_that_they_stand_for(plain, pixels):
    x = np.random.default_rng(0).integers(0, 256, (5, *SHAPE))
    values = (x * (2.0 / 255.0) - 1.0).astype(np.float32)
    np.testing.assert_allclose(pixels.encode(x), plain.encode(values), rtol=0, atol=1e-5)
    np.testing.assert_allclose(pixels.score(x), plain.score(values), rtol=1e-5)
    # what a model gives can be fed to it
    assert pixels.reconstruct(pixels.sample(3)).dtype == np.uint8


def test_pixels_outside_of_a_byte_and_fractions_are_refused(pixels):
    with pytest.raises(ValueError, match=r"must be in \[0, 255\]. Received: 0 to 256"):
        pixels.encode(np.arange(72).reshape(1, *SHAPE) * 256 // 71)
    with pytest.raises(ValueError, match="must be uint8. Received: float64"):
        pixels.encode(np.full((1, *SHAPE), 0.5))


def test_values_are_rounded_half_to_even_and_clipped():
    x = np.array([-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 254.5, 255.0, 300.0], np.float32)
    made = forms.to_pixels(x, (0.0, 255.0)).numpy()
    assert made.tolist() == [0, 0, 0, 0, 1, 2, 254, 255, 255]
    assert np.array_equal(forms.from_pixels(made, (0.0, 255.0)).numpy(), made)


def test_the_gate_passes_a_bundle_of_pixels(pixels):
    assert checks.check(pixels.path, echo=lambda line: None, isolated=False) == []


def test_triton_and_the_card_say_uint8(pixels):
    config = backends.config_path(pixels.path, pixels.manifest, "encode").read_text()
    assert 'name: "x" data_type: TYPE_UINT8 dims: [6, 4, 3]' in config
    card = (pixels.path / "README.md").read_text()
    assert "Its values are the pixels, from 0 to 255." in card
    assert "no pixel may be off by more than one level" in card
    graph = backends.onnx_path(pixels.path, pixels.manifest, "generate")
    import onnx

    properties = {entry.key: entry.value for entry in onnx.load(graph).metadata_props}
    assert properties["Image.NominalPixelRange"] == "NominalRange_0_255"


def test_points_have_no_pixels(tmp_path):
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input([3]), keras.layers.Dense(2)])
    critic = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])
    game = zoo.games.GAN(
        generator=generator,
        critic=critic,
        prior=zoo.priors.normal(3),
        loss=zoo.losses.non_saturating(),
    )
    with pytest.raises(ValueError, match="can be chosen for a model with images"):
        zoo.export(game, tmp_path / "out", output="uint8")
    with pytest.raises(ValueError, match="Available: float32, uint8"):
        zoo.export(game, tmp_path / "out", output="uint16")
    assert not (tmp_path / "out").exists()


def lens(bounded):
    """An endpoint from images to images, and one whose images have no range unless `bounded`."""
    inputs = {"x": tf.TensorSpec([None, *SHAPE], tf.float32, "x")}

    def endpoint(value_range):
        def example(seed):
            return {"x": tf.zeros([tf.shape(seed)[0], *SHAPE])}

        ranges = {"image": value_range}
        return endpoints.Endpoint(lambda x: {"image": x}, inputs, ranges, example, {"x": RANGE})

    return {"flip": endpoint(RANGE), "lens": endpoint(RANGE if bounded else None)}


def test_images_without_a_range_are_turned_and_have_no_pixels():
    first = forms.applied(lens(bounded=False), forms.Form(layout="nchw"))
    x = np.random.default_rng(0).normal(size=(2, *SHAPE)).astype(np.float32)
    turned = first["lens"].function(x.transpose(0, 3, 1, 2))["image"]
    np.testing.assert_array_equal(turned, x.transpose(0, 3, 1, 2))
    assert first["lens"].ranges == {"image": None}
    with pytest.raises(ValueError, match="every image has a range.*Received: lens with images"):
        forms.applied(lens(bounded=False), forms.Form("uint8"))
    assert forms.applied(lens(bounded=True), forms.Form("uint8"))["lens"].ranges == {
        "image": (0, 255)
    }
    only = {"lens": lens(bounded=False)["lens"]._replace(input_ranges={"x": None})}
    with pytest.raises(ValueError, match="in a range. Received: .* without them"):
        forms.applied(only, forms.Form(layout="nchw"))


def test_a_difference_of_pixels_is_the_fraction_that_rounding_moved():
    expected = np.zeros((64, 8, 8, 2), np.uint8)  # 8,192 of them
    values = expected.copy()
    values.flat[:41] = 1  # 0.5 %
    assert golden_rows.difference(values, expected) == pytest.approx(41 / 8192 / 510)
    assert golden_rows.difference(values, expected) <= golden_rows.TOLERANCE
    values.flat[:45] = 1
    assert golden_rows.difference(values, expected) > golden_rows.TOLERANCE
    values = expected.copy()
    values.flat[0] = 2
    assert golden_rows.difference(values, expected) == pytest.approx(2 / 255)
    # of one small image a moved pixel is a large part, and no more wrong
    assert golden_rows.difference(values[1:2] + np.eye(8, 2, dtype=np.uint8), expected[1:2]) < 1e-5


@pytest.mark.parametrize("runtime", backends.RUNTIMES)
def test_channels_first_are_the_same_images(pixels, first, runtime):
    golden = golden_rows.read(pixels.path / golden_rows.FILE)["reconstruct"]
    inputs = {"x": golden.inputs["x"].transpose(0, 3, 1, 2)}
    with backends.RUNTIMES[runtime](first.path, first.manifest) as run:
        made = run("reconstruct", inputs)["image"]
    expected = golden.outputs["image"].transpose(0, 3, 1, 2)
    assert made.shape == (64, 3, 6, 4)
    assert golden_rows.difference(made, expected) <= 1e-5


def test_a_bundle_gives_and_takes_the_layout_that_its_manifest_names(first):
    shape = [None, 3, 6, 4]
    endpoints = first.manifest["endpoints"]
    assert endpoints["interpolate"]["inputs"]["x1"]["shape"] == shape
    assert endpoints["sample"]["outputs"]["image"]["shape"] == shape
    about = first.manifest["preprocessing"]
    assert (about["size"], about["channels"], about["layout"]) == ([6, 4], 3, "NCHW")
    x = first.sample(4)
    assert x.shape == (4, 3, 6, 4)
    assert first.reconstruct(x).shape == x.shape
    with pytest.raises(ValueError, match="must have the shape"):
        first.reconstruct(x.transpose(0, 2, 3, 1))
    assert "[3, 6, 4], channels first, then rows" in (first.path / "README.md").read_text()
    config = backends.config_path(first.path, first.manifest, "encode").read_text()
    assert 'name: "x" data_type: TYPE_UINT8 dims: [3, 6, 4]' in config


def test_pictures_have_the_channels_last_whatever_the_layout(pixels, first):
    view = channels_last.view(first)
    assert channels_last.view(pixels) is pixels
    assert (view.offered(), view.classes(), view.output_range("sample")) == (
        pixels.offered(),
        None,
        (0, 255),
    )
    x = pixels.sample(4, seed=2)
    assert golden_rows.difference(view.sample(4, seed=2), x) <= 1e-5
    assert golden_rows.difference(view.reconstruct(x), pixels.reconstruct(x)) <= 1e-5


def test_the_gate_passes_a_bundle_with_the_channels_first(first):
    assert checks.check(first.path, echo=lambda line: None, isolated=False) == []


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A file of images of the model's size, and of another one."""
    path = tmp_path_factory.mktemp("images") / "images.npz"
    np.savez(path, images=np.random.default_rng(1).integers(0, 256, (8, *SHAPE)).astype(np.uint8))
    return path


@pytest.mark.parametrize("form", ["pixels", "first"])
def test_the_verbs_take_every_form(form, images, tmp_path, request):
    bundle, file = request.getfixturevalue(form), str(tmp_path / "out.npz")
    model = channels_last.view(bundle)
    samples.write(model, file, count=3, seed=1)
    assert np.load(file)["images"].shape == (3, *SHAPE)
    np.testing.assert_array_equal(np.load(file)["images"], model.sample(3, seed=1))
    samples.write(model, str(tmp_path / "out.png"), count=3, seed=1)
    codes.reconstruct(bundle, f"npz:{images}", file, count=4)
    made = np.load(file)
    np.testing.assert_array_equal(made["examples"], np.load(images)["images"][:4])
    np.testing.assert_array_equal(made["images"], model.reconstruct(made["examples"]))
    codes.reconstruct(bundle, str(images), str(tmp_path / "pairs.png"), count=4)
    codes.encode(bundle, str(images), file, count=4)
    np.testing.assert_allclose(np.load(file)["mean"], model.encode(made["examples"]), atol=1e-6)
    codes.interpolate(bundle, str(images), file, count=2, steps=3)
    assert np.load(file)["images"].shape == (2, 3, *SHAPE)
    codes.score(bundle, str(images), file, count=4)


@pytest.mark.parametrize("form", ["pixels", "first"])
def test_samples_are_measured_in_every_form(form, plain, images, request):
    path = request.getfixturevalue(form).path
    expected = candidates.find(str(plain.path), f"npz:{images}")._replace(num=16)
    measured = candidates.find(str(path), f"npz:{images}")._replace(num=16)
    assert (measured.data.size, measured.value_range) == ((6, 4), (0, 255))
    assert references.examples(measured, "train", 3).shape == (3, *SHAPE)
    values = [
        sample_quality.sliced_wasserstein_distance(candidate)["value"]
        for candidate in (measured, expected)
    ]
    np.testing.assert_allclose(values[0], values[1], rtol=1e-3)


@pytest.mark.parametrize("form", ["pixels", "first"])
def test_the_server_takes_and_gives_every_form(form, request):
    bundle = request.getfixturevalue(form)
    model = served.load(bundle.path)
    known = repository.Repository([], check=False)
    known.publish({"VAE": {1: model}})
    x = bundle.sample(2)
    with testclient.TestClient(application.build(known, bounds=limits.Limits())) as client:
        answer = client.post(
            "/v1/models/VAE:predict", json={"signature_name": "reconstruct", "inputs": x.tolist()}
        )
        np.testing.assert_array_equal(answer.json()["outputs"], bundle.reconstruct(x))
        tensor = {"name": "x", "datatype": "UINT8", "shape": list(x.shape)}
        asked = {"inputs": [{**tensor, "data": x.ravel().tolist()}]}
        (image,) = client.post("/v2/models/VAE_reconstruct/infer", json=asked).json()["outputs"]
        assert (image["datatype"], image["shape"]) == ("UINT8", list(x.shape))
        wrong = {"signature_name": "reconstruct", "inputs": (x.astype(int) + 256).tolist()}
        refused = client.post("/v1/models/VAE:predict", json=wrong)
        assert refused.status_code == 400 and "must be in [0, 255]" in refused.json()["error"]
        picture = client.get("/v1/models/VAE:sample?num=1&seed=0")
        asked = client.get("/openapi.json").json()["paths"]["/v2/models/VAE_encode/infer"]["post"]
        about = client.get("/v1/models/VAE/metadata").json()["metadata"]["signature_def"]
    assert "DT_UINT8" in json.dumps(about) and "UINT8" in json.dumps(asked)
    shown = np.asarray(Image.open(io.BytesIO(picture.content)))[:: 32 // 4, :: 32 // 4]
    np.testing.assert_array_equal(shown, channels_last.view(bundle).sample(1)[0])
    model.batcher.close()


def test_litert_files_have_the_form_of_the_bundle(first, tmp_path):
    pytest.importorskip("ai_edge_litert", reason="the extra [litert] is not installed")
    differences = litert_models.write(first.path, tmp_path / "litert")
    assert set(differences) == {"generate", "encode", "reconstruct"}
    assert max(differences.values()) <= 1e-5


def resaid(bundle, folder, change):
    """What the gate says of a copy whose manifest says something else."""
    copy = folder / "copy"
    shutil.copytree(bundle.path, copy)
    manifest = json.loads((copy / manifests.FILE).read_text())
    change(manifest)
    manifests.seal(copy, manifest)
    return " ".join(checks.check(copy, echo=lambda line: None, isolated=False))


def as_nhwc(manifest):
    about = manifest["preprocessing"]
    manifest["preprocessing"] = about | {"layout": "NHWC", "size": [3, 6], "channels": 4}


def as_floats(manifest):
    for endpoint in manifest["endpoints"].values():
        for side in endpoint.values():
            for about in side.values():
                if about["dtype"] == "uint8":
                    about |= {"dtype": "float32", "range": [0.0, 255.0]}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (as_nhwc, "The axes denoted DATA_CHANNEL must be [] in the manifest's layout, NHWC"),
        (as_floats, "outputs of 'generate' must be {'image': ('float32', [-1, 3, 6, 4])}"),
    ],
    ids=["another layout", "another dtype"],
)
def test_a_manifest_that_lies_about_the_form_is_refused(first, tmp_path, change, sentence):
    assert sentence in resaid(first, tmp_path, change)
