"""The files of a SavedModel, read by protobuf alone: nothing in them is run."""

import pathlib
import struct
from collections.abc import Iterator
from typing import NamedTuple

from google.protobuf import message

from export.runtime import messages, saved_model_messages

_MOST_BYTES = 1 << 24
_MAGIC = 0xDB4775248B80FB57  # at the end of a table of tensorflow/core/lib/io/table
_FOOTER = 48
_TRAILER = 5  # of a block: its compression and its checksum
_CLASSES = saved_model_messages.CLASSES


class Entry(NamedTuple):
    """A tensor of a checkpoint: its dtype as in types.proto, shape, and place in the data file."""

    dtype: int
    shape: tuple[int, ...]
    offset: int
    size: int


def read(path: pathlib.Path) -> message.Message:
    """Returns the one meta graph in a SavedModel's folder, parsed and not loaded.

    Raises:
        ValueError: If there is not exactly one, for serving, or it holds what a bundle's does not.
    """
    saved = messages.read(_CLASSES["SavedModel"], path / "saved_model.pb", _MOST_BYTES)
    tags = [sorted(graph.meta_info_def.tags) for graph in saved.meta_graphs]
    if tags != [["serve"]]:
        raise ValueError(
            f"A bundle's SavedModel has one graph, tagged 'serve'. Received: {str(tags)[:80]}"
        )
    return saved.meta_graphs[0]


def variables(path: pathlib.Path) -> dict[str, Entry]:
    """Returns the tensors of a SavedModel's checkpoint by name, from variables.index.

    Raises:
        ValueError: If the index is none, has several data files, or its tensors leave a gap in the
            data file, overlap, or lie outside of it.
    """
    data = (path / "variables" / "variables.index").read_bytes()
    name = "variables.index"
    rows = dict(_table(data, name))
    header = messages.parse(_CLASSES["BundleHeaderProto"], rows.pop(b"", b""), name)
    if (header.num_shards, header.endianness) != (1, 0):
        raise ValueError(
            "A bundle's variables lie in one file, the lowest byte of a number first. "
            f"Received: {header.num_shards} files, order {header.endianness}"
        )
    entries = {}
    for key, value in rows.items():
        entry = messages.parse(_CLASSES["BundleEntryProto"], value, name)
        shape = tuple(axis.size for axis in entry.shape.dim)
        entries[key.decode(errors="replace")] = Entry(entry.dtype, shape, entry.offset, entry.size)
    end = 0
    for entry in sorted(entries.values(), key=lambda entry: entry.offset):
        if entry.offset != end or entry.size < 0:
            break
        end += entry.size
    size = (path / "variables" / "variables.data-00000-of-00001").stat().st_size
    if end != size:
        raise ValueError(
            "The tensors of variables.index must fill the data file one after the other. "
            f"Received: {len(entries)} tensors, which fill {end} of {size} bytes"
        )
    return entries


def _table(data: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Yields the rows of a sorted table, uncompressed.

    Reference: tensorflow/core/lib/io/format.h; the format is LevelDB's.
    """
    if len(data) < _FOOTER or struct.unpack("<Q", data[-8:])[0] != _MAGIC:
        raise ValueError(f"{name} must be a table of TensorFlow. Received: another file")
    footer = data[-_FOOTER:]
    _, at = _varint(footer, 0, name)  # the place of the index of metadata
    _, at = _varint(footer, at, name)
    offset, at = _varint(footer, at, name)
    size, at = _varint(footer, at, name)
    for _, handle in _block(data, offset, size, name):
        begin, at = _varint(handle, 0, name)
        length, at = _varint(handle, at, name)
        yield from _block(data, begin, length, name)


def _block(data: bytes, offset: int, size: int, name: str) -> Iterator[tuple[bytes, bytes]]:
    if offset + size + _TRAILER > len(data) or size < 4 or data[offset + size] != 0:
        raise ValueError(f"{name} must be a table of plain blocks. Received: another one")
    block = data[offset : offset + size]
    restarts = struct.unpack("<I", block[-4:])[0]
    end, at, key = size - 4 - 4 * restarts, 0, b""
    while at < end:
        shared, at = _varint(block, at, name)
        more, at = _varint(block, at, name)
        length, at = _varint(block, at, name)
        key = key[:shared] + block[at : at + more]
        at += more + length
        if at > end or len(key) != shared + more:
            raise ValueError(f"{name} must be a table of TensorFlow. Received: a cut one")
        yield key, block[at - length : at]


def _varint(data: bytes, at: int, name: str) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError(f"{name} must be a table of TensorFlow. Received: a cut number")
