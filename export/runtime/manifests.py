"""manifest.json and SHA256SUMS: what a bundle holds, and that it still does."""

import importlib.metadata
import json
import os
import pathlib
import sys

import zoo
from export.runtime import (
    backends,
    documents,
    files,
    folders,
    golden_rows,
    schema,
    signatures,
    tensors,
    warm_up,
)

FILE, SUMS = "manifest.json", "SHA256SUMS"
CARD = "README.md"
_UNLISTED = {FILE, SUMS, signatures.FILE}  # they say what the other files are
PACKAGES = ("tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "numpy")
GRAPH_BYTES = 1 << 29  # of one ONNX graph with its weights, at most
_KIB, _MIB = 1 << 10, 1 << 20


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


def expected(manifest: dict) -> dict[str, int]:
    """Returns all files of a bundle, as they follow from what its manifest means.

    There are no others. Whoever adds a kind of file adds it here.

    Args:
        manifest: A manifest that `schema.check` accepts.

    Returns:
        The largest size in bytes that is accepted, by path relative to the bundle.
    """
    here, endpoints = pathlib.PurePosixPath(), manifest["endpoints"]
    every = [(side, about) for _, side, _, about in tensors.every(endpoints)]
    variables = manifest["sizes"]["variables"]
    sizes = {
        FILE: documents.MOST_BYTES,
        SUMS: _KIB * (8 + 2 * len(endpoints)),
        CARD: documents.MOST_BYTES,
        golden_rows.FILE: sum(tensors.golden_bytes(about) + 2 * _KIB for _, about in every),
    }
    program = backends.saved_model_path(here, manifest)
    asked = sum(tensors.row_bytes(about) + _KIB for side, about in every if side == "inputs")
    within = {
        "saved_model.pb": _MIB + 256 * _KIB * len(endpoints),
        "variables/variables.index": _MIB,
        "variables/variables.data-00000-of-00001": variables + _MIB,
        warm_up.FILE: asked + 2 * _KIB * len(endpoints),
    }
    sizes |= {(program / path).as_posix(): most for path, most in within.items()}
    # a graph that calls a network twice may hold its weights twice
    graph_bytes = min(GRAPH_BYTES, 4 * variables + _MIB)
    for endpoint in endpoints:
        graph = backends.onnx_path(here, manifest, endpoint)
        sizes[graph.as_posix()] = graph_bytes
        sizes[backends.config_path(here, manifest, endpoint).as_posix()] = 16 * _KIB
    if manifest["signed"]:
        sizes[signatures.FILE] = signatures.MAX_BYTES
    return sizes


def seal(directory: pathlib.Path, manifest: dict) -> None:
    """Writes the manifest with size and hash of every other file, and SHA256SUMS."""
    paths = [path for path in folders.files(directory) if path not in _UNLISTED]
    listed = {
        path: {
            "sha256": files.digest(directory / path),
            "bytes": (directory / path).stat().st_size,
        }
        for path in paths
    }
    text = json.dumps({**manifest, "files": listed}, indent=1) + "\n"
    (directory / FILE).write_text(text)
    hashes = {path: about["sha256"] for path, about in listed.items()}
    (directory / SUMS).write_text(_sums(hashes | {FILE: files.digest(directory / FILE)}))


def read(directory: pathlib.Path) -> dict:
    """Returns the manifest of a bundle.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it does not say all that a manifest must say, and nothing else.
    """
    path = directory / FILE
    if path.is_symlink() or not path.is_file():
        raise FileNotFoundError(f"A bundle has a file {FILE}. Received: {directory} without it")
    manifest = documents.read(path)
    schema.check(manifest)
    schema.check_files(manifest["files"], set(expected(manifest)) - _UNLISTED)
    return manifest


def verify(directory: pathlib.Path) -> dict:
    """Checks that a bundle holds the files that follow from its manifest, unchanged, and no others.

    Returns:
        The manifest.

    Raises:
        FileNotFoundError: If there is no manifest.
        ValueError: With files that are missing, extra, too large or changed.
    """
    manifest = read(directory)
    folders.check_exact(directory, expected(manifest))
    listed = manifest["files"]
    wrong = [
        f"changed {path}, in size"
        for path, about in listed.items()
        if (directory / path).stat().st_size != about["bytes"]
    ]
    # no hash of a file whose size is wrong already
    wrong = wrong or [
        f"changed {path}"
        for path, about in listed.items()
        if files.digest(directory / path) != about["sha256"]
    ]
    hashes = {path: about["sha256"] for path, about in listed.items()}
    hashes[FILE] = files.digest(directory / FILE)
    if (directory / SUMS).read_bytes() != _sums(hashes).encode():
        wrong.append(f"{SUMS} with other lines")
    if wrong:
        raise ValueError(
            f"A bundle's files must have the sizes and hashes of {FILE} and {SUMS}. "
            f"Received: {', '.join(wrong)}"
        )
    return manifest


def _sums(hashes: dict[str, str]) -> str:
    return "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))
