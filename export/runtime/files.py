"""Files that are written and read: one atomic write, one JSON reader, one hash."""

import contextlib
import errno
import hashlib
import json
import os
import pathlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_PIECE = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_bytes(path: str | os.PathLike, content: bytes) -> pathlib.Path:
    """Writes a file as a whole: a reader, or a process killed here, sees the old file or the new.

    It is on the disk when this returns, so that it outlives a power cut too.

    Args:
        path: The file; missing folders above it are made.
        content: All bytes of the file.

    Returns:
        The path.
    """
    path = pathlib.Path(path)
    make_folder(path.parent)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError:
        with contextlib.suppress(OSError):  # a full disk needs the room, a closed one keeps it
            partial.unlink()
        raise
    sync(path.parent)
    return path


def make_folder(path: pathlib.Path) -> None:
    """Makes a folder, and those above it, whose names are on the disk when this returns."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        sync(folder.parent)


def sync(path: str | os.PathLike) -> None:
    """Waits until a file's content, or the names in a folder, are on the disk."""
    if os.name == "nt" and os.path.isdir(path):
        return  # Windows opens no folder
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that syncs no folder
            raise
    finally:
        os.close(number)


def is_full(error: BaseException) -> bool:
    """Returns whether an error says that the disk, or what one may use of it, is full."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    # TensorFlow writes files itself and has errors of its own
    return any(os.strerror(number) in str(error) for number in _FULL)


def write_text(path: str | os.PathLike, content: str) -> pathlib.Path:
    """Writes a text in UTF-8 as `write_bytes` does."""
    return write_bytes(path, content.encode())


def write_json(path: str | os.PathLike, value: dict | list) -> pathlib.Path:
    """Writes a value of JSON, one space deep, as `write_bytes` does."""
    return write_text(path, json.dumps(value, indent=1) + "\n")


def read_json(path: str | os.PathLike) -> dict | list:
    """Returns the value that a JSON file holds.

    Raises:
        OSError: If there is no such file, or it cannot be opened.
        ValueError: If the file holds no JSON; names the file.
    """
    path = pathlib.Path(path)
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"The file must hold JSON: {error}. Received: {path}") from error


def digest(*parts: "bytes | np.ndarray | os.PathLike") -> str:
    """Returns the SHA-256, in hexadecimal, of parts one after the other.

    Args:
        *parts: Bytes; arrays, of which the elements count in C order and neither shape nor type;
            or paths of files, of which the bytes count.

    Example:
        >>> import numpy as np
        >>> digest(b"ab") == digest(b"a", np.frombuffer(b"b", np.uint8))
        True
    """
    import numpy as np  # here, so that a run directory is read without it

    result = hashlib.sha256()
    for part in parts:
        if isinstance(part, os.PathLike):
            with open(part, "rb") as file:  # in pieces: a file may be larger than the memory
                while piece := file.read(_PIECE):
                    result.update(piece)
        else:
            result.update(np.ascontiguousarray(part) if isinstance(part, np.ndarray) else part)
    return result.hexdigest()
