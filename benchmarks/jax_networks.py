"""Networks as files, and what jax2onnx makes of them; `converters.py` runs this with JAX.

    KERAS_BACKEND=jax python benchmarks/jax_networks.py FOLDER

The folder holds CONFIG/NETWORK with the network as JSON, its weights, and inputs and outputs that
TensorFlow computed. It prints one line of JSON for each network.
"""

import json
import pathlib
import sys

import keras
import numpy as np

ROWS = 3


def write(folder: pathlib.Path, network: keras.Model) -> None:
    """Writes a network with inputs and outputs of three rows."""
    folder.mkdir(parents=True)
    draws, inputs = np.random.default_rng(0), []
    for tensor in network.inputs:
        shape = (ROWS, *tensor.shape[1:])
        integers = tensor.dtype.startswith("int")  # labels, of which there are at least two
        inputs.append(draws.integers(0, 2, shape) if integers else draws.uniform(0.0, 1.0, shape))
        inputs[-1] = inputs[-1].astype(tensor.dtype)
    outputs = network(inputs if len(inputs) > 1 else inputs[0], training=False)
    # batch normalization over replicas is TensorFlow's alone, and the same where nothing is trained
    text = network.to_json().replace('"synchronized": true', '"synchronized": false')
    (folder / "network.json").write_text(text)
    np.savez(folder / "weights.npz", *network.get_weights())
    np.savez(folder / "inputs.npz", *inputs)
    np.savez(folder / "outputs.npz", *keras.tree.flatten(outputs))


def read(path: pathlib.Path) -> list[np.ndarray]:
    """Returns the arrays of a file that `write` wrote, in their order."""
    with np.load(path) as file:
        return [file[f"arr_{index}"] for index in range(len(file.files))]


def converted(folder: pathlib.Path) -> dict:
    """Returns the largest difference of the ONNX graph from TensorFlow's outputs, or an error."""
    import jax2onnx
    import onnxruntime

    from zoo import networks  # noqa: F401, layers of our own are known after it

    row = {"difference": None, "error": None}
    try:
        network = keras.models.model_from_json((folder / "network.json").read_text())
        network.set_weights(read(folder / "weights.npz"))
        inputs = read(folder / "inputs.npz")

        def call(*values):
            return network(list(values) if len(values) > 1 else values[0], training=False)

        import jax

        signature = [jax.ShapeDtypeStruct(("B", *value.shape[1:]), value.dtype) for value in inputs]
        model = jax2onnx.to_onnx(call, signature, opset=18)
        session = onnxruntime.InferenceSession(model.SerializeToString())
        names = [value.name for value in session.get_inputs()]
        outputs = session.run(None, dict(zip(names, inputs)))
        expected = read(folder / "outputs.npz")
        row["difference"] = max(
            float(np.max(np.abs(a - b), initial=0.0)) for a, b in zip(outputs, expected)
        )
    # whatever a converter makes of a network is a result of this study
    except Exception as error:
        row["error"] = f"{type(error).__name__}: {str(error).strip()[-200:]}"
    return row


if __name__ == "__main__":
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*/*/network.json")):
        place = {"config": path.parents[1].name, "network": path.parent.name}
        print(json.dumps(place | converted(path.parent)), flush=True)
