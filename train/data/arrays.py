"""Data sets that are one array: scikit-learn's digits, MNIST's idx files, npz files.

Nothing here needs TensorFlow.
"""

import gzip
import math
import os
import pathlib
import struct
import zipfile

import numpy as np

from train.data import contents, splits

IDX_PARTS = {"train": "train", "test": "t10k"}
NPZ_PARTS = ("train", "valid", "validation", "test")


def digits(split: str = "train") -> contents.Array:
    """Returns the 1797 digits [N, 8, 8, 1] that come with scikit-learn, with their 10 classes.

    Their levels 0..16 become 0..255.
    """
    from sklearn import datasets  # slow to import, and needed for this data set only

    loaded = datasets.load_digits()
    images = np.round(loaded.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
    classes = contents.Classes(loaded.target.astype(np.int64), 10, tuple("0123456789"))
    return _part(contents.Array(images, classes), *splits.parse(split, ["train"])[1:])


def idx(folder: str | os.PathLike, split: str = "train") -> contents.Array:
    """Reads MNIST's files, gzipped or not.

    The images [N, H, W, 1] are in `train-images-idx3-ubyte`, or `t10k-images-idx3-ubyte` for the
    split `test`; the labels, where there are any, are next to them in `train-labels-idx1-ubyte`.

    Raises:
        ValueError: If the images' file is missing, or a file is not one of unsigned bytes in the
            idx format, or there is not one label for each image.
    """
    part, start, stop = splits.parse(split, IDX_PARTS)
    folder = pathlib.Path(folder).expanduser()
    wanted = _idx_names(part, "images", 3)
    path = _first(folder, wanted)
    if path is None:
        raise ValueError(
            f"`idx:DIR` must hold one of {', '.join(wanted)}. Received: {str(folder)!r}"
        )
    images = _checked(_idx_array(path, 3), str(path))
    labels = _first(folder, _idx_names(part, "labels", 1))
    classes = labels and contents.classes(_idx_array(labels, 1), len(images), str(labels))
    return _part(contents.Array(images, classes), start, stop)


def has_idx_test(folder: str | os.PathLike) -> bool:
    """Returns whether a folder of MNIST's files has images of the split `test`."""
    return _first(pathlib.Path(folder).expanduser(), _idx_names("test", "images", 3)) is not None


def idx_files(folder: str | os.PathLike) -> dict[str, pathlib.Path]:
    """Returns MNIST's files in a folder, of every part, by their name."""
    place = pathlib.Path(folder).expanduser()
    kinds = [(part, *kind) for part in IDX_PARTS for kind in (("images", 3), ("labels", 1))]
    present = [_first(place, _idx_names(*kind)) for kind in kinds]
    return {path.name: path for path in present if path is not None}


def npz(file: str | os.PathLike, split: str = "train") -> contents.Array:
    """Reads uint8 images [N, H, W] or [N, H, W, C] from a .npz file.

    The part `train` is its array `images`, or its only array; its array `labels`, integers
    [N] >= 0, holds the classes where there are any. A file with several parts has one array for
    each, named `train`, `valid` (or `validation`) and `test`, and the classes of a part in the
    array `train_labels` or the like. The part `valid` may be called `validation` too.

    Raises:
        ValueError: If there is no such file or array, or one is of another dtype or shape.
    """
    path = pathlib.Path(file).expanduser()
    if not path.is_file() or not zipfile.is_zipfile(path):
        cure = ""
        if path.is_file() and path.suffix == ".npy":
            made = path.with_suffix(".npz").name
            cure = f": numpy.savez({made!r}, images=numpy.load({path.name!r})) writes one"
        raise ValueError(
            f"`npz:FILE` must name a file that numpy.savez wrote{cure}. Received: {str(path)!r}"
        )
    with np.load(path, allow_pickle=False) as arrays:
        parts = _npz_parts(arrays.files)
        if not parts:
            raise ValueError(
                "`npz:FILE` must hold an array 'images', one array only, or an array for each "
                f"part, of {', '.join(map(repr, NPZ_PARTS))}; next to it may be 'labels', or "
                f"'train_labels' and the like. Received: {sorted(arrays.files)} in {path}"
            )
        part, start, stop = splits.parse(split, parts)
        key, labels_key = parts[part]
        images = _checked(_npz_array(arrays, key, path), f"{key!r} in {path}")
        classes = None
        if labels_key in arrays.files:
            labels = _npz_array(arrays, labels_key, path)
            classes = contents.classes(labels, len(images), f"{labels_key!r} in {path}")
    return _part(contents.Array(images, classes), start, stop)


def has_npz_test(file: str | os.PathLike) -> bool:
    """Returns whether a .npz file holds images of the split `test`."""
    path = pathlib.Path(file).expanduser()
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    with np.load(path, allow_pickle=False) as arrays:
        return "test" in _npz_parts(arrays.files)


def _npz_parts(keys: list[str]) -> dict[str, tuple[str, str]]:
    """Returns the keys of the images and of the labels of each part of a file."""
    others = [key for key in keys if key != "labels"]
    if "images" in others or len(others) == 1:
        return {"train": ("images" if "images" in others else others[0], "labels")}
    parts = {part: (part, f"{part}_labels") for part in NPZ_PARTS if part in keys}
    if "valid" in parts:
        parts.setdefault("validation", parts["valid"])  # TFDS's name of the split
    return parts


def _npz_array(arrays, key: str, path: pathlib.Path) -> np.ndarray:
    try:
        return arrays[key]
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            "`npz:FILE` must hold a readable array of numbers. "
            f"Received: {key!r} in {path}: {error}"
        ) from error


