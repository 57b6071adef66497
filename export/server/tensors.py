"""Inputs of a request as arrays, checked against the manifest before they join a batch."""

import itertools
import math
import re
from typing import NamedTuple

import numpy as np

from export.runtime import draws
from export.server import faults
from zoo import names, trained

EXACT = 2**53  # integers up to here are exact in JSON numbers that are read as doubles
_DECIMAL = re.compile(r"[0-9]{1,19}", re.ASCII)
# of a value without a declared range; a float32 network overflows where latents are much larger
_LARGEST = {"float32": 1e6, "int64": 2**63 - 1, "int32": 2**31 - 1, "uint8": 255}


class Tensor(NamedTuple):
    """What a manifest says of one input or output.

    Attributes:
        name: Its name.
        dtype: Name of its numpy dtype.
        shape: Shape of one row.
        low: Smallest value of an input: without a declared range 0 of integers, -1e6 of others.
        high: Largest value of an input: without a declared range 1e6, or the largest integer.
        stream: Number of the draw that an absent input is; None for one that must be given.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    low: float
    high: float
    stream: int | None

    @property
    def integral(self) -> bool:
        """Whether the values are integers."""
        return self.dtype != "float32"

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


def described(side: dict) -> dict[str, Tensor]:
    """Returns the tensors of an endpoint's inputs or outputs, as a manifest describes them."""
    tensors = {}
    for name, about in side.items():
        dtype = about["dtype"]
        largest = _LARGEST[dtype]
        low, high = about["range"] or (-largest if dtype == "float32" else 0, largest)
        shape = tuple(about["shape"][1:])
        tensors[name] = Tensor(name, dtype, shape, low, high, about.get("stream"))
    return tensors


def from_rows(tensor: Tensor, rows) -> np.ndarray:
    """Returns an array of nested JSON lists [N, ...].

    One number of a row may stand in a list of its own: [N, 1] is taken as [N].

    Raises:
        Fault: 400 if the shape, the type of a value or its range is another.
    """
    if type(rows) is not list or not rows:
        raise _wrong(tensor, "a list of at least one row", faults.shown(rows))
    shape = tensor.shape
    if shape == () and type(rows[0]) is list:
        shape = (1,)
    values = rows
    for size in shape:
        if set(map(type, values)) != {list} or set(map(len, values)) != {size}:
            raise _wrong(tensor, f"nested lists of the shape {_shape(tensor)}", "another shape")
        values = list(itertools.chain.from_iterable(values))
    return _array(tensor, values).reshape([len(rows), *tensor.shape])


def from_data(tensor: Tensor, data, shape: list[int]) -> np.ndarray:
    """Returns an array of JSON data, nested or flat in row-major order, of a stated shape."""
    rows = _stated_rows(tensor, shape)
    if type(data) is list and data and type(data[0]) is list:
        array = from_rows(tensor, data)
        if len(array) != rows:
            raise _wrong(tensor, f"data of the stated {rows} rows", f"{len(array)} rows")
        return array
    count = rows * math.prod(tensor.shape)
    if type(data) is not list or len(data) != count:
        received = len(data) if type(data) is list else faults.shown(data)
        raise _wrong(tensor, f"data of {count} values, as its shape says", received)
    return _array(tensor, data).reshape([rows, *tensor.shape])


def from_bytes(tensor: Tensor, data: bytes, shape: list[int]) -> np.ndarray:
    """Returns an array of binary data, little-endian and row-major, of a stated shape."""
    rows = _stated_rows(tensor, shape)
    if len(data) != rows * tensor.row_bytes:
        raise _wrong(tensor, f"{rows * tensor.row_bytes} bytes, as its shape says", len(data))
    values = np.frombuffer(data, np.dtype(tensor.dtype).newbyteorder("<"))
    array = values.reshape([rows, *tensor.shape]).astype(tensor.dtype, copy=False)
    return _in_range(tensor, array)


