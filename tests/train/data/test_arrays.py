"""idx and npz files: what is read, what is refused."""

import gzip
import struct

import numpy as np
import pytest

from train.data import arrays, sources, table


def write_idx(path, images, kind=8, cut=0):
    magic = bytes([0, 0, kind, images.ndim])
    content = magic + struct.pack(f">{images.ndim}I", *images.shape) + images.tobytes()
    content = content[: len(content) - cut]
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize("end", ["-idx3-ubyte", "-idx3-ubyte.gz", ".idx3-ubyte"])
def test_idx_files_are_read_gzipped_or_not(tmp_path, end):
    images = np.random.default_rng(0).integers(0, 256, (6, 5, 4), dtype=np.uint8)
    write_idx(tmp_path / f"train-images{end}", images)
    write_idx(tmp_path / f"t10k-images{end}", images[::-1])
    np.testing.assert_array_equal(sources.images(sources.load(f"idx:{tmp_path}"))[..., 0], images)
    np.testing.assert_array_equal(
        sources.images(sources.load(f"idx:{tmp_path}", split="test[:2]"))[..., 0], images[::-1][:2]
    )


@pytest.mark.parametrize(
    "wrong, message",
    [({"kind": 13}, "00 00 0d 03"), ({"cut": 1}, r"\[2, 3, 3\]. Received: 33 bytes")],
)
def test_other_idx_file_is_an_error(tmp_path, wrong, message):
    write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((2, 3, 3), np.uint8), **wrong)
    with pytest.raises(ValueError, match=message):
        sources.load(f"idx:{tmp_path}")


def test_missing_idx_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ValueError, match="must hold one of t10k-images-idx3-ubyte"):
        sources.load(f"idx:{tmp_path}", split="test")


@pytest.mark.parametrize("shape", [(5, 6, 7), (5, 6, 7, 1), (5, 6, 7, 3)], ids=str)
def test_npz_images_are_read(tmp_path, shape):
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.savez_compressed(tmp_path / "a.npz", images=images, labels=np.arange(5))
    source = sources.load(f"npz:{tmp_path / 'a.npz'}", split="train[1:]")
    np.testing.assert_array_equal(sources.images(source), images.reshape(5, 6, 7, -1)[1:])
    assert (source.labels.tolist(), source.classes, source.class_names) == ([1, 2, 3, 4], 5, None)


def test_npz_labels_stand_beside_the_only_other_array(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 4, 4), np.uint8), labels=np.uint8([2, 0, 2]))
    source = sources.load(f"npz:{tmp_path / 'a.npz'}")
    assert (source.labels.tolist(), source.labels.dtype) == ([2, 0, 2], np.int64)


def test_npz_file_may_name_an_array_for_each_part(tmp_path):
    parts = {
        "train": np.full((5, 4, 4, 1), 255, np.uint8),
        "valid": np.zeros((3, 4, 4), np.uint8),
        "test": np.arange(64, dtype=np.uint8).reshape(4, 4, 4),
    }
    np.savez(tmp_path / "a.npz", **parts, test_labels=np.array([0, 2, 1, 1]))
    for part, images in parts.items():
        source = sources.load(f"npz:{tmp_path / 'a.npz'}", split=part, value_range=(0.0, 1.0))
        np.testing.assert_array_equal(
            sources.images(source), images.reshape(len(images), 4, 4, 1), strict=True
        )
    same = sources.load(f"npz:{tmp_path / 'a.npz'}", split="validation")
    np.testing.assert_array_equal(sources.images(same)[..., 0], parts["valid"])
    part = sources.load(f"npz:{tmp_path / 'a.npz'}", split="test[1:3]")
    np.testing.assert_array_equal(sources.images(part)[..., 0], parts["test"][1:3])
    assert part.labels.tolist() == [2, 1]
    assert sources.load(f"npz:{tmp_path / 'a.npz'}").labels is None


def test_part_that_npz_file_lacks_is_an_error_that_lists_those_it_has(tmp_path):
    parts = {part: np.zeros((2, 4, 4), np.uint8) for part in ("train", "valid")}
    np.savez(tmp_path / "a.npz", **parts)
    with pytest.raises(ValueError, match="'validation', 'valid', 'train', or a slice.*'test'"):
        sources.load(f"npz:{tmp_path / 'a.npz'}", split="test")


