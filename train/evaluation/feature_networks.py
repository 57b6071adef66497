"""The networks in whose features images are compared.

The project's own lie in the folder `weights`; Inception is used where a user has put it.

One of the project's own comes from a trained classifier in four commands:

    zoo train --config=features_mnist --workdir=runs/features_mnist
    zoo evaluate runs/features_mnist --metrics=accuracy --out=results/features_mnist.json
    zoo export runs/features_mnist --out=bundle
    python -m train.evaluation.feature_networks bundle results/features_mnist.json mnist_features
"""

import functools
import hashlib
import os
import pathlib
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import zoo
from export.runtime import backends, files
from train.data import excerpts

# The project's own classifiers, and all networks.
CLASSIFIERS = ("mnist_features", "fashion_features", "cifar10_jpeg_features")
NAMES = (*CLASSIFIERS, "inception")
FOLDER = pathlib.Path(__file__).parent / "weights"
HANDLE = "https://tfhub.dev/tensorflow/tfgan/eval/inception/1"
_BATCH = 256


class FeatureNetwork(NamedTuple):
    """A classifier of images, by whose last hidden layer they are compared.

    A classifier of colour pictures takes those of every size; one of digits takes digits alone.

    Attributes:
        name: One of NAMES.
        sha256: Hash of its file.
        resize: How images are resized before the network sees them.
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
    """Returns the card of one of the project's own networks.

    It has the hash, the test accuracy and the command that trained the network, among others.
    """
    return files.read_json(FOLDER / f"{name}.json")


def keep(bundle: str, record: str, name: str) -> None:
    """Puts a bundle's classifier among the project's own networks, with its card.

    Args:
        bundle: Directory of a bundle with the endpoint `classify`.
        record: JSON file that `zoo evaluate --metrics=accuracy --out` wrote of the same weights.
        name: One of CLASSIFIERS.

    Raises:
        ValueError: If the bundle does not classify, or the record is of other weights or another
            metric.
    """
    manifest, measured = zoo.load(bundle).manifest, files.read_json(record)
    source = manifest["source"]
    if "classify" not in manifest["endpoints"] or name not in CLASSIFIERS:
        raise ValueError(
            f"A feature network is one of {', '.join(CLASSIFIERS)} and classifies. "
            f"Received: {name!r}, {sorted(manifest['endpoints'])}"
        )
    trained = measured["experiment"]["name"], measured["step"], measured["experiment"]["seed"]
    if measured["metric"] != "accuracy" or trained != (
        source["experiment"],
        source["step"],
        source["seed"],
    ):
        raise ValueError(
            f"The record must be the accuracy of {source['experiment']} at step {source['step']}. "
            f"Received: {measured['command']}"
        )
    content = backends.onnx_path(pathlib.Path(bundle), manifest, "classify").read_bytes()
    files.write_bytes(FOLDER / f"{name}.onnx", content)
    known = {
        "sha256": files.digest(content),
        "shape": manifest["data"]["shape"],
        "command": f"zoo train --config={source['experiment']}",
        "seed": source["seed"],
        "step": source["step"],
        "trained_on": f"{manifest['data']['name']} {manifest['data']['split']}",
        "test_accuracy": measured["value"],
        "test_examples": measured["protocol"]["examples"],
        "versions": manifest["versions"],
    }
    files.write_json(FOLDER / f"{name}.json", known)


def _own(name: str) -> FeatureNetwork:
    import onnxruntime

    path, known = FOLDER / f"{name}.onnx", card(name)
    content = path.read_bytes()
    sha256 = files.digest(content)
    if sha256 != known["sha256"]:
        raise ValueError(
            "A feature network must be the file that its card describes, "
            f"sha256 {known['sha256']}. Received: {sha256} in {path}"
        )
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    *size, channels = known["shape"]
    colour = channels == 3  # such a network takes pictures of every size

    def run(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if colour:
            images = _coloured(images, (size[0], size[1]))
        if list(images.shape[1:]) != known["shape"]:
            raise ValueError(
                f"{name!r} takes images [N, {', '.join(map(str, known['shape']))}]. "
                f"Received: {list(images.shape)}"
            )
        return _in_batches(
            images,
            lambda x: session.run(["logits", "features"], {"x": x.astype(np.float32) / 255.0}),
        )

    resize = f"bilinear to {size[0]}x{size[1]}, grey as three equal channels"
    return FeatureNetwork(name, sha256, resize if colour else "none", run)


def _coloured(images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Returns images [N, H, W, 1 or 3] as [N, *size, 3]; those of that size as they are."""
    if tuple(images.shape[1:3]) != size:
        images = np.stack([excerpts.fit(image, size=size, crop=None) for image in images])
    return np.broadcast_to(images, (*images.shape[:-1], 3))


def _inception() -> FeatureNetwork:
    import tensorflow as tf

    cache = os.environ.get("TFHUB_CACHE_DIR")
    # where TensorFlow Hub keeps the model of a handle
    key = hashlib.sha1(HANDLE.encode()).hexdigest()
    folder = pathlib.Path(cache or ".") / key
    if cache is None or not (folder / "saved_model.pb").is_file():
        raise FileNotFoundError(
            "Metrics of Inception need its graph on this machine, and nothing is downloaded here: "
            f"unpack {HANDLE}?tf-hub-format=compressed into $TFHUB_CACHE_DIR/{key}. "
            f"Received: TFHUB_CACHE_DIR={cache}"
        )
    model = tf.saved_model.load(str(folder))
    parts = sorted(path for path in folder.rglob("*") if path.is_file())

    def batch(x: np.ndarray) -> list[np.ndarray]:
        x = tf.image.resize(np.broadcast_to(x, (*x.shape[:-1], 3)).astype(np.float32), (299, 299))
        outputs = model(x / 127.5 - 1.0)
        return [np.reshape(outputs[part], [len(x), -1]) for part in ("logits", "pool_3")]

    resize = "bilinear to 299x299, grey as three equal channels"
    return FeatureNetwork(
        "inception", files.digest(*parts), resize, lambda images: _in_batches(images, batch)
    )


def _in_batches(
    images: np.ndarray, run: Callable[[np.ndarray], list[np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    batches = [run(images[start : start + _BATCH]) for start in range(0, len(images), _BATCH)]
    return tuple(np.concatenate(parts) for parts in zip(*batches))


if __name__ == "__main__":
    keep(*sys.argv[1:])
