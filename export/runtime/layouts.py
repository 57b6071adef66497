"""The order of an image's axes: channels last, as models are trained, or first."""

import numpy as np

LAST, FIRST = "NHWC", "NCHW"
LAYOUTS = (LAST, FIRST)


def of(manifest: dict) -> str:
    """Returns the layout of a bundle's images, as its manifest says it; LAST if it says none."""
    stated = manifest.get("preprocessing")
    layout = stated.get("layout") if isinstance(stated, dict) else None
    return FIRST if layout == FIRST else LAST


def to_last(x: np.ndarray) -> np.ndarray:
    """Returns images [N, C, H, W] as [N, H, W, C]; arrays of other axes as they are."""
    return np.moveaxis(x, 1, 3) if x.ndim == 4 else x


def to_first(x: np.ndarray) -> np.ndarray:
    """Returns images [N, H, W, C] as [N, C, H, W]; arrays of other axes as they are."""
    return np.moveaxis(x, 3, 1) if x.ndim == 4 else x