@pytest.mark.parametrize(
    "labels, message",
    [
        (np.zeros((2, 3)), r"float64 \[2, 3\]"),
        (np.arange(3), r"int64 \[3\], the least 0"),
        (np.array([0, -1]), "the least -1"),
        (np.array(["cat", "dog"]), r"<U3 \[2\]"),
    ],
    ids=["one_hot", "too_many", "negative", "words"],
)
def test_other_npz_labels_are_an_error_that_says_the_rule(tmp_path, labels, message):
    np.savez(tmp_path / "a.npz", images=np.zeros((2, 4, 4), np.uint8), labels=labels)
    with pytest.raises(ValueError, match=f"integers >= 0, one for each of 2 examples.*{message}"):
        sources.load(f"npz:{tmp_path / 'a.npz'}")


@pytest.mark.parametrize("end", ["-idx1-ubyte", "-idx1-ubyte.gz", ".idx1-ubyte"])
def test_idx_labels_lie_beside_their_images(tmp_path, end):
    labels = {"train": np.uint8([3, 0, 1]), "t10k": np.uint8([2, 1])}
    for part, values in labels.items():
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", np.zeros((len(values), 2, 2), np.uint8))
        write_idx(tmp_path / f"{part}-labels{end}", values)
    source = sources.load(f"idx:{tmp_path}", split="train[1:]")
    assert (source.labels.tolist(), source.classes) == ([0, 1], 4)
    assert sources.load(f"idx:{tmp_path}", split="test").labels.tolist() == [2, 1]


def test_idx_files_without_label_files_have_no_labels(tmp_path):
    write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((2, 3, 3), np.uint8))
    assert sources.load(f"idx:{tmp_path}").labels is None


def test_idx_labels_of_other_images_are_an_error(tmp_path):
    write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((2, 3, 3), np.uint8))
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros(3, np.uint8))
    with pytest.raises(ValueError, match="one for each of 2 examples.*train-labels-idx1-ubyte"):
        sources.load(f"idx:{tmp_path}")


@pytest.mark.parametrize(
    "arrays, message",
    [
        (
            {"images": np.zeros((2, 4, 4), np.float32)},
            "must be uint8, 0 .black. to 255, .* Received: float32, values 0.0 to 0.0",
        ),
        ({"images": np.zeros((2, 4, 4, 2), np.uint8)}, r"C of 1 or 3.*Received: \[2, 4, 4, 2\]"),
        ({"images": np.zeros((0, 4, 4), np.uint8)}, r"none 0. Received: \[0, 4, 4, 1\]"),
        (
            {"x": np.zeros((2, 4, 4), np.uint8), "y": np.zeros(2)},
            r"an array 'images', one array only, or .*'valid'.* Received: \['x', 'y'\]",
        ),
        ({"images": np.array([{}, {}])}, "array of numbers"),
    ],
    ids=["float", "channels", "empty", "ambiguous", "pickled"],
)
def test_other_npz_is_an_error_that_says_the_rule(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        sources.load(f"npz:{tmp_path / 'a.npz'}")


def test_examples_of_an_npz_file_are_held_out_where_it_has_no_test_images(tmp_path):
    images = np.zeros([20, 4, 4, 1], np.uint8)
    np.savez(tmp_path / "one.npz", images=images)
    np.savez(tmp_path / "three.npz", train=images, valid=images, test=images)
    counts = [
        sources.load(f"npz:{tmp_path / name}.npz", held_out=0.1).count for name in ("one", "three")
    ]
    assert counts == [18, 20]
    assert table.holds_out(f"npz:{tmp_path / 'one.npz'}")
    assert not table.holds_out(f"npz:{tmp_path / 'three.npz'}")
    assert arrays.has_npz_test(tmp_path / "none.npz") is False


def test_an_array_in_a_file_of_its_own_gets_the_line_that_packs_it(tmp_path):
    np.save(tmp_path / "cats.npy", np.zeros((4, 8, 8), np.uint8))
    line = r"numpy.savez\('cats.npz', images=numpy.load\('cats.npy'\)\) writes one"
    with pytest.raises(ValueError, match=line):
        arrays.npz(tmp_path / "cats.npy")


@pytest.mark.parametrize(("highest", "helped"), [(1.0, True), (200.0, False)])
def test_floats_get_the_line_that_makes_pixels_of_them(tmp_path, highest, helped):
    np.savez(tmp_path / "a.npz", images=np.linspace(0.0, highest, 128).reshape(2, 8, 8))
    with pytest.raises(ValueError, match="must be uint8") as error:
        arrays.npz(tmp_path / "a.npz")
    assert ("numpy.round(255 * images).astype('uint8')" in str(error.value)) == helped
