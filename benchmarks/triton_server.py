"""Starts the Triton of nvidia-pytriton on a model repository, and asks it."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import numpy as np

DATA_TYPES = {"float32": "FP32", "int64": "INT64", "int32": "INT32", "uint8": "UINT8"}
SECONDS = 120.0  # until every model is loaded, at most
# asked of the environment of Triton
PACKAGES = ("nvidia-pytriton", "numpy", "onnxruntime")
QUESTION = f"""
import importlib.metadata, json, pathlib, platform, sys, sysconfig
import pytriton
print(json.dumps({{
    "server": str(pathlib.Path(pytriton.__file__).parent / "tritonserver"),
    "programs": sysconfig.get_path("scripts"),
    "libraries": [sysconfig.get_config_var("LIBDIR")]
    + [str(folder) for folder in pathlib.Path(pytriton.__file__).parents[1].glob("*pytriton.libs")],
    "stub": "%d.%d" % sys.version_info[:2],
    "versions": {{"python": platform.python_version()}}
    | {{name: importlib.metadata.version(name) for name in {PACKAGES}}},
}}))
"""


def environment(python: str) -> dict:
    """Returns where an interpreter has Triton and what that needs, and the versions of both.

    Args:
        python: Interpreter of an environment with nvidia-pytriton.
    """
    asked = subprocess.run([python, "-c", QUESTION], check=True, stdout=subprocess.PIPE)
    return json.loads(asked.stdout)


class Triton:
    """A running Triton, asked over HTTP by the Open Inference Protocol V2.

    Args:
        port: Its port on the loopback.
    """

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}/v2"

    def ask(self, path: str, body: dict | None = None) -> dict:
        """Returns the answer to a GET, or to a POST of `body`.

        Raises:
            urllib.error.HTTPError: If Triton refuses the request.
        """
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.url + path, data, timeout=SECONDS) as response:
            return json.loads(response.read() or b"{}")

    def infer(self, model: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Returns the model's outputs by name."""
        tensors = [
            {
                "name": name,
                "shape": list(value.shape),
                "datatype": DATA_TYPES[str(value.dtype)],
                "data": value.ravel().tolist(),
            }
            for name, value in inputs.items()
        ]
        answer = self.ask(f"/models/{model}/infer", {"inputs": tensors})
        return {
            tensor["name"]: np.asarray(tensor["data"]).reshape(tensor["shape"])
            for tensor in answer["outputs"]
        }


@contextlib.contextmanager
def running(found: dict, repository: pathlib.Path, scratch: pathlib.Path) -> Iterator[Triton]:
    """Starts Triton on a repository, waits until every model is loaded, and ends it afterwards.

    Args:
        found: What `environment` returns.
        repository: The model repository.
        scratch: Existing folder for the backends and for Triton's log.

    Raises:
        RuntimeError: With the end of its log, if it does not come up.
    """
    server = pathlib.Path(found["server"])
    folder = scratch / "backends"
    shutil.copytree(server / "backends", folder)
    stub = "triton_python_backend_stub"
    shutil.copy(server / "python_backend_stubs" / found["stub"] / stub, folder / "python")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(server / "bin" / "tritonserver"),
        f"--model-repository={repository}",
        f"--backend-directory={folder}",
        f"--http-port={port}",
        "--http-address=127.0.0.1",
        "--allow-grpc=false",
        "--allow-metrics=false",
    ]
    variables = os.environ | {
        # the Python inside Triton ignores PYTHONPATH, and looks for its packages next to `python3`
        "PATH": f"{found['programs']}:{os.environ['PATH']}",
        # the stub that runs a model is copied away from the libraries which it needs
        "LD_LIBRARY_PATH": ":".join(found["libraries"]),
    }
    with open(scratch / "triton.log", "w") as log:
        process = subprocess.Popen(command, env=variables, stdout=log, stderr=subprocess.STDOUT)
    try:
        triton, end = Triton(port), time.monotonic() + SECONDS
        while not _ready(triton):
            if process.poll() is not None or time.monotonic() > end:
                lines = (scratch / "triton.log").read_text()[-4000:]
                raise RuntimeError(f"Triton must load every model. Received:\n{lines}")
            time.sleep(0.2)
        yield triton
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)


def _ready(triton: Triton) -> bool:
    try:
        triton.ask("/health/ready")
    except (urllib.error.URLError, ConnectionError):
        return False
    return True
