"""Image files of every kind: which are found, what they are, what is wrong."""

import io

import numpy as np
import pytest
from PIL import Image

from train.data import folders, pictures, sources


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def write(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels[:, :, 0] if pixels.shape[-1] == 1 else pixels).save(path, **options)


def test_files_are_found_at_any_depth_whatever_the_case(tmp_path):
    for name in (
        "b.PNG",
        "a.jpg",
        "cats/c.jpeg",
        "dogs/d.JPG",
        "dogs/deep/e.png",
        ".hidden.png",
        ".trash/f.png",
    ):
        write(tmp_path / name, noise(4, 4, 3), format="png")
    (tmp_path / "notes.txt").write_text("no image")
    listed = folders.listing(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in listed.paths] == [
        "a.jpg",
        "b.PNG",
        "cats/c.jpeg",
        "dogs/d.JPG",
        "dogs/deep/e.png",
    ]
    assert dict(listed.left_out) == {"hidden files and folders": 2, "files that end in .txt": 1}


def test_empty_folder_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="must hold images .png, jpg, jpeg..*which holds none"):
        sources.load(f"folder:{tmp_path}")
    (tmp_path / "a.psd").write_text("no image")
    with pytest.raises(ValueError, match="holds none .left out: files that end in .psd .1."):
        sources.load(f"folder:{tmp_path}")


def test_missing_folder_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="must name a folder.*nowhere"):
        sources.load(f"folder:{tmp_path / 'nowhere'}")


@pytest.mark.parametrize("shape", [(48, 64, 3), (33, 33, 1)], ids=["rgb_48x64", "grey_33x33"])
def test_png_pixels_arrive_unchanged(tmp_path, shape):
    written = noise(5, *shape)
    for row, pixels in enumerate(written):
        write(tmp_path / "ab"[row % 2] / f"{row}.png", pixels)
    source = sources.load(f"folder:{tmp_path}")
    assert (source.count, source.shape, source.value_range) == (5, shape, (-1.0, 1.0))
    np.testing.assert_array_equal(sources.images(source), written[[0, 2, 4, 1, 3]])


def test_jpeg_pixels_are_those_of_pillow(tmp_path):
    ramp = np.add.outer(np.arange(48), np.arange(64)).astype(np.uint8)[..., None]
    write(tmp_path / "grey.jpg", ramp, quality=95)
    np.testing.assert_allclose(
        sources.images(sources.load(f"folder:{tmp_path}"))[0].astype(int),
        np.asarray(Image.open(tmp_path / "grey.jpg"))[..., None],
        atol=2,
    )


def on_white(pixels, alpha):
    return np.rint(255.0 + (pixels - 255.0) * (alpha / 255.0)).astype(np.uint8)