def _checked(images: np.ndarray, origin: str) -> np.ndarray:
    images = images[..., np.newaxis] if images.ndim == 3 else images
    if images.dtype != np.uint8:
        numbers = images.size and images.dtype.kind in "biuf"
        extent = f", values {images.min()} to {images.max()}" if numbers else ""
        cure = ""
        if numbers and images.min() >= 0 and images.max() <= 1:
            cure = ", as numpy.round(255 * images).astype('uint8') makes of values from 0 to 1"
        raise ValueError(
            f"Images must be uint8, 0 (black) to 255{cure}. "
            f"Received: {images.dtype}{extent}: {origin}"
        )
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        raise ValueError(
            "Images must be [N, H, W] or [N, H, W, C] with C of 1 or 3, none 0. "
            f"Received: {list(images.shape)}: {origin}"
        )
    return images


def _idx_names(part: str, what: str, dimensions: int) -> list[str]:
    return [
        f"{IDX_PARTS[part]}-{what}{mark}idx{dimensions}-ubyte{end}"
        for mark in "-."
        for end in ("", ".gz")
    ]


def _first(folder: pathlib.Path, names: list[str]) -> pathlib.Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _idx_array(path: pathlib.Path, dimensions: int) -> np.ndarray:
    content = path.read_bytes()
    try:
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError) as error:
        raise ValueError(f"An idx file must be complete. Received: {path}: {error}") from error
    magic, start = bytes([0, 0, 8, dimensions]), 4 + 4 * dimensions  # 8 for unsigned bytes
    if len(content) < start or content[:4] != magic:
        raise ValueError(
            f"An idx file of unsigned bytes in {dimensions} dimensions must start with "
            f"{magic.hex(' ')}. Received: {content[:4].hex(' ') or 'an empty file'}: {path}"
        )
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    if len(content) != start + math.prod(shape):
        raise ValueError(
            f"An idx file must have {start} bytes and as many as its header says, {list(shape)}. "
            f"Received: {len(content)} bytes: {path}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _part(array: contents.Array, start: str, stop: str) -> contents.Array:
    return array.part(splits.rows(start, stop, len(array.examples)))
