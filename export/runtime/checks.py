"""The gate that a bundle passes before it is moved into place, and at every `zoo check`."""

import contextlib
import math
import os
import pathlib
from collections.abc import Callable
from typing import TypeVar

from export.runtime import (
    allow_list,
    backends,
    golden_rows,
    manifests,
    rules,
    signatures,
    warm_up,
)

T = TypeVar("T")
GRAPH_BYTES = 96 * 1024  # size of one endpoint's graph, without weights, at most


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
        self._echo = echo

    def run(self, what: str, check: Callable[[], T]) -> T | None:
        """Returns what the check returns, None if it fails.

        A number is the largest difference that the check saw; it is printed.
        """
        try:
            result = check()
        # whatever a broken bundle makes of a parser or a runtime is a failed check
        except Exception as error:
            reason = str(error).strip() or type(error).__name__
            self.failures.append(f"{what}: {reason}")
            self._echo(f"FAIL  {what}: {reason}")
            return None
        self._echo(f"ok  {what}" + (f"  {result:.2g}" if isinstance(result, float) else ""))
        return result


def check(
    directory: str | os.PathLike,
    echo: Callable[[str], None] = print,
    *,
    key: str | os.PathLike | None = None,
) -> list[str]:
    """Checks a bundle, which needs neither its run nor its data.

    Args:
        directory: Directory of the bundle.
        echo: Takes one line of text for each check.
        key: PEM file of the public key of who must have signed the bundle; None for anybody.

    Returns:
        A sentence for each check that failed; none for a good bundle.
    """
    directory, gate = pathlib.Path(directory), Gate(echo)
    if key is not None:
        what = f"{signatures.FILE} is by the holder of the key"
        gate.run(what, lambda: signatures.verify(directory, key))
        if gate.failures:
            return gate.failures
    gate.run("files are those of SHA256SUMS", lambda: manifests.verify(directory))
    manifest = gate.run("manifest.json can be read", lambda: manifests.read(directory))
    if not gate.failures:
        examine(directory, manifest, gate)
    return gate.failures


def examine(directory: pathlib.Path, manifest: dict, gate: Gate) -> None:
    """Checks the programs of a bundle; runs them only if they hold nothing but what they may."""
    graph_path = backends.saved_model_path(directory, manifest)
    gate.run(
        "SavedModel: operations on the allow-list",
        lambda: allow_list.check_saved_model(allow_list.read_saved_model(graph_path)),
    )
    gate.run(
        "SavedModel: signatures with a free batch axis", lambda: _signatures(graph_path, manifest)
    )
    gate.run("SavedModel: the weights once, and no others", lambda: _size(graph_path, manifest))
    for endpoint, about in manifest["endpoints"].items():
        path = backends.onnx_path(directory, manifest, endpoint)
        gate.run(
            f"ONNX {endpoint}: valid, operations on the allow-list",
            lambda path=path: allow_list.check_onnx(_load(path)),
        )
        gate.run(
            f"ONNX {endpoint}: a free batch axis",
            lambda path=path, about=about: _graph(path, about),
        )
    if gate.failures:
        return
    goldens = gate.run("golden.npz can be read", lambda: golden_rows.read(directory / "golden.npz"))
    asked = gate.run(
        "SavedModel: warm-up requests ask every endpoint", lambda: _warm_up(graph_path, manifest)
    )
    if gate.failures:
        return
    gate.run(
        "golden.npz: inputs in the declared range, noise as it is drawn",
        lambda: rules.golden_inputs(manifest, goldens),
    )
    for runtime in backends.RUNTIMES:
        _obeys(runtime, directory, manifest, goldens, asked, gate)


