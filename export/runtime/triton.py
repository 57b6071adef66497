"""config.pbtxt, which tells Triton what an endpoint takes and gives."""

MAX_BATCH = 64
_TYPES = {"float32": "TYPE_FP32", "int64": "TYPE_INT64", "int32": "TYPE_INT32"}
_TYPES |= {"uint8": "TYPE_UINT8"}


def config(described: dict) -> str:
    """Returns config.pbtxt of one endpoint for Triton, which adds the batch axis itself.

    It has no name: Triton then gives the model the name of its folder, which may be changed.

    Args:
        described: The endpoint's inputs and outputs as in a manifest.
    """
    lines = [
        'platform: "onnxruntime_onnx"',
        f"max_batch_size: {MAX_BATCH}",
        "dynamic_batching { }",
    ]
    for side in ("inputs", "outputs"):
        for key, about in described[side].items():
            dims = about["shape"][1:]
            # Triton has no empty shapes: one element, reshaped to none
            shape = f"dims: {dims}" if dims else "dims: [ 1 ] reshape: { shape: [ ] }"
            lines.append(
                f'{side[:-1]} [ {{ name: "{key}" data_type: {_TYPES[about["dtype"]]} {shape} }} ]'
            )
    return "\n".join(lines) + "\n"
