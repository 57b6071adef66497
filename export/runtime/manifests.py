"""manifest.json and SHA256SUMS: what a bundle holds, and that it still does."""

import hashlib
import importlib.metadata
import json
import os
import pathlib
import re
import sys

import zoo
from export.runtime import signatures

FORMAT = 2
FILE, SUMS = "manifest.json", "SHA256SUMS"
PACKAGES = ("tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "numpy")
# names of endpoints and tensors are names of folders, arguments and keys
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def refuse_existing(out: str | os.PathLike) -> None:
    """Raises FileExistsError if there is something at `out`."""
    if os.path.lexists(out):
        raise FileExistsError(
            "`out` must not exist, so that nothing is overwritten; name another or remove it. "
            f"Received: {out}"
        )


def versions() -> dict[str, str]:
    """Returns the versions of what made the bundle."""
    return {
        "zoo": zoo.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        **{package: importlib.metadata.version(package) for package in PACKAGES},
    }


def seal(directory: pathlib.Path, manifest: dict) -> None:
    """Writes the manifest with size and hash of every other file, and SHA256SUMS."""
    paths = [path for path in files(directory) if path not in (FILE, SUMS, signatures.FILE)]
    listed = {
        path: {"sha256": sha256(directory / path), "bytes": (directory / path).stat().st_size}
        for path in paths
    }
    (directory / FILE).write_text(json.dumps({**manifest, "files": listed}, indent=1) + "\n")
    (directory / SUMS).write_text(
        "".join(f"{sha256(directory / path)}  {path}\n" for path in sorted([*paths, FILE]))
    )


def read(directory: pathlib.Path) -> dict:
    """Returns the manifest.

    Raises:
        ValueError: If it is of another format or lacks what every reader needs.
    """
    manifest = json.loads((directory / FILE).read_text())
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        older = isinstance(manifest, dict) and manifest.get("format") in range(1, FORMAT)
        raise ValueError(
            f"A bundle's manifest.json must say format {FORMAT}. "
            + (
                f"Received: format {manifest['format']}, of an earlier state of this program; "
                "export the model again"
                if older
                else f"Received: {str(manifest)[:80]}"
            )
        )
    if type(manifest.get("version")) is not int or not manifest.get("endpoints"):
        raise ValueError(
            f"A manifest needs an integer `version` and `endpoints`. Received: {sorted(manifest)}"
        )
    for endpoint, described in manifest["endpoints"].items():
        for name in [endpoint, *described["inputs"], *described["outputs"]]:
            if not _NAME.fullmatch(name):
                raise ValueError(
                    f"Names in a bundle must be letters, digits and _. Received: {name!r}"
                )
    return manifest


def verify(directory: pathlib.Path) -> None:
    """Checks that the bundle holds the listed files, unchanged, and no others.

    Raises:
        ValueError: With every file that is missing, extra or changed.
    """
    sums = dict(
        reversed(line.split("  ", 1)) for line in (directory / SUMS).read_text().splitlines()
    )
    manifest = json.loads((directory / FILE).read_text())
    there = [path for path in files(directory) if path != SUMS]
    # a signature is over the sums too
    signature = [signatures.FILE] if manifest.get("signed") else []
    wrong = [f"missing {path}" for path in [*sums, *signature] if path not in there] + [
        f"extra {path}" for path in there if path not in [*sums, *signature]
    ]
    wrong += [
        f"changed {path}"
        for path in there
        if path in sums and sha256(directory / path) != sums[path]
    ]
    listed = {path: about["sha256"] for path, about in manifest["files"].items()}
    wrong += [
        f"not the manifest's: {path}"
        for path in {*sums, *listed} - {FILE}
        if sums.get(path) != listed.get(path)
    ]
    wrong += [
        f"size of {path}"
        for path in listed
        if path in there and manifest["files"][path]["bytes"] != (directory / path).stat().st_size
    ]
    if wrong:
        raise ValueError(
            "A bundle holds the files of SHA256SUMS, unchanged, and no others. "
            f"Received: {', '.join(sorted(wrong))}"
        )


def files(directory: pathlib.Path) -> list[str]:
    """Returns the paths of all files below, sorted, relative, with forward slashes.

    Raises:
        ValueError: If one is a link or not a plain file.
    """
    listed = []
    for path in sorted(directory.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise ValueError(
                f"A bundle holds plain files only. Received: {path.relative_to(directory)}"
            )
        if path.is_file():
            listed.append(path.relative_to(directory).as_posix())
    return listed


def sha256(path: pathlib.Path) -> str:
    """Returns the hash of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