def _obeys(
    runtime: str,
    directory: pathlib.Path,
    manifest: dict,
    goldens: rules.Goldens,
    asked: list,
    gate: Gate,
) -> None:
    with contextlib.ExitStack() as stack:
        run = gate.run(
            f"{runtime}: loads",
            lambda: stack.enter_context(backends.RUNTIMES[runtime](directory, manifest)),
        )
        if run is None:
            return
        for rule, holds in rules.RULES.items():
            largest = gate.run(
                f"{runtime}: {rule}", lambda holds=holds: holds(run, manifest, goldens)
            )
            if holds is rules.golden_values and largest is not None:
                gate.differences[runtime] = largest
        if runtime == "session":
            gate.run("session: answers the warm-up requests", lambda: _answers(run, asked))


def _warm_up(path: pathlib.Path, manifest: dict) -> list:
    asked = warm_up.read(path)
    if {name for name, _ in asked} != set(manifest["endpoints"]):
        raise ValueError(
            f"Warm-up must ask every endpoint, {sorted(manifest['endpoints'])}. "
            f"Received: {[name for name, _ in asked]}"
        )
    return asked


def _answers(run: backends.Run, asked: list) -> None:
    for endpoint, inputs in asked:
        run(endpoint, inputs)


def _signatures(path: pathlib.Path, manifest: dict) -> None:
    import tensorflow as tf

    signatures = {
        name: s
        for name, s in allow_list.read_saved_model(path).signature_def.items()
        if name != "__saved_model_init_op"
    }
    if set(signatures) != set(manifest["endpoints"]):
        raise ValueError(
            f"Signatures must be the manifest's endpoints, {sorted(manifest['endpoints'])}. "
            f"Received: {sorted(signatures)}"
        )
    for endpoint, about in manifest["endpoints"].items():
        for side in ("inputs", "outputs"):
            tensors = getattr(signatures[endpoint], side)
            signature = {
                name: (
                    tf.as_dtype(t.dtype).name,
                    None if t.tensor_shape.unknown_rank else [d.size for d in t.tensor_shape.dim],
                )
                for name, t in tensors.items()
            }
            _same(
                endpoint,
                side,
                signature,
                {name: (a["dtype"], [-1, *a["shape"][1:]]) for name, a in about[side].items()},
            )


def _graph(path: pathlib.Path, about: dict) -> None:
    import onnx

    graph = _load(path).graph
    for side, values in (("inputs", graph.input), ("outputs", graph.output)):
        tensors = {}
        for value in values:
            tensor = value.type.tensor_type
            shape = [
                d.dim_value if d.HasField("dim_value") else d.dim_param for d in tensor.shape.dim
            ]
            dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
            tensors[value.name] = (dtype.name, shape)
        _same(
            graph.name,
            side,
            tensors,
            {name: (a["dtype"], ["batch", *a["shape"][1:]]) for name, a in about[side].items()},
        )


def _same(endpoint: str, side: str, tensors: dict, expected: dict) -> None:
    if tensors != expected:
        raise ValueError(
            f"{side} of {endpoint!r} must be {expected}, the first axis free. Received: {tensors}"
        )


def _size(path: pathlib.Path, manifest: dict) -> None:
    import tensorflow as tf

    handles = [
        node
        for node in allow_list.read_saved_model(path).graph_def.node
        if node.op == "VarHandleOp"
    ]
    weights = sum(
        math.prod(d.size for d in n.attr["shape"].shape.dim)
        * tf.as_dtype(n.attr["dtype"].type).size
        for n in handles
    )
    size, accepted = (
        directory_bytes(path),
        int(1.1 * weights) + GRAPH_BYTES * len(manifest["endpoints"]),
    )
    if weights != manifest["sizes"]["variables"] or size > accepted:
        raise ValueError(
            f"A SavedModel holds {manifest['sizes']['variables']} bytes of variables in at most "
            f"10 % more and {GRAPH_BYTES} for each endpoint's graph. "
            f"Received: {weights} bytes of variables in {size}"
        )


def directory_bytes(path: pathlib.Path) -> int:
    """Returns the size of all files below."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _load(path: pathlib.Path):
    import onnx

    return onnx.load(str(path), load_external_data=False)
