"""The networks in whose features images are compared: the project's own, which lie beside this file, and Inception where it is.

One of the project's own comes from a trained classifier in four commands:

    zoo train --config=features_mnist --workdir=runs/features_mnist
    zoo evaluate runs/features_mnist --metrics=accuracy --out=results/features_mnist.json
    zoo export runs/features_mnist --out=bundle
    python -m train.evaluation.feature_networks bundle results/features_mnist.json mnist_features
"""

import functools
import hashlib
import json
import os
import pathlib
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import zoo

NAMES = ("mnist_features", "fashion_features", "inception")
FOLDER = pathlib.Path(__file__).parent / "weights"
HANDLE = "https://tfhub.dev/tensorflow/tfgan/eval/inception/1"
_BATCH = 256


class FeatureNetwork(NamedTuple):
    """A classifier of images, by whose last hidden layer they are compared.

    Attributes:
        name: One of NAMES.
        sha256: Of its file.
        resize: What is done to the sides of an image.
        run: uint8 images [N, H, W, C] -> (logits [N, K], features [N, F]), float32.
    """

    name: str
    sha256: str
    resize: str
    run: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@functools.cache
def load(name: str) -> FeatureNetwork:
    """Opens a network.

    Raises:
        FileNotFoundError: If Inception is not on this machine; says how to provide it.
        ValueError: If a file is not the one that its card describes.
    """
    return _inception() if name == "inception" else _own(name)


def card(name: str) -> dict:
    """Returns what is known of one of the project's own networks: its hash, test accuracy, and the command that trained it."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def keep(bundle: str, record: str, name: str) -> None:
    """Puts a bundle's classifier among the project's own networks, with what is known of it.

    Args:
        bundle: Directory of a bundle with the endpoint `classify`.
        record: JSON file that `zoo evaluate --metrics=accuracy --out` wrote of the same weights.
        name: One of NAMES.

    Raises:
        ValueError: If the bundle does not classify, or the record is of other weights or another metric.
    """
    manifest, measured = zoo.load(bundle).manifest, json.loads(pathlib.Path(record).read_text())
    source = manifest["source"]
    if "classify" not in manifest["endpoints"] or name not in NAMES:
        raise ValueError(
            f"A feature network is one of {', '.join(NAMES)} and classifies. Received: {name!r}, {sorted(manifest['endpoints'])}"
        )
    trained = measured["experiment"]["name"], measured["step"], measured["experiment"]["seed"]
    if measured["metric"] != "accuracy" or trained != (
        source["experiment"],
        source["step"],
        source["seed"],
    ):
        raise ValueError(
            f"The record must be the accuracy of {source['experiment']} at step {source['step']}. Received: {measured['command']}"
        )
    content = (
        pathlib.Path(bundle) / "onnx" / "classify" / str(manifest["version"]) / "model.onnx"
    ).read_bytes()
    (FOLDER / f"{name}.onnx").write_bytes(content)
    known = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "shape": manifest["data"]["shape"],
        "command": f"zoo train --config={source['experiment']}",
        "seed": source["seed"],
        "step": source["step"],
        "trained_on": f"{manifest['data']['name']} {manifest['data']['split']}",
        "test_accuracy": measured["value"],
        "test_examples": measured["protocol"]["examples"],
        "versions": manifest["versions"],
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(known, indent=1) + "\n")


def _own(name: str) -> FeatureNetwork:
    import onnxruntime

    path, known = FOLDER / f"{name}.onnx", card(name)
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != known["sha256"]:
        raise ValueError(
            f"A feature network must be the file that its card describes, sha256 {known['sha256']}. Received: {found} in {path}"
        )
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])

    def run(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if list(images.shape[1:]) != known["shape"]:
            raise ValueError(
                f"{name!r} takes images [N, {', '.join(map(str, known['shape']))}]. Received: {list(images.shape)}"
            )
        return _in_batches(
            images,
            lambda x: session.run(["logits", "features"], {"x": x.astype(np.float32) / 255.0}),
        )

    return FeatureNetwork(name, found, "none", run)


def _inception() -> FeatureNetwork:
    import tensorflow as tf

    cache = os.environ.get("TFHUB_CACHE_DIR")
    key = hashlib.sha1(
        HANDLE.encode()
    ).hexdigest()  # where TensorFlow Hub keeps the model of a handle
    folder = pathlib.Path(cache or ".") / key
    if cache is None or not (folder / "saved_model.pb").is_file():
        raise FileNotFoundError(
            f"Metrics of Inception need its graph on this machine, and nothing is downloaded here: unpack {HANDLE}?tf-hub-format=compressed "
            f"into $TFHUB_CACHE_DIR/{key}. Received: TFHUB_CACHE_DIR={cache}"
        )
    model = tf.saved_model.load(str(folder))
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.read_bytes())

    def batch(x: np.ndarray) -> list[np.ndarray]:
        x = tf.image.resize(np.broadcast_to(x, (*x.shape[:-1], 3)).astype(np.float32), (299, 299))
        found = model(x / 127.5 - 1.0)
        return [np.reshape(found[part], [len(x), -1]) for part in ("logits", "pool_3")]

    resize = "bilinear to 299x299, grey as three equal channels"
    return FeatureNetwork(
        "inception", digest.hexdigest(), resize, lambda images: _in_batches(images, batch)
    )


def _in_batches(
    images: np.ndarray, run: Callable[[np.ndarray], list[np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    found = [run(images[start : start + _BATCH]) for start in range(0, len(images), _BATCH)]
    return tuple(np.concatenate(parts) for parts in zip(*found))


if __name__ == "__main__":
    keep(*sys.argv[1:])
