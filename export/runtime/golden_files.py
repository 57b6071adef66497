"""golden.npz as a file of strangers: sizes, dtypes and shapes are read before any value is."""

import pathlib
import struct
import zipfile
from typing import BinaryIO

import numpy as np

from export.runtime import documents, golden_rows, tensors

_END = struct.Struct("<4s4H2IH")  # the end of a zip file's directory; PKWARE's APPNOTE, 4.3.16
_ENTRY = 1 << 9  # bytes of the directory for one array, at most
_STORED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HEADER = 1 << 12  # bytes of an array's own header, at most


def check(path: pathlib.Path, endpoints: dict) -> None:
    """Checks that the file holds the golden values of these endpoints, in size, dtype and shape.

    Nothing is unpacked but the headers, so that a small file cannot become a large one in memory.

    Args:
        path: File of golden values.
        endpoints: The manifest's `endpoints`.

    Raises:
        ValueError: If an array is missing, extra, or of another size, dtype or shape.
    """
    expected = {
        golden_rows.key(endpoint, side, name) + ".npy": about
        for endpoint, side, name, about in tensors.every(endpoints)
    }
    with path.open("rb") as file:
        _check_directory(file, path, len(expected))
        try:
            with zipfile.ZipFile(file) as packed:
                _check_entries(packed, path.name, expected)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise ValueError(f"{path.name} must be a zip file. Received: {error}") from error


def _check_directory(file: BinaryIO, path: pathlib.Path, count: int) -> None:
    """Checks how many entries there are before a reader makes an object of each."""
    size = path.stat().st_size
    file.seek(max(0, size - _END.size - 20))
    tail = file.read()
    end = tail[-_END.size :]
    if len(end) < _END.size or end[:4] != b"PK\5\6" or tail[:4] == b"PK\6\7":
        raise ValueError(f"{path.name} must be a plain zip file. Received: another file")
    _, _, _, here, total, length, offset, comment = _END.unpack(end)
    if (here, total, comment) != (count, count, 0) or length > count * _ENTRY or offset > size:
        raise ValueError(
            f"{path.name} must hold {count} arrays, one for each tensor. "
            f"Received: {total} in a directory of {length} bytes"
        )


def _check_entries(packed: zipfile.ZipFile, name: str, expected: dict) -> None:
    entries = {entry.filename: entry for entry in packed.infolist()}
    if set(entries) != set(expected):
        missing, extra = set(expected) - set(entries), set(entries) - set(expected)
        raise ValueError(
            f"{name} must hold the inputs and outputs of every endpoint. Received: "
            f"no {documents.shown(sorted(missing))}, extra {documents.shown(sorted(extra))}"
        )
    for key, entry in entries.items():
        about, values = expected[key], tensors.golden_bytes(expected[key])
        if entry.compress_type not in _STORED or not 0 < entry.file_size - values <= _HEADER:
            raise ValueError(
                f"{key} must have {values} bytes of values. Received: {entry.file_size} bytes, "
                f"compression {entry.compress_type}"
            )
        with packed.open(entry) as stream:
            found = _header(stream, key)
        wanted = (about["dtype"], (golden_rows.ROWS, *about["shape"][1:]))
        if found != wanted:
            raise ValueError(f"{key} must be {wanted}. Received: {documents.shown(found)}")


def _header(stream: BinaryIO, key: str) -> tuple[str, tuple[int, ...]]:
    """Returns dtype and shape of an array, from the header of its file.

    Raises:
        ValueError: If it is no plain array in C order.
    """
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"{key} must be an array of format 1.0. Received: {version}")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=_HEADER)
    # little-endian numbers only: no objects, which unpickle, no texts, no records
    if fortran or dtype.kind not in "fiu" or dtype.byteorder == ">":
        raise ValueError(f"{key} must be numbers in C order. Received: {dtype}")
    return dtype.name, shape
