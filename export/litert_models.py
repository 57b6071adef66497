"""Endpoints of a bundle as LiteRT files, for phones and other small devices."""

import os
import pathlib

from export.runtime import backends, bundles, golden_rows, manifests, partials
from zoo import extras

# `sample` draws its latents by bitwise operations on 64-bit integers, which LiteRT has not
ENDPOINTS = ("generate", "encode", "reconstruct")


def write(bundle: str | os.PathLike, out: str | os.PathLike) -> dict[str, float]:
    """Writes ENDPOINT.tflite for those of `ENDPOINTS` that a bundle has, and runs each of them.

    A file appears only if LiteRT gives the bundle's golden outputs at batch 1, 3 and 64. It has one
    signature, of the endpoint's name and with its inputs and outputs.

    Args:
        bundle: Directory of a bundle.
        out: Directory to write; must not exist.

    Returns:
        The largest difference from the golden values, by endpoint.

    Raises:
        FileExistsError: If `out` exists.
        MissingExtraError: If ai-edge-litert is not installed.
        ValueError: If the bundle is not whole or has none of these endpoints, or LiteRT computes
            something else; `out` is then not made.
    """
    check_installed()
    out = pathlib.Path(out)
    manifests.refuse_existing(out)
    opened = bundles.load(bundle)
    offered = opened.manifest["endpoints"]
    names = [name for name in ENDPOINTS if name in offered]
    if not names:
        raise ValueError(
            f"LiteRT files are made of the endpoints {', '.join(ENDPOINTS)}. "
            f"Received: a bundle with {', '.join(offered)}"
        )
    goldens, differences = golden_rows.read(opened.path / golden_rows.FILE), {}
    with partials.directory(out) as partial:
        for name in names:
            program = convert(backends.saved_model_path(opened.path, opened.manifest), name)
            (partial / f"{name}.tflite").write_bytes(program)
            differences[name] = largest_difference(program, name, goldens[name])
            if differences[name] > golden_rows.TOLERANCE:
                raise ValueError(
                    f"LiteRT must give the golden outputs of {name!r}, to "
                    f"{golden_rows.TOLERANCE:g}. Received: a difference of {differences[name]:.3g}"
                )
    return differences


def check_installed() -> None:
    """Raises MissingExtraError if ai-edge-litert is not installed."""
    extras.check("litert", "A LiteRT file is checked before it is written, which")


def convert(saved_model: pathlib.Path, endpoint: str) -> bytes:
    """Returns one signature of a SavedModel as a LiteRT program, in float32."""
    import tensorflow as tf

    # ai-edge-litert brings an interpreter and no converter for TensorFlow's graphs
    return tf.lite.TFLiteConverter.from_saved_model(
        str(saved_model), signature_keys=[endpoint]
    ).convert()


def largest_difference(program: bytes, endpoint: str, golden: golden_rows.Golden) -> float:
    """Returns the largest difference of a LiteRT program from golden values."""
    from ai_edge_litert import interpreter

    run = interpreter.Interpreter(model_content=program, num_threads=1).get_signature_runner(
        endpoint
    )
    largest = 0.0
    for count in golden_rows.BATCHES:
        outputs = run(**{name: value[:count] for name, value in golden.inputs.items()})
        for name, expected in golden.outputs.items():
            largest = max(largest, golden_rows.difference(outputs[name], expected[:count]))
    return largest
