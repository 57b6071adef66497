"""What lies behind pictures that are transparent in part. No TensorFlow."""

import numpy as np
from PIL import ImageColor

WHITE = "white"


def check(background: str) -> str:
    """Returns the name of a colour, after checking that it is one.

    Raises:
        ValueError: If it is no opaque colour that Pillow knows.

    Example:
        >>> check("#22aa44")
        '#22aa44'
    """
    try:
        opaque = len(ImageColor.getrgb(background)) == 3
    except ValueError:
        opaque = False
    if not opaque:
        raise ValueError(
            "`background` must be a colour: a name that web pages use, such as white, black or "
            f"gray, or #RRGGBB in hexadecimal digits. Received: background={background!r}"
        )
    return background


def over(pixels: np.ndarray, alpha: np.ndarray, background: str) -> np.ndarray:
    """Returns pixels on a background, alpha * pixel + (1 - alpha) * background, rounded.

    Args:
        pixels: uint8 [H, W, C] with C of 1 or 3.
        alpha: uint8 or uint16 [H, W, 1]; the largest value of its type is opaque.
        background: A colour, as in `check`; grey pixels get its luminance (ITU-R BT.601).

    Example:
        >>> half = np.full((1, 1, 1), 51, np.uint8)
        >>> over(np.full((1, 1, 3), 100, np.uint8), half, "red").tolist()
        [[[224, 20, 20]]]
    """
    colour = ImageColor.getcolor(background, "L" if pixels.shape[-1] == 1 else "RGB")
    opaque = int(np.iinfo(alpha.dtype).max)
    alpha = alpha.astype(np.int64)
    total = pixels * alpha + np.array(colour, np.int64) * (opaque - alpha)
    return ((total + opaque // 2) // opaque).astype(np.uint8)  # opaque is odd: there is no tie
