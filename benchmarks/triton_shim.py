"""The model of Triton's python backend that runs the ONNX graph next to it.

`triton_bundles.py` copies this file into every model folder, since nvidia-pytriton brings a Triton
without the backend for ONNX. It is loaded by Triton, and needs numpy and onnxruntime there.
"""

import json
import pathlib

import onnxruntime
import triton_python_backend_utils


class TritonPythonModel:
    """One version of one model, under the names that Triton calls."""

    def initialize(self, args: dict) -> None:
        """Opens the graph, on one thread.

        Args:
            args: Texts by name: the model's folder and version, and config.pbtxt as JSON.
        """
        folder = pathlib.Path(args["model_repository"]) / args["model_version"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        config = json.loads(args["model_config"])
        self.inputs, self.outputs = (
            [tensor["name"] for tensor in config[side]] for side in ("input", "output")
        )

    def execute(self, requests: list) -> list:
        """Returns one response for each request."""
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        backend = triton_python_backend_utils
        fed = {
            name: backend.get_input_tensor_by_name(request, name).as_numpy() for name in self.inputs
        }
        computed = self.session.run(self.outputs, fed)
        tensors = [backend.Tensor(name, value) for name, value in zip(self.outputs, computed)]
        return backend.InferenceResponse(tensors)
