"""Answers the tasks of `elsewhere.py` with OpenVINO: python elsewhere_openvino.py FOLDER"""

import json
import pathlib
import sys

import numpy as np
import openvino

folder = pathlib.Path(sys.argv[1])
core, compiled = openvino.Core(), {}
for task in json.loads((folder / "tasks.json").read_text()):
    graph = task["graph"]
    if graph not in compiled:
        # by itself it computes in bfloat16 where the processor can
        settings = {"INFERENCE_PRECISION_HINT": "f32"} if "f32" in sys.argv else {}
        compiled = {graph: core.compile_model(graph, "CPU", settings)}
    inputs = {
        about["name"]: np.fromfile(folder / about["file"], about["dtype"]).reshape(about["shape"])
        for about in task["inputs"]
    }
    answers = compiled[graph](inputs)
    for about in task["outputs"]:
        np.ascontiguousarray(answers[about["name"]]).tofile(folder / about["file"])
print(json.dumps({"openvino": openvino.__version__}))
