"""ONNX graphs as files of strangers: read without their weights, and without the package onnx."""

import mmap
import pathlib
from collections.abc import Iterator

from google.protobuf import message

from export.runtime import documents, messages, onnx_messages

_SHORT = 256  # bytes of weights that are read with the graph, such as shapes
_MOST_BYTES = 1 << 22  # of a graph without its weights
_MOST_FIELDS = 200_000
_LENGTH = 1000  # the number of Initializer.raw_bytes
# The messages on the way to the weights: field -> message; the weights are field 9 of the last.
_WAY = {"ModelProto": {7: "GraphProto"}, "GraphProto": {5: "Initializer"}}
_RAW_DATA = 9
_LENGTH_DELIMITED = 2
# an axis of channels, by ONNX's "Dimension Denotation"
CHANNELS = "DATA_CHANNEL"


def read(path: pathlib.Path) -> message.Message:
    """Returns the graph in an ONNX file; of long weights only how many bytes they have.

    Raises:
        ValueError: If it is no ONNX file, holds fields that a bundle's graphs do not have, or has
            more than 4 MiB next to its weights.
    """
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            raise ValueError(f"{path.name} must hold a graph. Received: an empty file")
        with (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as data,
        ):
            short = _Shortened(path.name).message("ModelProto", data, 0, len(data))
    return messages.parse(onnx_messages.CLASSES["ModelProto"], short, path.name)


class _Shortened:
    """Copies a serialized message without its long weights, and counts what it has read."""

    def __init__(self, name: str):
        self.name, self.fields, self.bytes = name, 0, 0

    def message(self, kind: str, data: memoryview, start: int, end: int) -> bytes:
        parts = []
        for number, wire, first, begin, after in self._fields(data, start, end):
            inner = _WAY.get(kind, {}).get(number) if wire == _LENGTH_DELIMITED else None
            if inner:
                short = self.message(inner, data, begin, after)
                parts += [_varint(number << 3 | wire), _varint(len(short)), short]
            elif kind == "Initializer" and (number, wire) == (_RAW_DATA, _LENGTH_DELIMITED):
                parts += [_varint(_LENGTH << 3), _varint(after - begin)]
                if after - begin <= _SHORT:
                    parts.append(self._copied(data, first, after))
            elif kind == "Initializer" and number == _LENGTH:
                raise ValueError(f"{self.name} must hold known fields only. Received: {number}")
            else:
                parts.append(self._copied(data, first, after))
        return b"".join(parts)

    def _copied(self, data: memoryview, start: int, end: int) -> bytes:
        self.bytes += end - start
        if self.bytes > _MOST_BYTES:
            raise ValueError(
                f"{self.name} must have at most {_MOST_BYTES} bytes next to its weights. "
                "Received: more"
            )
        return bytes(data[start:end])

    def _fields(
        self, data: memoryview, start: int, end: int
    ) -> Iterator[tuple[int, int, int, int, int]]:
        """Yields (number, wire type, first byte, first byte of the value, byte after it)."""
        at = start
        while at < end:
            self.fields += 1
            if self.fields > _MOST_FIELDS:
                raise ValueError(
                    f"{self.name} must have at most {_MOST_FIELDS} parts. Received: more"
                )
            first = at
            tag, at = self._varint(data, at, end)
            wire = tag & 7
            if wire == _LENGTH_DELIMITED:
                length, at = self._varint(data, at, end)
                begin, at = at, at + length
            elif wire == 0:
                begin = at
                _, at = self._varint(data, at, end)
            else:
                begin, at = at, at + {1: 8, 5: 4}.get(wire, end)
            if at > end:
                raise ValueError(f"{self.name} must be a protocol buffer. Received: a cut one")
            yield tag >> 3, wire, first, begin, at

    def _varint(self, data: memoryview, at: int, end: int) -> tuple[int, int]:
        value = 0
        for shift in range(0, 70, 7):
            if at >= end:
                break
            byte, at = data[at], at + 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
        raise ValueError(f"{self.name} must be a protocol buffer. Received: a cut number")


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def tensor(value: message.Message) -> tuple[str, list]:
    """Returns dtype and shape of a graph's input or output; the name of a free axis is its size.

    Raises:
        ValueError: If it is no tensor of a known dtype.
    """
    declared = value.type.tensor_type
    if declared.elem_type not in onnx_messages.DTYPES:
        raise ValueError(
            f"{documents.shown(value.name)} must be a tensor of "
            f"{', '.join(name for name, _ in onnx_messages.DTYPES.values())}. "
            f"Received: type {declared.elem_type}"
        )
    shape = [axis.dim_param or axis.dim_value for axis in declared.shape.dim]
    return onnx_messages.DTYPES[declared.elem_type][0], shape
