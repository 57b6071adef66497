"""The words of the options of an export; a module that loads nothing, for the help of commands."""

OUTPUTS = ("float32", "uint8")
LAYOUTS = ("nhwc", "nchw")
# word -> what a manifest says of it
WEIGHTS = {"fp32": "float32", "int16": "int16", "fp16": "float16"}
