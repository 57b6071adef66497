"""What a manifest says of endpoints: the tensors that each takes and gives."""

import math
import re
from collections.abc import Iterator

from export.runtime import documents, golden_rows, layouts

# names of endpoints and tensors are names of folders, arguments and keys
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
SIZES = {"float32": 4, "int32": 4, "int64": 8, "uint8": 1}  # bytes of an element, by dtype
PIXELS = [0, 255]  # range of a uint8 tensor
DIRECTION = "higher is less like the training data"
_MOST = 32  # endpoints of a bundle, and tensors of an endpoint
_MOST_AXES = 6
GOLDEN_BYTES = 1 << 28  # of all golden values: those of six images of 256 x 256 x 3 a row
# inputs with one meaning in every bundle
_KNOWN = {
    "seed": {"dtype": "int64", "shape": [None], "range": [0, 2**63 - 1]},
    "weight": {"dtype": "float32", "shape": [None], "range": [0.0, 1.0]},
}


def check_endpoints(endpoints: object) -> None:
    """Checks the manifest's `endpoints`: names, keys, dtypes, shapes, ranges and sizes.

    Raises:
        ValueError: If one is not as docs/bundles.md describes it.
    """
    if not isinstance(endpoints, dict) or not 1 <= len(endpoints) <= _MOST:
        raise ValueError(
            f"`endpoints` must be an object of 1 to {_MOST} endpoints. "
            f"Received: {documents.shown(endpoints)}"
        )
    for endpoint, described in endpoints.items():
        _check_name(endpoint)
        if not isinstance(described, dict) or set(described) != {"inputs", "outputs"}:
            raise ValueError(
                f"Endpoint {endpoint!r} must have `inputs` and `outputs`, and nothing else. "
                f"Received: {documents.shown(described)}"
            )
        for side, accepted in described.items():
            if not isinstance(accepted, dict) or not 1 <= len(accepted) <= _MOST:
                raise ValueError(
                    f"`{side}` of {endpoint!r} must be an object of 1 to {_MOST} tensors. "
                    f"Received: {documents.shown(accepted)}"
                )
            for name, about in accepted.items():
                _check_name(name)
                _check_tensor(f"{name!r} of {endpoint!r}", about)
                _check_meaning(endpoint, side, name, about)
    kinds = {about["dtype"] for _, _, _, about in every(endpoints) if _is_image(about)}
    if "uint8" in kinds and len(kinds) > 1:
        raise ValueError(
            "Images must be uint8 in every endpoint or in none, both those that are taken and "
            f"those that are given. Received: {', '.join(sorted(kinds))}"
        )
    total = sum(golden_bytes(about) for _, _, _, about in every(endpoints))
    if total > GOLDEN_BYTES:
        raise ValueError(
            f"Golden values of all endpoints must have at most {GOLDEN_BYTES} bytes. "
            f"Received: shapes of {total} bytes"
        )


def every(endpoints: dict) -> Iterator[tuple[str, str, str, dict]]:
    """Yields (endpoint, "inputs" or "outputs", name, what is said of it) of every tensor."""
    for endpoint, described in endpoints.items():
        for side in ("inputs", "outputs"):
            for name, about in described[side].items():
                yield endpoint, side, name, about


def has_pixels(endpoints: dict) -> bool:
    """Says whether the images of endpoints are uint8 pixels."""
    return any(about["dtype"] == "uint8" for _, _, _, about in every(endpoints))


def row_bytes(about: dict) -> int:
    """Returns the bytes of one row of a tensor."""
    return SIZES[about["dtype"]] * math.prod(about["shape"][1:])


def golden_bytes(about: dict) -> int:
    """Returns the bytes of a tensor's golden values."""
    return golden_rows.ROWS * row_bytes(about)


