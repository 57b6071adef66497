"""TFRecord files without TensorFlow: each record with its length and two checksums.

Reference: tensorflow/core/lib/io/record_writer.h; CRC-32C is RFC 3720, appendix B.4.
"""

import pathlib
import struct
from collections.abc import Iterable

_POLYNOMIAL = 0x82F63B78  # Castagnoli's, with its bits reversed
_MASK = 0xA282EAD8


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = [_entry(byte) for byte in range(256)]


def crc32c(data: bytes) -> int:
    """Returns the CRC-32C of bytes.

    Example:
        >>> hex(crc32c(b"123456789"))
        '0xe3069283'
    """
    value = 0xFFFFFFFF
    for byte in data:
        value = _TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF


def write(path: pathlib.Path, records: Iterable[bytes]) -> None:
    """Writes records to a file."""
    with path.open("wb") as file:
        for record in records:
            length = struct.pack("<Q", len(record))
            file.write(length + _checksum(length) + record + _checksum(record))


def read(path: pathlib.Path) -> list[bytes]:
    """Returns the records of a file.

    Raises:
        ValueError: If a record is cut, or its checksum is another.
    """
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        length = data[at : at + 8]
        (size,) = struct.unpack("<Q", length.ljust(8, b"\0"))
        record = data[at + 12 : at + 12 + size]
        after = data[at + 12 + size : at + 16 + size]
        if data[at + 8 : at + 12] != _checksum(length) or after != _checksum(record):
            raise ValueError(
                f"{path.name} must hold whole records with right checksums. "
                f"Received: another one at byte {at}"
            )
        found.append(record)
        at += 16 + size
    return found


def _checksum(data: bytes) -> bytes:
    value = crc32c(data)
    return struct.pack("<I", ((value >> 15 | value << 17) + _MASK) & 0xFFFFFFFF)
