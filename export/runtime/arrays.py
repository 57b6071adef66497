"""Files that a command writes: which endings it takes, and arrays by name."""

import io
import os

import numpy as np

from export.runtime import files


def check_kind(path: str | os.PathLike, *kinds: str) -> str:
    """Returns the ending of a file's name, in small letters.

    Args:
        path: The file.
        *kinds: Endings that are accepted, such as `.npz`.

    Raises:
        ValueError: If the name ends otherwise.
    """
    kind = os.path.splitext(path)[1].lower()
    if kind not in kinds:
        raise ValueError(f"`out` must end in {' or '.join(kinds)}. Received: {path!r}")
    return kind


def write(path: str | os.PathLike, **arrays: np.ndarray) -> None:
    """Writes arrays by name to a compressed npz file, as a whole."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    files.write_bytes(path, content.getvalue())