def are_bounds(value: object, *kinds: type) -> bool:
    """Says whether a value is [low, high], of these types, finite, and low is not above high."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(bound) in kinds and math.isfinite(bound) for bound in value)
        and value[0] <= value[1]
    )


def preprocessing(described: dict, layout: str = layouts.LAST) -> dict | None:
    """Returns how a pixel becomes a value of an example, offset + scale * pixel.

    Args:
        described: Endpoints as in a manifest.
        layout: Order of the axes of their images, one of `layouts.LAYOUTS`.

    Returns:
        `scale` and `offset` for pixels from 0 to 255, the `range` of the values, and `size`,
        `channels` and `layout` of the examples; None if no endpoint takes or gives images.
    """
    for endpoint in described.values():
        for about in [*endpoint["outputs"].values(), *endpoint["inputs"].values()]:
            if _is_image(about):
                low, high = map(float, about["range"])
                *size, channels = about["shape"][1:]
                if layout == layouts.FIRST:
                    channels, *size = about["shape"][1:]
                return {
                    "scale": (high - low) / 255,
                    "offset": low,
                    "range": [low, high],
                    "size": size,
                    "channels": channels,
                    "layout": layout,
                }
    return None


def preprocessing_of(manifest: dict) -> dict | None:
    """Returns what `preprocessing` of a manifest must be, in the layout that it says."""
    return preprocessing(manifest["endpoints"], layouts.of(manifest))


def _is_image(about: dict) -> bool:
    return len(about["shape"]) == 4 and about["range"] is not None


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(
            "Names of endpoints and tensors must be 1 to 64 letters, digits and _, a letter "
            f"first. Received: {documents.shown(name)}"
        )


def _check_tensor(what: str, about: object) -> None:
    keys = {"dtype", "shape", "range"}
    if not isinstance(about, dict) or not keys <= set(about) <= keys | {
        *("distribution", "stream", "direction")
    }:
        raise ValueError(
            f"{what} must have the keys {sorted(keys)}. Received: {documents.shown(about)}"
        )
    dtype, shape, bounds = about["dtype"], about["shape"], about["range"]
    if not isinstance(dtype, str) or dtype not in SIZES:
        raise ValueError(
            f"The dtype of {what} must be one of {', '.join(SIZES)}. "
            f"Received: {documents.shown(dtype)}"
        )
    if (
        not isinstance(shape, list)
        or not 1 <= len(shape) <= _MOST_AXES
        or shape[0] is not None
        or not all(type(size) is int and 1 <= size <= GOLDEN_BYTES for size in shape[1:])
    ):
        raise ValueError(
            f"The shape of {what} must be null for the rows, then up to {_MOST_AXES - 1} "
            f"positive integers. Received: {documents.shown(shape)}"
        )
    integral = dtype != "float32"
    if dtype == "uint8":
        if len(shape) != 4 or not are_bounds(bounds, int) or bounds != PIXELS:
            raise ValueError(
                f"{what} is uint8 and must be an image with the range {PIXELS}. "
                f"Received: {documents.shown(about)}"
            )
        return
    largest = 2 ** (8 * SIZES[dtype] - 1) - 1
    if (bounds is None and integral) or (
        bounds is not None
        and not (
            are_bounds(bounds, int if integral else float)
            and (not integral or -largest - 1 <= bounds[0] <= bounds[1] <= largest)
        )
    ):
        raise ValueError(
            f"The range of {what} must be {'two integers' if integral else 'two numbers or null'}, "
            f"the lower one first. Received: {documents.shown(bounds)}"
        )


def _check_meaning(endpoint: str, side: str, name: str, about: dict) -> None:
    """Checks what follows from a tensor's name."""
    more = {key: value for key, value in about.items() if key not in ("dtype", "shape", "range")}
    plain = {key: about[key] for key in ("dtype", "shape", "range")}
    wrong = None
    if side == "inputs" and name in _KNOWN and plain != _KNOWN[name]:
        wrong = f"must be {_KNOWN[name]}"
    elif name in ("image", "point") and (len(about["shape"]) == 4) != (name == "image"):
        wrong = "must be called 'image' with axes of rows, height, width and channels, else 'point'"
    elif (side, name) == ("inputs", "noise"):
        stream = more.pop("stream", 0)
        if type(stream) is not int or not 0 <= stream < 2**31:
            wrong = "must have a `stream` that is an integer, at least 0"
        elif more != {"distribution": "normal"} or about["dtype"] != "float32":
            wrong = "must be float32 and have the `distribution` 'normal'"
        more = {}
    elif (endpoint, side, name) == ("score", "outputs", "score"):
        if more != {"direction": DIRECTION}:
            wrong = f"must have the `direction` {DIRECTION!r}"
        more = {}
    if wrong or more:
        raise ValueError(
            f"{name!r} of {endpoint!r} {wrong or 'must have no other keys'}. "
            f"Received: {documents.shown(about)}"
        )
