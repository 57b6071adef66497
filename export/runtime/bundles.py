"""A bundle as an object that is called: on numpy and ONNX Runtime, without TensorFlow."""

import os
import pathlib

import numpy as np

from export.runtime import backends, draws, latents, manifests, onnx_checks, places
from zoo import names, trained

_ROWS = 256  # rows of one call of a graph, so that any number of them takes no more memory


def load(path: str | os.PathLike, *, threads: int = 1) -> "Bundle":
    """Opens a bundle: the one door for everything that reads one.

    The manifest is read in full, the files must be those that follow from it, with their hashes,
    and a graph is loaded when it holds operators on the allow-list alone. `zoo check` also runs the
    bundle and compares it with its golden values.

    Args:
        path: Directory of the bundle.
        threads: Number of threads on which ONNX Runtime computes one operation, at least 1. More
            of them give large models on idle cores a shorter time, and cost small ones more than
            they give.

    Returns:
        The bundle; each of its graphs is loaded at its first use.

    Raises:
        FileNotFoundError: If this is no directory of a bundle.
        ValueError: If a file is missing, extra or changed, or `threads` is less than 1.

    A program calls it as `images = zoo.load("bundle").sample(16, seed=0)`.
    """
    directory = pathlib.Path(path)
    places.check_no_run(directory)
    for name in (manifests.FILE, manifests.SUMS):
        if not (directory / name).is_file():
            raise FileNotFoundError(
                "A bundle is a directory that `zoo.export` or `zoo export` wrote. "
                f"Received: {directory} without {name}"
            )
    return Bundle(directory, manifests.verify(directory), threads=threads)


class Bundle(trained.Trained):
    """The endpoints of a bundle, computed by ONNX Runtime.

    Each graph is loaded once, at its first use.

    A row of a batch equals the row alone to 1e-5; its last bits may depend on the batch size.

    Args:
        path: Directory of the bundle.
        manifest: Its manifest.
        threads: As in `load`.
    """

    def __init__(self, path: pathlib.Path, manifest: dict, *, threads: int = 1):
        if threads < 1:
            raise ValueError(f"`threads` must be at least 1. Received: {threads}")
        self.path, self.manifest, self.threads = path, manifest, threads
        self._sessions = {}

    def __repr__(self) -> str:
        return f"Bundle({str(self.path)!r}: {', '.join(self.manifest['endpoints'])})"

    def offered(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(e["inputs"]) for name, e in self.manifest["endpoints"].items()}

    def output_range(self, endpoint: str) -> tuple[float, float] | None:
        self.check_offers(endpoint)
        first = next(iter(self.manifest["endpoints"][endpoint]["outputs"].values()))
        return None if first["range"] is None else tuple(first["range"])

    def latents(self, seeds: np.ndarray) -> np.ndarray:
        self.check_offers("generate")
        prior = self.manifest["prior"]
        if prior is None or prior["name"] not in latents.PRIORS:
            raise ValueError(
                f"Latents are drawn here from the priors {', '.join(sorted(latents.PRIORS))}. "
                f"Received: the prior {prior and prior['name']!r}"
            )
        return latents.draw(np.asarray(seeds, np.int64), 0, prior)

    def classes(self) -> int | None:
        return self.manifest["classes"]

    def run(self, endpoint: str, inputs: dict, *, seed: int = 0) -> dict[str, np.ndarray]:
        self.check_offers(endpoint)
        described = self.manifest["endpoints"][endpoint]
        arrays = self._arrays(endpoint, described["inputs"], inputs, seed)
        if endpoint not in self._sessions:
            onnx_checks.check_graph(self.path, self.manifest, endpoint)
            path = backends.onnx_path(self.path, self.manifest, endpoint)
            self._sessions[endpoint] = backends.onnx_session(path, threads=self.threads)
        outputs = list(described["outputs"])  # a graph sorts its outputs
        rows = len(next(iter(arrays.values())))
        parts = [
            self._sessions[endpoint].run(
                outputs, {name: value[first : first + _ROWS] for name, value in arrays.items()}
            )
            for first in range(0, rows, _ROWS)
        ]
        return {name: np.concatenate(part) for name, part in zip(outputs, zip(*parts))}

    def _arrays(self, endpoint: str, accepted: dict, inputs: dict, seed: int) -> dict:
        """Returns every input as an array that fits the graph, those with a stream drawn if absent.

        Raises:
            ValueError: If one is unknown, missing or does not fit, or their rows differ in number.
        """
        for name in inputs:
            if name not in accepted:
                raise ValueError(names.unknown(f"input of {endpoint!r}", name, accepted))
        missing = [name for name in accepted if name not in inputs]
        drawn = [name for name in missing if "stream" in accepted[name]]
        if missing != drawn or len(drawn) == len(accepted):
            raise ValueError(
                f"{endpoint!r} needs the inputs {sorted(set(accepted) - set(drawn))}. "
                f"Received: {sorted(inputs)}"
            )
        arrays = {
            name: _fitted(f"`{name}` of {endpoint!r}", value, accepted[name])
            for name, value in inputs.items()
        }
        rows = {name: len(value) for name, value in arrays.items()}
        if len(set(rows.values())) != 1 or 0 in rows.values():
            raise ValueError(
                f"The inputs of {endpoint!r} need the same number of rows, at least 1. "
                f"Received: {', '.join(f'{count} of {name}' for name, count in rows.items())}"
            )
        seeds = trained.row_seeds(seed, len(next(iter(arrays.values()))))
        for name in drawn:
            about = accepted[name]
            arrays[name] = draws.normal(seeds, about["stream"], tuple(about["shape"][1:]))
        return arrays


def _fitted(name: str, value, about: dict) -> np.ndarray:
    """Returns a value as an array of the dtype and shape that a graph takes.

    Raises:
        ValueError: If the cast would change the values, or the shape or the range is another.
    """
    value, shape = np.asarray(value), about["shape"][1:]
    integers = np.issubdtype(value.dtype, np.integer) and about["dtype"] != "float32"
    if not integers and not np.can_cast(value.dtype, about["dtype"], "same_kind"):
        raise ValueError(f"{name} must be {about['dtype']}. Received: {value.dtype}")
    if value.ndim == 0 or list(value.shape[1:]) != shape:
        raise ValueError(f"{name} must have the shape {['N', *shape]}. Received: {value.shape}")
    # integers: a class, a seed, or pixels from 0 to 255 where the model takes -1 to 1
    if value.size and np.issubdtype(value.dtype, np.integer):
        low, high = about["range"] or (-np.inf, np.inf)
        if value.min() < low or value.max() > high:
            raise ValueError(
                f"{name} must be in [{low}, {high}]. Received: {value.min()} to {value.max()}"
            )
    return np.ascontiguousarray(value, about["dtype"])