KINDS = {
    "palette": (lambda rgb: Image.fromarray(rgb).quantize(8), 3),
    "rgba": (lambda rgb: Image.fromarray(np.dstack([rgb, rgb[..., :1]])), 3),
    "grey_alpha": (lambda rgb: Image.fromarray(rgb[..., :2], mode="LA"), 1),
    "bilevel": (lambda rgb: Image.fromarray(rgb[..., 0] > 127), 1),
    "grey_16_bit": (lambda rgb: Image.fromarray(rgb[..., 0].astype(np.uint16) * 256 + 17), 1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds_of_png_become_grey_or_rgb(tmp_path, kind):
    make, channels = KINDS[kind]
    rgb = noise(6, 7, 3)
    image = make(rgb)
    image.save(tmp_path / "a.png")
    expected = {
        "palette": lambda: np.asarray(image.convert("RGB")),
        "rgba": lambda: on_white(rgb, rgb[..., :1]),
        "grey_alpha": lambda: on_white(rgb[..., :1], rgb[..., 1:2]),
        "bilevel": lambda: np.where(rgb[..., :1] > 127, 255, 0),
        "grey_16_bit": lambda: rgb[..., :1],
    }[kind]()
    source = sources.load(f"folder:{tmp_path}")
    assert source.shape == (6, 7, channels)
    np.testing.assert_array_equal(sources.images(source)[0], expected)
    np.testing.assert_array_equal(pictures.decode(tmp_path / "a.png"), expected)


@pytest.fixture
def broken(tmp_path):
    """Six sound images, one that is no image, one cut off in the middle."""
    for row in range(6):
        write(tmp_path / f"{row}.png", noise(8, 8, 3, seed=row))
    (tmp_path / "2b_text.png").write_bytes(b"this is no image")
    whole = io.BytesIO()
    Image.fromarray(noise(64, 64, 3)[:8, :8]).save(whole, "png")
    (tmp_path / "4b_cut.png").write_bytes(whole.getvalue()[:120])
    return tmp_path


@pytest.mark.parametrize(
    "name, removed", [("2b_text.png", "4b_cut.png"), ("4b_cut.png", "2b_text.png")]
)
def test_corrupt_image_is_an_error_that_names_it(broken, name, removed):
    (broken / removed).unlink()
    with pytest.raises(
        pictures.UnreadableImageError, match=f"skip_unreadable.*1 of 7 unreadable.*{name}"
    ):
        sources.load(f"folder:{broken}")


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["memory", "streamed"])
def test_corrupt_image_is_skipped_and_named_if_asked(broken, capsys, memory_limit):
    source = sources.load(f"folder:{broken}", skip_unreadable=True, memory_limit=memory_limit)
    printed = capsys.readouterr().out
    assert "2b_text.png" in printed and "4b_cut.png" in printed
    np.testing.assert_array_equal(
        sources.images(source), [noise(8, 8, 3, seed=row) for row in range(6)]
    )


def test_folder_without_one_sound_image_is_an_error(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no")
    with pytest.raises(pictures.UnreadableImageError, match="1 of 1 unreadable.*a.png"):
        sources.load(f"folder:{tmp_path}", skip_unreadable=True)


@pytest.fixture
def mixed(tmp_path):
    for row, shape in enumerate([(8, 8, 3), (8, 8, 3), (10, 12, 3)]):
        write(tmp_path / f"{row}.png", noise(*shape))
    return tmp_path


def test_mixed_sizes_are_an_error_that_lists_them(mixed):
    with pytest.raises(ValueError, match=r"give `size`.*Received: 8x8 \(2\), 10x12 \(1\)"):
        sources.load(f"folder:{mixed}")


def test_mixed_grey_and_rgb_are_an_error_that_counts_them(tmp_path):
    write(tmp_path / "a.png", noise(8, 8, 3))
    write(tmp_path / "b.png", noise(8, 8, 1))
    with pytest.raises(ValueError, match=r"grey \(1\)"):
        sources.load(f"folder:{tmp_path}")


def test_size_makes_mixed_images_equal_and_grey_ones_rgb(mixed):
    write(mixed / "3.png", noise(9, 9, 1))
    source = sources.load(f"folder:{mixed}", size=(8, 8))
    assert (source.count, source.shape) == (4, (8, 8, 3))
    images = sources.images(source)
    np.testing.assert_array_equal(images[0], noise(8, 8, 3))
    np.testing.assert_array_equal(images[3][..., 0], images[3][..., 2])


def test_crop_takes_the_middle(mixed):
    images = sources.images(sources.load(f"folder:{mixed}", crop=6))
    np.testing.assert_array_equal(images[0], noise(8, 8, 3)[1:7, 1:7])
    np.testing.assert_array_equal(images[2], noise(10, 12, 3)[2:8, 3:9])


def test_crop_larger_than_an_image_is_an_error(mixed):
    with pytest.raises(
        ValueError, match="`crop` must not exceed any image's sides. Received: crop=9"
    ):
        sources.load(f"folder:{mixed}", crop=9, size=(4, 4))


def test_shrinking_averages(tmp_path):
    stripes = np.zeros((64, 64, 1), np.uint8)
    stripes[:, ::8] = 255
    write(tmp_path / "a.png", stripes)
    images = sources.images(sources.load(f"folder:{tmp_path}", size=(8, 8)))
    np.testing.assert_allclose(
        images[0, :, 1:-1], 255 / 8, atol=1
    )  # a sample without antialiasing falls between the stripes


@pytest.mark.parametrize(
    "options", [{}, {"size": (8, 6)}, {"size": (8, 8), "crop": 20}], ids=["as_is", "size", "crop"]
)
def test_streamed_folder_gives_the_batches_of_the_one_in_memory(tmp_path, options):
    for row in range(7):
        write(tmp_path / f"{row}.{'png' if row % 2 else 'jpg'}", noise(24, 32, 3, seed=row))
    held, streamed = (
        sources.load(f"folder:{tmp_path}", memory_limit=limit, **options) for limit in (2**30, 0)
    )
    assert type(held.reader) is not type(streamed.reader)
    for ours, theirs in zip(
        sources.batches(held, batch_size=2, seed=3).take(7),
        sources.batches(streamed, batch_size=2, seed=3),
        strict=False,
    ):
        np.testing.assert_array_equal(ours["x"], theirs["x"])
    np.testing.assert_array_equal(sources.mean_image(held), sources.mean_image(streamed))
    np.testing.assert_array_equal(sources.images(held), sources.images(streamed))


@pytest.fixture
def classified(tmp_path):
    """Five images in three class folders, one of them broken, beside a folder without images."""
    for row, name in enumerate(["dogs/a", "cats/b", "dogs/c", "emus/d"]):
        write(tmp_path / f"{name}.png", noise(8, 8, 3, seed=row))
    (tmp_path / "cats" / "a.png").write_bytes(b"this is no image")
    (tmp_path / "notes").mkdir()
    return tmp_path


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["memory", "streamed"])
def test_class_folders_are_labels_without_those_of_skipped_images(classified, memory_limit):
    source = sources.load(f"folder:{classified}", skip_unreadable=True, memory_limit=memory_limit)
    assert (source.classes, source.class_names) == (3, ("cats", "dogs", "emus"))
    assert source.labels.tolist() == [0, 1, 1, 2]
    by_pixels = {bytes(image): label for image, label in zip(sources.images(source), [0, 1, 1, 2])}
    batch = next(iter(sources.batches(source, inputs=("x", "label"), batch_size=4, seed=1)))
    pixels = np.rint((batch["x"].numpy() + 1.0) * 127.5).astype(np.uint8)
    assert [by_pixels[bytes(image)] for image in pixels] == batch["label"].numpy().tolist()


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["memory", "streamed"])
def test_an_image_cut_off_in_the_middle_takes_its_label_along(classified, memory_limit):
    whole = io.BytesIO()
    Image.fromarray(noise(8, 8, 3)).save(whole, "png")
    (classified / "dogs" / "b.png").write_bytes(whole.getvalue()[:120])  # its header can be read
    source = sources.load(f"folder:{classified}", skip_unreadable=True, memory_limit=memory_limit)
    assert source.labels.tolist() == [0, 1, 1, 2]


