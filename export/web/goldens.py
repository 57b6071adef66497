"""Golden rows in the form that a page reads: the numbers in one binary file, their places in JSON.

All numbers are little-endian; an array begins at a multiple of its element's size.
"""

import numpy as np

from export.runtime import golden_rows

ROWS = 16  # the first golden rows, the edges of the seeds among them


def pack(goldens: dict[str, golden_rows.Golden]) -> tuple[bytes, dict]:
    """Returns the binary file, and {endpoint: {"inputs" | "outputs": {name: where}}}.

    `where` has `dtype`, `shape` and `offset`, the number of bytes before the array.
    """
    content, places = bytearray(), {}
    for endpoint, golden in goldens.items():
        places[endpoint] = {}
        for side, arrays in golden._asdict().items():
            places[endpoint][side] = {}
            for name, value in arrays.items():
                value = value[:ROWS]
                value = value.astype(value.dtype.newbyteorder("<"))
                content += bytes(-len(content) % value.dtype.itemsize)
                places[endpoint][side][name] = {
                    "dtype": value.dtype.name,
                    "shape": list(value.shape),
                    "offset": len(content),
                }
                content += value.tobytes()
    return bytes(content), places


def unpack(content: bytes, where: dict) -> np.ndarray:
    """Returns one array of a packed file."""
    count, dtype = int(np.prod(where["shape"])), np.dtype(where["dtype"]).newbyteorder("<")
    return np.frombuffer(content, dtype, count, where["offset"]).reshape(where["shape"])
