"""Sources by name: their pixels, ranges and sizes."""

import numpy as np
import pytest
from sklearn import datasets

from train.data import descriptions, sources


@pytest.mark.parametrize("value_range", [(-1.0, 1.0), (0.0, 1.0), (-0.5, 2.0)], ids=str)
def test_pixels_map_linearly_to_the_value_range(tmp_path, value_range):
    low, high = value_range
    np.savez(tmp_path / "a.npz", np.arange(256, dtype=np.uint8).reshape(256, 1, 1))
    source = sources.load(f"npz:{tmp_path / 'a.npz'}", value_range=value_range)
    batch = next(iter(sources.batches(source, batch_size=256, seed=1)))["x"].numpy().reshape(-1)
    np.testing.assert_allclose(np.sort(batch), np.linspace(low, high, 256), rtol=0, atol=2e-7)
    assert (batch.min(), batch.max()) == value_range


@pytest.mark.parametrize("value_range", [None, (1.0, 1.0), (1.0, -1.0), (0.0,)], ids=str)
def test_wrong_value_range_is_an_error(value_range):
    with pytest.raises(ValueError, match=r"`value_range` of images must be \(low, high\)"):
        sources.load("digits", value_range=value_range)


def test_labels_go_with_their_examples():
    source, digits = sources.load("digits", split="train[:200]"), datasets.load_digits()
    np.testing.assert_array_equal(source.labels, digits.target[:200])
    labelled = sources.batches(source, inputs=("x", "label"), batch_size=50, seed=3)
    plain = sources.batches(source, batch_size=50, seed=3)
    by_pixels = {bytes(image): label for image, label in zip(sources.images(source), digits.target)}
    for batch, alone in zip(labelled.take(5), plain):
        np.testing.assert_array_equal(batch["x"], alone["x"])
        pixels = np.rint((batch["x"].numpy() + 1.0) * 127.5).astype(np.uint8)
        assert [by_pixels[bytes(image)] for image in pixels] == batch["label"].numpy().tolist()


def test_a_split_keeps_the_classes_of_the_data_set():
    source = sources.load("digits", split="train[:3]")  # of the digits 0, 1 and 2
    assert (source.classes, source.class_names) == (10, tuple("0123456789"))


@pytest.mark.parametrize("name, inputs", [("ring", ("x", "label")), ("digits", ("a", "b"))])
def test_an_input_that_the_source_lacks_is_an_error(name, inputs):
    source = sources.load(name, split="train[:20]")
    with pytest.raises(
        ValueError, match=f"`inputs` of '{name}' must be some of x.*inputs="
    ) as raised:
        sources.batches(source, inputs=inputs, batch_size=5, seed=0)
    assert "NAME,NAME" in str(raised.value) and "class folders" in str(raised.value)


def test_points_have_no_labels():
    source = sources.load("ring")
    assert (source.labels, source.classes, source.class_names) == (None, None, None)


def test_description_is_what_a_run_must_know():
    assert descriptions.describe(sources.load("ring")) == {
        "shape": [2],
        "count": 100_000,
        "value_range": None,
    }
    digits = sources.load("digits", split="train[:30]", value_range=(0.0, 1.0))
    assert descriptions.describe(digits) == {
        "shape": [8, 8, 1],
        "count": 30,
        "value_range": [0.0, 1.0],
        "classes": 10,
    }


def test_digits_are_scikit_learns_in_bytes():
    source = sources.load("digits", split="train[100:200]")
    assert (source.count, source.shape, source.value_range) == (100, (8, 8, 1), (-1.0, 1.0))
    expected = datasets.load_digits().images[100:200, ..., None] * 255 / 16
    np.testing.assert_allclose(sources.images(source), expected, atol=0.5)
    np.testing.assert_allclose(
        sources.mean_image(source), expected.mean(axis=0) / 255, atol=0.5 / 255
    )


@pytest.mark.parametrize("name", ["ring", "grid", "swiss_roll"])
def test_toy_gives_its_points_as_they_are(name):
    source = sources.load(name, value_range=None)
    assert (source.count, source.shape, source.value_range) == (100_000, (2,), None)
    points = sources.images(source)
    batch = next(iter(sources.batches(source, batch_size=500, seed=0)))["x"].numpy()
    assert set(map(tuple, batch)) <= set(map(tuple, points))
    assert not np.array_equal(sources.images(sources.load(name, split="test"), 10), points[:10])


def test_toy_has_no_pixels_to_resize_or_average():
    with pytest.raises(ValueError, match="`size` and `crop` are for images"):
        sources.load("ring", size=(8, 8))
    with pytest.raises(ValueError, match="`mean_image` needs a source of images"):
        sources.mean_image(sources.load("ring"))


def test_size_and_crop_apply_to_arrays(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 10, 3), dtype=np.uint8)
    np.savez(tmp_path / "a.npz", images)
    np.testing.assert_array_equal(
        sources.images(sources.load(f"npz:{tmp_path / 'a.npz'}", crop=4)), images[:, 2:6, 3:7]
    )
    blocks = images.reshape(3, 4, 2, 5, 2, 3).mean(axis=(2, 4))
    assert sources.load(f"npz:{tmp_path / 'a.npz'}", size=[4, 5]).shape == (4, 5, 3)
    halved = sources.images(sources.load(f"npz:{tmp_path / 'a.npz'}", size=[4, 5])).astype(float)
    assert np.corrcoef(halved.ravel(), blocks.ravel())[0, 1] > 0.9
    with pytest.raises(ValueError, match="`crop` must not exceed"):
        sources.load(f"npz:{tmp_path / 'a.npz'}", crop=9)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"size": (0, 3)}, "`size` must be"),
        ({"size": (3,)}, "`size` must be"),
        ({"crop": 0}, "`crop` must be"),
    ],
)
def test_wrong_size_is_an_error(options, message):
    with pytest.raises(ValueError, match=message):
        sources.load("digits", **options)


def test_prefix_without_a_path_is_an_error():
    with pytest.raises(ValueError, match="'folder' must be followed by a path: folder:DIR"):
        sources.load("folder:")


def flipped(start=0, take=6, **options):
    source = sources.load("digits")
    batches = sources.batches(source, batch_size=50, seed=3, start=start, **options).take(take)
    return np.stack([batch["x"].numpy() for batch in batches])


def test_half_of_the_images_are_mirrored():
    plain, changed = flipped(), flipped(flip=True)
    mirrored = (changed == plain[..., ::-1, :]).all(axis=(2, 3, 4))
    kept = (changed == plain).all(axis=(2, 3, 4))
    assert (mirrored | kept).all()
    np.testing.assert_allclose(mirrored.mean(), 0.5, rtol=0, atol=0.09)  # of 300
    assert len({row.tobytes() for row in mirrored}) == len(mirrored)  # other ones in each batch


def test_a_continued_run_mirrors_as_the_whole_one():
    np.testing.assert_array_equal(flipped(start=2, take=4, flip=True), flipped(flip=True)[2:])


@pytest.mark.filterwarnings("error::UserWarning")
def test_mirroring_gives_no_warning():
    flipped(flip=True)


def test_points_are_not_mirrored():
    with pytest.raises(ValueError, match="`flip` mirrors images"):
        sources.batches(sources.load("ring"), batch_size=5, seed=0, flip=True)