def test_a_picture_in_a_deeper_folder_has_the_label_of_the_first_level(classified):
    (classified / "cats" / "a.png").unlink()
    write(classified / "cats" / "dogs" / "far" / "z.webp", noise(8, 8, 3), lossless=True)
    source = sources.load(f"folder:{classified}")
    assert source.class_names == ("cats", "dogs", "emus")
    assert source.labels.tolist() == [0, 0, 1, 1, 2]


def test_a_class_folder_may_be_a_link_and_a_link_to_the_folder_itself_is_not_followed(tmp_path):
    write(tmp_path / "elsewhere" / "a.png", noise(8, 8, 3))
    write(tmp_path / "photos" / "cats" / "b.png", noise(8, 8, 3))
    (tmp_path / "photos" / "dogs").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "photos" / "cats" / "again").symlink_to(tmp_path / "photos")
    listed = folders.listing(tmp_path / "photos")
    assert [str(path.relative_to(tmp_path / "photos")) for path in listed.paths] == [
        "cats/b.png",
        "dogs/a.png",
    ]
    assert listed.class_names == ("cats", "dogs")


def test_what_is_left_out_is_said_once(tmp_path, capsys):
    write(tmp_path / "a.png", noise(8, 8, 3))
    for name in ("b.txt", "c.txt", ".d.png", "e"):
        (tmp_path / name).write_text("no image")
    for _ in range(2):
        sources.load(f"folder:{tmp_path}")
    assert capsys.readouterr().out == (
        f"folder:{tmp_path}: left out: files that end in .txt (2), files without a suffix (1), "
        "hidden files and folders (1)\n"
    )


def test_a_broken_link_is_named(tmp_path):
    write(tmp_path / "a.png", noise(8, 8, 3))
    (tmp_path / "b.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(pictures.UnreadableImageError, match="1 of 2 unreadable: .*b.png"):
        sources.load(f"folder:{tmp_path}")


def test_a_split_of_class_folders_keeps_the_labels(classified):
    source = sources.load(f"folder:{classified}", split="train[2:]")
    assert source.class_names == ("cats", "dogs", "emus")
    assert source.labels.tolist() == [1, 1, 2]


def test_one_image_outside_the_class_folders_leaves_no_labels(classified):
    write(classified / "e.png", noise(8, 8, 3))
    source = sources.load(f"folder:{classified}", skip_unreadable=True)
    assert (source.labels, source.classes, source.count) == (None, None, 5)
