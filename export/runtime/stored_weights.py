"""In which precision the kernels of a bundle's programs must be stored, by its manifest."""

from collections.abc import Iterable

FORMATS = ("float32", "float16", "int16")


def check(
    manifest: dict, tensors: Iterable[tuple[str, tuple[int, ...], int]], *, small: int = 0
) -> None:
    """Checks that kernels, the weights of two axes or more, have the manifest's `weights_format`.

    Args:
        manifest: The manifest.
        tensors: Dtype, shape and bytes of each weight of a program.
        small: Bytes of a float32 tensor that is no kernel, whatever its axes are.

    Raises:
        ValueError: If one is stored in another of the formats.
    """
    said = manifest["weights_format"]
    for dtype, shape, size in tensors:
        others = dtype in FORMATS and dtype != said
        if others and (dtype != "float32" or (len(shape) >= 2 and size > small)):
            raise ValueError(
                f"Kernels must be stored as `weights_format` says, {said}. "
                f"Received: {dtype} {list(shape)}"
            )