def together(
    endpoint: str, tensors: dict[str, Tensor], arrays: dict[str, np.ndarray], largest: int
) -> dict[str, np.ndarray]:
    """Returns the inputs of an endpoint, with the noise that was left out drawn for seed 0.

    Raises:
        Fault: 400 if an input is unknown or missing, or the numbers of rows differ.
    """
    for name in arrays:
        if name not in tensors:
            raise faults.Fault(400, names.unknown(f"input of {endpoint!r}", name[:60], tensors))
    needed = [name for name, tensor in tensors.items() if tensor.stream is None]
    if any(name not in arrays for name in needed):
        raise faults.Fault(
            400,
            f"{endpoint!r} needs the inputs {', '.join(needed)}. "
            f"Received: {', '.join(arrays) or 'none'}",
        )
    counts = {name: len(array) for name, array in arrays.items()}
    if len(set(counts.values())) != 1:
        raise faults.Fault(
            400, f"The inputs of {endpoint!r} need equal numbers of rows. Received: {counts}"
        )
    count = next(iter(counts.values()))
    check_rows(count, largest)
    for name, tensor in tensors.items():
        if name not in arrays:
            seeds = trained.row_seeds(0, count)
            arrays[name] = draws.normal(seeds, tensor.stream, tensor.shape)
    return {name: arrays[name] for name in tensors}


def check_rows(count: int, largest: int) -> None:
    """Raises Fault 400 if a request has more rows than one may have."""
    if count > largest:
        raise faults.Fault(400, f"A request may have {largest} rows. Received: {count}")


def _stated_rows(tensor: Tensor, shape) -> int:
    accepted = [list(tensor.shape)] + ([[1]] if tensor.shape == () else [])
    if (
        type(shape) is not list
        or not shape
        or any(type(size) is not int for size in shape)
        or shape[1:] not in accepted
        or not 1 <= shape[0] < 2**31
    ):
        raise _wrong(tensor, f"of the shape {_shape(tensor)}", faults.shown(shape))
    return shape[0]


def _array(tensor: Tensor, values: list) -> np.ndarray:
    kinds = set(map(type, values))
    if tensor.integral:
        if kinds != {int} or max(values) > EXACT:
            values = [_integer(tensor, value) for value in values]
        low, high = min(values), max(values)
        if low < tensor.low or high > tensor.high:
            raise _wrong(tensor, f"in [{tensor.low}, {tensor.high}]", f"{low} to {high}")
        return np.array(values, tensor.dtype)
    if not kinds <= {int, float}:
        kind = next(value for value in values if type(value) not in (int, float))
        raise _wrong(tensor, "of numbers", faults.shown(kind))
    with np.errstate(over="ignore"):  # what is too large for float32 is out of range as infinity
        return _in_range(tensor, np.array(values, np.float64).astype(tensor.dtype))


def _integer(tensor: Tensor, value) -> int:
    if type(value) is str and _DECIMAL.fullmatch(value):
        return int(value)
    if type(value) is float and value.is_integer() and abs(value) <= EXACT:
        return int(value)
    if type(value) is int and value <= EXACT:
        return value
    raise _wrong(
        tensor,
        "of integers: JSON numbers up to 2**53, or decimal strings such as "
        '"9007199254740993" for larger ones too',
        faults.shown(value),
    )


def _in_range(tensor: Tensor, array: np.ndarray) -> np.ndarray:
    low, high = array.min(), array.max()
    if not (low >= tensor.low and high <= tensor.high):  # NaN fails both
        raise _wrong(tensor, f"in [{tensor.low:g}, {tensor.high:g}]", f"{low:g} to {high:g}")
    return array


def _shape(tensor: Tensor) -> str:
    shape = ", ".join(map(str, ("N", *tensor.shape)))
    return f"[{shape}]" + (" or [N, 1]" if tensor.shape == () else "")


def _wrong(tensor: Tensor, rule: str, received) -> faults.Fault:
    return faults.Fault(400, f"`{tensor.name}` must be {rule}. Received: {received}")
