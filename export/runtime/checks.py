"""The gate that a bundle passes before it is moved into place, and at every `zoo check`."""

import importlib.util
import os
import pathlib
from collections.abc import Callable, Iterable
from typing import TypeVar

from export.runtime import (
    backends,
    cards,
    children,
    golden_files,
    golden_rows,
    manifests,
    onnx_checks,
    rules,
    saved_model_checks,
    saved_model_files,
    signatures,
    trials,
    triton,
    warm_up,
)

T = TypeVar("T")
# each runs in one process; what is tried first is the cheapest
_TOGETHER = (("onnx",), ("saved_model", "session"))


class Gate:
    """Runs checks one by one, prints a line for each, and keeps their results.

    Args:
        echo: Takes one line of text for each check.

    Attributes:
        failures: A sentence for each check that failed.
        differences: The largest difference from the golden values, by runtime.
    """

    def __init__(self, echo: Callable[[str], None] = print):
        self.failures: list[str] = []
        self.differences: dict[str, float] = {}
        self.echo = echo

    def run(self, what: str, check: Callable[[], T]) -> T | None:
        """Returns what the check returns, None if it fails.

        A number is the largest difference that the check saw; it is printed.
        """
        result = None

        def kept():
            nonlocal result
            result = check()
            return result

        self.take(trials.tried(what, kept))
        return result

    def take(self, result: trials.Result) -> None:
        """Keeps and prints the result of a check that was made elsewhere."""
        if result.failure is not None:
            self.failures.append(f"{result.what}: {result.failure}")
            self.echo(f"FAIL  {result.what}: {result.failure}")
            return
        for runtime in backends.RUNTIMES:
            if result.what == f"{runtime}: {rules.GOLDEN}":
                self.differences[runtime] = result.value
        self.echo(f"ok  {result.what}" + ("" if result.value is None else f"  {result.value:.2g}"))


def check(
    directory: str | os.PathLike,
    echo: Callable[[str], None] = print,
    *,
    key: str | os.PathLike | None = None,
    isolated: bool = True,
) -> list[str]:
    """Checks a bundle, which needs neither its run nor its data, nor TensorFlow.

    Cheap checks come first, and what they refuse is not looked at further: files before what is in
    them, and all that can be read before anything is run. Without TensorFlow its SavedModel is read
    and not run.

    Args:
        directory: Directory of the bundle.
        echo: Takes one line of text for each check.
        key: PEM file of the public key of who must have signed the bundle; None for anybody.
        isolated: Whether to run the bundle's programs in processes of their own, with limits on
            memory and time; a bundle of your own may run in this one.

    Returns:
        A sentence for each check that failed; none for a good bundle.
    """
    directory, gate = pathlib.Path(directory), Gate(echo)
    if key is not None:
        what = f"{signatures.FILE} is by the holder of the key"
        gate.run(what, lambda: signatures.verify(directory, key))
        if gate.failures:
            return gate.failures
    manifest = gate.run(
        "manifest.json is as docs/bundles.md has it", lambda: manifests.read(directory)
    )
    if gate.failures:
        return gate.failures
    gate.run("files are those of SHA256SUMS", lambda: manifests.verify(directory))
    if gate.failures:
        return gate.failures
    gate.run("README.md is the manifest's card", lambda: _card(directory, manifest))
    examine(directory, manifest, gate, isolated=isolated)
    return gate.failures


def examine(directory: pathlib.Path, manifest: dict, gate: Gate, *, isolated: bool) -> None:
    """Checks the programs of a bundle; runs them only if they hold nothing but what they may."""
    _read_programs(directory, manifest, gate)
    if gate.failures:
        return
    goldens = _read_goldens(directory, manifest, gate)
    if gate.failures:
        return
    path = backends.saved_model_path(directory, manifest)
    gate.run(
        "SavedModel: warm-up requests ask every endpoint", lambda: warm_up.check(path, goldens)
    )
    for rule, holds in rules.GOLDEN_RULES.items():
        gate.run(f"golden.npz: {rule}", lambda holds=holds: holds(manifest, goldens))
    if not gate.failures:
        _run_programs(directory, manifest, gate, isolated)


def _read_programs(directory: pathlib.Path, manifest: dict, gate: Gate) -> None:
    path = backends.saved_model_path(directory, manifest)
    graph = gate.run("SavedModel: of known parts", lambda: saved_model_files.read(path))
    checks = {
        "operations on the allow-list": saved_model_checks.check_operations,
        "signatures with a free batch axis": lambda graph: saved_model_checks.check_signatures(
            graph, manifest
        ),
        "the weights once, and no others": lambda graph: saved_model_checks.check_variables(
            path, graph, manifest
        ),
    }
    for what, holds in checks.items() if graph is not None else ():
        gate.run(f"SavedModel: {what}", lambda holds=holds: holds(graph))
    for endpoint in manifest["endpoints"]:
        checks = {
            "valid, operations on the allow-list": onnx_checks.check_graph,
            "a free batch axis": onnx_checks.check_signature,
            "config.pbtxt is the manifest's": _config,
        }
        for what, holds in checks.items():
            gate.run(
                f"ONNX {endpoint}: {what}",
                lambda holds=holds, endpoint=endpoint: holds(directory, manifest, endpoint),
            )


def _read_goldens(directory: pathlib.Path, manifest: dict, gate: Gate) -> rules.Goldens | None:
    path = directory / golden_rows.FILE
    gate.run(
        "golden.npz: 64 rows of every tensor",
        lambda: golden_files.check(path, manifest["endpoints"]),
    )
    if gate.failures:
        return None
    return gate.run("golden.npz can be read", lambda: golden_rows.read(path))


def _run_programs(directory: pathlib.Path, manifest: dict, gate: Gate, isolated: bool) -> None:
    for runtimes in map(list, _TOGETHER):
        if runtimes != ["onnx"] and not _installed("tensorflow"):
            gate.echo("note  SavedModel: read, and not run, since TensorFlow is not installed")
            continue
        results: Iterable[trials.Result]
        if isolated:
            results = children.results(directory, _loaded(directory, manifest, runtimes), runtimes)
        else:
            results = trials.results(directory, manifest, runtimes)
        for result in results:
            gate.take(result)
            if result.what.endswith(children.LIMITS):
                return


def _loaded(directory: pathlib.Path, manifest: dict, runtimes: list[str]) -> int:
    """Returns the bytes of what runtimes load: their programs and the golden values."""
    folder = "onnx" if runtimes == ["onnx"] else "saved_model"
    return sum(
        (directory / path).stat().st_size
        for path in manifests.expected(manifest)
        if path.startswith(f"{folder}/") or path == golden_rows.FILE
    )


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # of a module that was put in place by hand
        return True


def _card(directory: pathlib.Path, manifest: dict) -> None:
    if (directory / manifests.CARD).read_bytes() != cards.write(manifest).encode():
        raise ValueError(
            f"{manifests.CARD} must be the card that follows from the manifest, letter by letter. "
            "Received: another text"
        )


def _config(directory: pathlib.Path, manifest: dict, endpoint: str) -> None:
    path = backends.config_path(directory, manifest, endpoint)
    if path.read_bytes() != triton.config(manifest["endpoints"][endpoint]).encode():
        raise ValueError(
            "config.pbtxt must be the description that follows from the manifest, letter by "
            "letter. Received: another text"
        )
