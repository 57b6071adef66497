"""The plain script of shell_to_png.py: GRAPH.onnx LOW HIGH FILE.png, on numpy alone."""

import sys

import numpy as np
import onnxruntime
from PIL import Image

graph, low, high, file = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
(x,) = session.run(["image"], {"seed": np.arange(64)})
x = np.clip(np.rint((x - low) / (high - low) * 255), 0, 255).astype(np.uint8)
_, height, width, channels = x.shape
x = x.reshape(8, 8, height, width, channels).swapaxes(1, 2)
Image.fromarray(x.reshape(8 * height, 8 * width, channels).squeeze()).save(file)
