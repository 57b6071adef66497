"""Data sets that are one array: scikit-learn's digits, MNIST's idx files, npz files. uint8 [N, H, W, C]; no TensorFlow."""

import gzip
import os
import pathlib
import struct
import zipfile

import numpy as np

from train.data import splits

IDX_PARTS = {"train": "train", "test": "t10k"}


def digits(split: str = "train") -> np.ndarray:
    """Returns the 1797 digits [N, 8, 8, 1] that come with scikit-learn; its levels 0..16 become 0..255."""
    from sklearn import datasets  # slow to import, and needed for this data set only

    images = np.round(datasets.load_digits().images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
    return _part(images, *splits.parse(split, ["train"])[1:])


def idx(folder: str | os.PathLike, split: str = "train") -> np.ndarray:
    """Reads the images [N, H, W, 1] of MNIST's files `train-images-idx3-ubyte` and `t10k-images-idx3-ubyte` (split `test`), gzipped or not.

    Raises:
        ValueError: If the file is missing or is not one of unsigned bytes in the idx format.
    """
    part, start, stop = splits.parse(split, IDX_PARTS)
    folder = pathlib.Path(folder).expanduser()
    wanted = [
        f"{IDX_PARTS[part]}-images{mark}idx3-ubyte{end}" for mark in "-." for end in ("", ".gz")
    ]
    path = next((folder / name for name in wanted if (folder / name).is_file()), None)
    if path is None:
        raise ValueError(
            f"`idx:DIR` must hold one of {', '.join(wanted)}. Received: {str(folder)!r}"
        )
    content = path.read_bytes()
    try:
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError) as error:
        raise ValueError(f"An idx file must be complete. Received: {path}: {error}") from error
    return _part(_idx_array(content, path), start, stop)


def npz(file: str | os.PathLike, split: str = "train") -> np.ndarray:
    """Reads uint8 images [N, H, W] or [N, H, W, C] from a .npz file's array `images`, or its only array.

    Raises:
        ValueError: If there is no such file or array, or it is of another dtype or shape.
    """
    _, start, stop = splits.parse(split, ["train"])
    path = pathlib.Path(file).expanduser()
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise ValueError(
            f"`npz:FILE` must name a file that numpy.savez wrote. Received: {str(path)!r}"
        )
    with np.load(path, allow_pickle=False) as arrays:
        key = (
            "images"
            if "images" in arrays.files
            else arrays.files[0]
            if len(arrays.files) == 1
            else None
        )
        if key is None:
            raise ValueError(
                f"`npz:FILE` must hold an array 'images' or one array only. Received: {sorted(arrays.files)} in {path}"
            )
        try:
            images = arrays[key]
        except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(
                f"`npz:FILE` must hold a readable array of numbers. Received: {key!r} in {path}: {error}"
            ) from error
    return _part(_checked(images, f"{key!r} in {path}"), start, stop)


def _checked(images: np.ndarray, origin: str) -> np.ndarray:
    images = images[..., np.newaxis] if images.ndim == 3 else images
    if images.dtype != np.uint8:
        extent = (
            f", values {images.min()} to {images.max()}"
            if images.size and images.dtype.kind in "biuf"
            else ""
        )
        raise ValueError(
            f"Images must be uint8, 0 (black) to 255. Received: {images.dtype}{extent}: {origin}"
        )
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        raise ValueError(
            f"Images must be [N, H, W] or [N, H, W, C] with C of 1 or 3, none 0. Received: {list(images.shape)}: {origin}"
        )
    return images


def _idx_array(content: bytes, path: pathlib.Path) -> np.ndarray:
    if (
        len(content) < 16 or content[:4] != b"\0\0\x08\x03"
    ):  # two zeros, unsigned bytes, three dimensions
        raise ValueError(
            f"An idx file of images must start with 00 00 08 03. Received: {content[:4].hex(' ') or 'an empty file'}: {path}"
        )
    shape = struct.unpack(">3I", content[4:16])
    if len(content) != 16 + np.prod(shape, dtype=np.int64):
        raise ValueError(
            f"An idx file must have 16 bytes and as many as its header says, {list(shape)}. Received: {len(content)} bytes: {path}"
        )
    return _checked(np.frombuffer(content, np.uint8, offset=16).reshape(shape), str(path))


def _part(images: np.ndarray, start: str, stop: str) -> np.ndarray:
    return images[splits.rows(start, stop, len(images))]
