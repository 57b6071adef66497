"""The files of a folder: which there are, and how large."""

import os
import pathlib
import stat
from collections.abc import Iterable, Iterator, Mapping

from export.runtime import documents

_NAMED = 8  # wrong entries that an error names; a folder may hold a million


def files(directory: pathlib.Path) -> list[str]:
    """Returns the paths of all files below, sorted, relative, with forward slashes.

    Raises:
        ValueError: If one is a link or no plain file.
    """
    return sorted(path for path, kind in _entries(directory, "") if kind == "file")


def check_exact(directory: pathlib.Path, expected: Mapping[str, int]) -> None:
    """Checks that a folder holds these files and no other entry, and that none is too large.

    Nothing is opened, and only folders that are expected are looked into.

    Args:
        directory: The folder.
        expected: The largest size in bytes that is accepted, by path relative to the folder.

    Raises:
        ValueError: If something is missing, or is there and is not expected, or is a link or no
            plain file, or is larger.
    """
    folders = {parent.as_posix() for path in expected for parent in pathlib.PurePath(path).parents}
    there, wrong = set(), []
    for path, kind in _entries(directory, "", folders):
        if kind == "folder" and path in folders:
            continue
        if kind == "file" and path in expected:
            there.add(path)
            size = (directory / path).lstat().st_size
            if size > expected[path]:
                wrong.append(f"{path} of {size} bytes, at most {expected[path]}")
        else:
            wrong.append(f"extra {documents.shown(path)[1:-1]}")
        if len(wrong) >= _NAMED:
            break
    else:
        wrong += [f"missing {path}" for path in sorted(set(expected) - there)]
    if wrong:
        raise ValueError(
            "A bundle holds the files that follow from its manifest, and no others. "
            f"Received: {', '.join(wrong[:_NAMED])}"
        )


def size(directory: pathlib.Path) -> int:
    """Returns the size of all files below, in bytes."""
    return sum((directory / path).lstat().st_size for path in files(directory))


def _entries(
    directory: pathlib.Path, below: str, folders: Iterable[str] | None = None
) -> Iterator[tuple[str, str]]:
    """Yields (path, "file" or "folder") of all below, or of all in these folders.

    Raises:
        ValueError: At a link or what is neither a file nor a folder, by the rule.
    """
    with os.scandir(directory / below) as entries:
        for entry in entries:
            path, mode = f"{below}{entry.name}", entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                yield path, "folder"
                if folders is None or path in folders:
                    yield from _entries(directory, f"{path}/", folders)
            elif stat.S_ISREG(mode):
                yield path, "file"
            else:
                raise ValueError(
                    "A bundle holds plain files only, no links and no devices. "
                    f"Received: {documents.shown(path)}"
                )
