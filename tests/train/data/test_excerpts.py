"""Examples that are read without TensorFlow are those that training would see."""

import numpy as np
import pytest
from PIL import Image

from train.data import excerpts, sources


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pictures of two classes: grey ones with and without alpha, and colours."""
    made, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for name, shape, mode in [
        ("a/1.png", (40, 33), "L"),
        ("a/2.png", (33, 40, 2), "LA"),
        ("b/3.png", (50, 34, 3), "RGB"),
        ("b/4.png", (64, 64, 4), "RGBA"),
    ]:
        (made / name).parent.mkdir(exist_ok=True)
        pixels = random.integers(0, 256, shape).astype(np.uint8)
        Image.fromarray(pixels, mode=mode).save(made / name)
    return made


def both(name, how, count=None):
    """The examples without TensorFlow, and those of the source that training reads."""
    options = {} if how.value_range is None else {"size": how.shape[:2], "crop": how.crop}
    source = sources.load(
        name,
        value_range=how.value_range,
        background=how.background,
        bits=how.bits,
        **options,
    )
    x = sources.examples(source, count)["x"]
    return excerpts.read(name, count, how), x, source.labels


@pytest.mark.parametrize("crop", [None, 32])
@pytest.mark.parametrize("background", ["white", "#22aa44"])
def test_pictures_are_those_of_training(folder, crop, background):
    how = excerpts.Preprocessing((16, 20, 3), (-1.0, 1.0), crop, background)
    made, x, labels = both(f"folder:{folder}", how)
    levels = np.abs(made.x - x) * 127.5
    # what lies half-way between two levels may be rounded to the other one
    assert made.x.dtype == np.float32 and levels.max() < 1.01 and (levels > 0.5).mean() < 0.001
    np.testing.assert_array_equal(made.labels, labels)


def test_the_first_ones_are_read_alone(folder):
    how = excerpts.Preprocessing((16, 16, 3), (0.0, 1.0))
    few, many = (excerpts.read(f"folder:{folder}", count, how) for count in (2, None))
    np.testing.assert_array_equal(few.x, many.x[:2])
    np.testing.assert_array_equal(few.labels, [0, 0])


def test_16_bits_are_scaled_as_in_training(tmp_path):
    random = np.random.default_rng(1)
    for row in range(2):
        pixels = random.integers(0, 3000, (8, 8)).astype(np.uint16)
        Image.fromarray(pixels).save(tmp_path / f"{row}.png")
    for bits in (None, 14):
        how = excerpts.Preprocessing((8, 8, 1), (0.0, 1.0), bits=bits)
        made, x, _ = both(f"folder:{tmp_path}", how)
        np.testing.assert_array_equal(made.x, x)


@pytest.mark.parametrize("name", ["digits", "inverted:digits", "rotated:inverted:digits"])
def test_arrays_are_those_of_training(name):
    made, x, labels = both(name, excerpts.Preprocessing((8, 8, 1), (-1.0, 1.0)), 7)
    np.testing.assert_array_equal(made.x, x)
    np.testing.assert_array_equal(made.labels, labels[:7])


def test_a_turned_source_is_resized_before_it_is_turned(folder):
    how = excerpts.Preprocessing((16, 20, 3), (0.0, 255.0))
    made, x, _ = both(f"rotated:folder:{folder}", how)
    assert made.x.shape == (4, 16, 20, 3) and np.abs(made.x - x).max() < 1.01


def test_points_are_those_of_training():
    made, x, _ = both("ring", excerpts.Preprocessing((2,), None), 5)
    np.testing.assert_array_equal(made.x, x)
    assert made.labels is None


def test_a_picture_is_a_folder_of_one(folder):
    how = excerpts.Preprocessing((16, 16, 3), (0.0, 1.0))
    one = excerpts.read(f"folder:{folder / 'a' / '1.png'}", None, how)
    np.testing.assert_array_equal(one.x, excerpts.read(f"folder:{folder}", 1, how).x)
    assert one.labels is None


@pytest.mark.parametrize(
    ("name", "how", "message"),
    [
        ("ring", excerpts.Preprocessing((8, 8, 1), (0.0, 1.0)), "must have images. Received: 'rin"),
        ("digits", excerpts.Preprocessing((2,), None), "must have points. Received: 'digits', whi"),
        ("grid", excerpts.Preprocessing((3,), None), r"the shape \[3\]. Received: 'grid' with \[2"),
        ("digits", excerpts.Preprocessing((8, 8, 3), (0.0, 1.0)), r"\[8, 8, 3\]. Received: 'digit"),
        ("digits,digits", excerpts.Preprocessing((8, 8, 1), (0.0, 1.0)), "of one domain. Receive"),
        ("digits", excerpts.Preprocessing((8, 8, 1), (0.0, 1.0), 9), "crop=9, an image of 8x8"),
    ],
)
def test_what_does_not_fit_is_refused(name, how, message):
    with pytest.raises(ValueError, match=message):
        excerpts.read(name, 3, how)


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(ValueError, match="Pictures must be readable. Received: .*a.png: not a pic"):
        excerpts.read(f"folder:{tmp_path}", None, excerpts.Preprocessing((8, 8, 1), (0.0, 1.0)))


def test_a_manifest_says_what_is_taken():
    image = {"dtype": "float32", "shape": [None, 8, 6, 1], "range": [-1.0, 1.0]}
    label = {"dtype": "int64", "shape": [None], "range": [0, 9]}
    manifest = {
        "endpoints": {"encode": {"inputs": {"label": label, "x": image}}},
        "preprocessing": {"range": [-1.0, 1.0], "size": [8, 6], "channels": 1},
        "data": {"crop": 5, "background": "black", "bits": 12},
    }
    assert excerpts.of_manifest(manifest, "encode") == excerpts.Preprocessing(
        (8, 6, 1), (-1.0, 1.0), 5, "black", 12
    )
    point = {"dtype": "float32", "shape": [None, 2], "range": None}
    manifest = {"endpoints": {"score": {"inputs": {"x": point}}}, "preprocessing": None, "data": {}}
    assert excerpts.of_manifest(manifest, "score") == excerpts.Preprocessing((2,), None)
