"""What an ONNX graph says of itself, which follows from the manifest letter by letter.

Programs act on some of these texts: ONNX Runtime takes settings of a session from the property
`ort_config` where its environment says so, and Windows ML scales the pixels of what is denoted as
an image. The names of operators and of values within the graph are free.
"""

from collections.abc import Iterator

from google.protobuf import message

from export.runtime import documents, layouts

CONVERTER = "tf2onnx"
IMAGE = "IMAGE"  # the denotation of a value
_PIXEL_FORMATS = {1: "Gray8", 3: "Rgb8"}
_PIXEL_RANGES = {
    (-1.0, 1.0): "Normalized_1_1",
    (0.0, 1.0): "Normalized_0_1",
    (0.0, 255.0): "NominalRange_0_255",
}


def document(endpoint: str, described: dict) -> str:
    """Returns the sentence of a graph: its endpoint, and what it takes and gives.

    Example:
        >>> document("sample", {"inputs": {"seed": {}, "label": {}}, "outputs": {"image": {}}})
        'sample: seed, label -> image'
    """
    return f"{endpoint}: {', '.join(described['inputs'])} -> {', '.join(described['outputs'])}"


def properties(name: str, step: int, version: int) -> dict[str, str]:
    """Returns what every graph of a model says: its source and its version."""
    return {"source": f"{name}, step {step}", "version": str(version)}


def image(about: dict, layout: str = layouts.LAST) -> dict[str, str]:
    """Returns what ONNX's metadata say of an image; nothing of other tensors.

    Args:
        about: The tensor as in a manifest.
        layout: The manifest's layout of images, one of `layouts.LAYOUTS`.

    Reference: ONNX, "Experimental ONNX Metadata".
    """
    shape, pixel_range = about["shape"], _PIXEL_RANGES.get(tuple(about["range"] or ()))
    if len(shape) != 4 or pixel_range is None:
        return {}
    channels = shape[1 if layout == layouts.FIRST else 3]
    if channels not in _PIXEL_FORMATS:
        return {}
    return {
        "Image.BitmapPixelFormat": _PIXEL_FORMATS[channels],
        "Image.NominalPixelRange": pixel_range,
    }


def check(model: message.Message, manifest: dict, endpoint: str, opset: int) -> None:
    """Checks the texts of an endpoint's graph.

    Args:
        model: The graph, of the class `onnx_messages.CLASSES["ModelProto"]`.
        manifest: The manifest of its bundle.
        endpoint: Name of the endpoint.
        opset: Version of the operator set, which is one of the properties.

    Raises:
        ValueError: If one is another than what follows from the manifest.
    """
    for what, expected, received in _texts(model, manifest, endpoint, opset):
        if received != expected:
            raise ValueError(
                f"The {what} of an ONNX graph must be what follows from the manifest, "
                f"{expected!r}. Received: {documents.shown(received)}"
            )


def _texts(
    model: message.Message, manifest: dict, endpoint: str, opset: int
) -> Iterator[tuple[str, object, object]]:
    """Yields (what it is, what it must be, what it is here)."""
    described, graph = manifest["endpoints"][endpoint], model.graph
    layout = layouts.of(manifest)
    made = {"opset": str(opset)}
    made |= properties(manifest["name"], manifest["source"]["step"], manifest["version"])
    for side, values in (("inputs", graph.input), ("outputs", graph.output)):
        for value in values:
            about = described[side].get(value.name)  # another name is refused elsewhere
            shown = image(about, layout) if about else {}
            made |= shown
            yield "denotation", IMAGE if shown else "", value.type.denotation
    yield (
        "metadata properties",
        sorted(made.items()),
        sorted((entry.key, entry.value) for entry in model.metadata_props),
    )
    converter = (CONVERTER, manifest["versions"].get(CONVERTER, ""))
    yield "producer", converter, (model.producer_name, model.producer_version)
    yield "domain and model version", ("", 0), (model.domain, model.model_version)
    yield "sentence", document(endpoint, described), model.doc_string
    parts = [graph, *graph.node, *graph.input, *graph.output]
    parts += [attribute for node in graph.node for attribute in node.attribute]
    yield "inner sentences", [], [part.doc_string for part in parts if part.doc_string]
