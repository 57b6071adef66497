"""One version of a model that is loaded: its endpoints, and the thread that computes them."""

import contextlib
import pathlib
from typing import NamedTuple

from export.runtime import (
    backends,
    bundles,
    golden_files,
    golden_rows,
    manifests,
    onnx_checks,
    rules,
    saved_model_checks,
    saved_model_files,
)
from export.server import batching, faults, tensors
from zoo import names


class Endpoint(NamedTuple):
    """What an endpoint takes and gives."""

    inputs: dict[str, tensors.Tensor]
    outputs: dict[str, tensors.Tensor]

    def row_bytes(self, *, text: bool) -> int:
        """Returns about how many bytes a row of the answer has; as JSON a number has up to 13."""
        return sum(
            tensor.row_bytes * 13 // 4 if text else tensor.row_bytes
            for tensor in self.outputs.values()
        )


class Served:
    """A model that computes.

    A request holds a lease while it uses the model (`with model:`), so that a version that was
    replaced ends only when its last request has been answered.

    Args:
        manifest: Manifest of the bundle.
        run: Computes an endpoint of arrays.
        path: Directory of the bundle.
        card: Text of its model card.
        queue_rows: Largest number of rows that wait.
        computed: Is called with the model's name, the endpoint and the rows of each batch.

    Attributes:
        name: Name of the model.
        version: Version of the model.
        endpoints: Its endpoints by name.
        classes: Number of classes; None for a model without labels.
        rows: Largest number of rows of a batch, which the bundle was tested with.
    """

    def __init__(
        self,
        manifest: dict,
        run: backends.Run,
        *,
        path: pathlib.Path = pathlib.Path(),
        card: str = "",
        queue_rows: int = 1024,
        computed=None,
    ):
        self.manifest, self.path, self.card = manifest, path, card
        self.name, self.version = manifest["name"], manifest["version"]
        self.endpoints = {
            name: Endpoint(tensors.described(about["inputs"]), tensors.described(about["outputs"]))
            for name, about in manifest["endpoints"].items()
        }
        self.classes = manifest["classes"]
        self.rows = manifest["limits"]["tested_rows"]
        self._counted = computed
        self.batcher = batching.Batcher(run, self.rows, queue_rows, self._computed)
        self._leases, self._retired = 0, False

    @property
    def default(self) -> str:
        """The endpoint of a request that names none: `sample` where there is one."""
        return backends.default_endpoint(self.endpoints)

    def signature(self, name: str) -> str:
        """Returns the endpoint of a signature's name.

        Raises:
            Fault: 400 if there is none of this name.
        """
        if name == backends.DEFAULT_SIGNATURE:
            return self.default
        if type(name) is not str or name not in self.endpoints:
            raise faults.Fault(
                400, names.unknown("signature", faults.shown(name).strip("'"), self.endpoints)
            )
        return name

    def __enter__(self) -> "Served":
        self._leases += 1
        return self

    def __exit__(self, *error) -> None:
        self._leases -= 1
        self._end()

    def retire(self) -> None:
        """Ends the model's thread when the last request that uses it has been answered.

        It is called where requests are, on the loop.
        """
        self._retired = True
        self._end()

    def _computed(self, endpoint: str, rows: int) -> None:
        if self._counted is not None:
            self._counted(self.name, endpoint, rows)

    def _end(self) -> None:
        if self._retired and not self._leases:
            self.batcher.close()


def load(path: pathlib.Path, runtime: str = "onnx", **options) -> Served:
    """Returns the model of a bundle, which computes its golden rows.

    Args:
        path: Directory of the bundle.
        runtime: Which of `backends.RUNTIMES` computes.
        **options: Those of `Served`.

    Raises:
        ValueError: If a file is not what was exported, or an output is not the golden one.
    """
    bundle = bundles.load(path)
    card = (path / manifests.CARD).read_text()
    _check_programs(path, bundle.manifest, runtime)
    with contextlib.ExitStack() as opened:
        run = opened.enter_context(backends.RUNTIMES[runtime](path, bundle.manifest))
        # which also warms the runtime, at its largest batch
        rules.golden_values(run, bundle.manifest, golden_rows.read(path / golden_rows.FILE))
        opened.pop_all()  # what the runtime holds lives as long as the function
        return Served(bundle.manifest, run, path=path, card=card, **options)


def endpoint_model(name: str, endpoint: str) -> str:
    """Returns the name of an endpoint as a model of its own: that of its folder for Triton.

    Example:
        >>> endpoint_model("digits-2.0", "sample")
        'digits_2_0_sample'
    """
    manifest = {"name": name, "version": 1}
    return backends.onnx_path(pathlib.PurePath(), manifest, endpoint).parts[1]


def _check_programs(path: pathlib.Path, manifest: dict, runtime: str) -> None:
    """Reads what is about to be loaded, before it is, as the gate does."""
    if runtime == "onnx":
        for endpoint in manifest["endpoints"]:
            onnx_checks.check_graph(path, manifest, endpoint)
            onnx_checks.check_signature(path, manifest, endpoint)
    else:
        graph = saved_model_files.read(backends.saved_model_path(path, manifest))
        saved_model_checks.check_operations(graph)
        saved_model_checks.check_signatures(graph, manifest)
    golden_files.check(path / golden_rows.FILE, manifest["endpoints"])
