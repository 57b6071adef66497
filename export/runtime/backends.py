"""The three ways in which a bundle is run, each as one function (endpoint, inputs) -> outputs."""

import contextlib
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator

import numpy as np

Arrays = dict[str, np.ndarray]
Run = Callable[[str, Arrays], Arrays]
DEFAULT_SIGNATURE = "serving_default"  # of a SavedModel: what TF Serving takes if none is named


def saved_model_path(directory: pathlib.PurePath, manifest: dict) -> pathlib.PurePath:
    """Returns where the SavedModel lies."""
    return directory / "saved_model" / str(manifest["version"])


def onnx_path(directory: pathlib.PurePath, manifest: dict, endpoint: str) -> pathlib.PurePath:
    """Returns where an endpoint's ONNX graph lies."""
    model = f"{re.sub('[^A-Za-z0-9_]', '_', manifest['name'])}_{endpoint}"
    return directory / "onnx" / model / str(manifest["version"]) / "model.onnx"


def config_path(directory: pathlib.PurePath, manifest: dict, endpoint: str) -> pathlib.PurePath:
    """Returns where Triton's description of an endpoint lies: next to the folder of the version."""
    return onnx_path(directory, manifest, endpoint).parents[1] / "config.pbtxt"


def default_endpoint(endpoints: Iterable[str]) -> str:
    """Returns which endpoint a SavedModel's default signature computes."""
    return "sample" if "sample" in endpoints else next(iter(endpoints))


@contextlib.contextmanager
def saved_model(directory: pathlib.Path, manifest: dict) -> Iterator[Run]:
    """Loads the SavedModel as Python programs do."""
    import tensorflow as tf

    with tf.device("CPU:0"):
        model = tf.saved_model.load(str(saved_model_path(directory, manifest)))

    def run(endpoint: str, inputs: Arrays) -> Arrays:
        with tf.device("CPU:0"):
            outputs = model.signatures[endpoint](
                **{name: tf.constant(value) for name, value in inputs.items()}
            )
        return {name: value.numpy() for name, value in outputs.items()}

    yield run


@contextlib.contextmanager
def session(directory: pathlib.Path, manifest: dict) -> Iterator[Run]:
    """Loads the SavedModel into a session, as TF Serving does."""
    import tensorflow as tf

    config = tf.compat.v1.ConfigProto(device_count={"GPU": 0})
    with (
        tf.Graph().as_default() as graph,
        tf.compat.v1.Session(graph=graph, config=config) as opened,
    ):
        level = tf.get_logger().level
        # it is deprecated for Python programs; TF Serving has no other
        tf.get_logger().setLevel("ERROR")
        meta = tf.compat.v1.saved_model.load(
            opened, ["serve"], str(saved_model_path(directory, manifest))
        )
        tf.get_logger().setLevel(level)

        def run(endpoint: str, inputs: Arrays) -> Arrays:
            signature = meta.signature_def[endpoint]
            fed = {signature.inputs[name].name: value for name, value in inputs.items()}
            return opened.run(
                {name: tensor.name for name, tensor in signature.outputs.items()}, fed
            )

        yield run


def onnx_session(path: pathlib.Path, *, threads: int = 1):
    """Returns an ONNX Runtime session of a graph on the CPU, of one operation at a time.

    Args:
        path: The graph.
        threads: Number of threads that compute an operation.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # the default, a thread for each core, is slower where cores are busy
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@contextlib.contextmanager
def onnx(directory: pathlib.Path, manifest: dict) -> Iterator[Run]:
    """Loads every graph into ONNX Runtime."""
    sessions = {
        name: onnx_session(onnx_path(directory, manifest, name)) for name in manifest["endpoints"]
    }

    def run(endpoint: str, inputs: Arrays) -> Arrays:
        names = list(manifest["endpoints"][endpoint]["outputs"])  # a graph sorts its outputs
        return dict(zip(names, sessions[endpoint].run(names, inputs)))

    yield run


RUNTIMES = {"saved_model": saved_model, "session": session, "onnx": onnx}
