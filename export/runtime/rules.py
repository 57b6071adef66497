"""What every runtime of a bundle must do, as functions of one runtime; each returns the largest difference that it saw."""

import numpy as np

from export.runtime import backends, golden_rows

Goldens = dict[str, golden_rows.Golden]
_SLACK = 1e-6  # a runtime's tanh may end a rounding above 1


def golden_values(run: backends.Run, manifest: dict, goldens: Goldens) -> float:
    """Outputs for the golden inputs are the golden outputs, at batch 1, 3 and 64."""
    largest = 0.0
    for endpoint, found in _found(manifest, goldens):
        for count in golden_rows.BATCHES:
            outputs = run(endpoint, _rows(found.inputs, slice(count)))
            largest = max(
                largest,
                _compare(
                    endpoint, outputs, _rows(found.outputs, slice(count)), golden_rows.TOLERANCE
                ),
            )
    return largest


def rows_alone(run: backends.Run, manifest: dict, goldens: Goldens) -> float:
    """A row alone, and in a batch in another order, gives what it gives in a batch."""
    largest = 0.0
    for endpoint, found in _found(manifest, goldens):
        together = run(endpoint, found.inputs)
        for rows in (slice(0, 1), slice(1, 2), slice(33, 34), slice(63, 64), slice(None, None, -1)):
            outputs = run(endpoint, _rows(found.inputs, rows))
            largest = max(
                largest, _compare(endpoint, outputs, _rows(together, rows), golden_rows.TOLERANCE)
            )
    return largest


def repeatable(run: backends.Run, manifest: dict, goldens: Goldens) -> float:
    """Two calls with the same inputs give identical outputs."""
    return max(
        _compare(name, run(name, found.inputs), run(name, found.inputs), 0.0)
        for name, found in _found(manifest, goldens)
    )


def in_range(run: backends.Run, manifest: dict, goldens: Goldens) -> float:
    """Outputs are finite and keep to the range, dtype and shape of the manifest; returns the largest excess."""
    largest = 0.0
    for endpoint, found in _found(manifest, goldens):
        for name, value in run(endpoint, found.inputs).items():
            about = manifest["endpoints"][endpoint]["outputs"][name]
            if str(value.dtype) != about["dtype"] or list(value.shape[1:]) != about["shape"][1:]:
                raise ValueError(
                    f"{endpoint!r} must give {name!r} as {about['dtype']} {about['shape']}. Received: {value.dtype} {value.shape}"
                )
            if not np.isfinite(value).all():
                raise ValueError(
                    f"Outputs must be finite. Received: NaN or infinity in {name!r} of {endpoint!r}"
                )
            if about["range"]:
                low, high = about["range"]
                largest = max(largest, float(low - value.min()), float(value.max() - high))
                if largest > _SLACK:
                    raise ValueError(
                        f"{name!r} of {endpoint!r} must be in [{low}, {high}]. Received: [{value.min():.7g}, {value.max():.7g}]"
                    )
    return largest


LAWS = {
    "golden values at batch 1, 3 and 64": golden_values,
    "a row alone equals the row in a batch": rows_alone,
    "two calls agree": repeatable,
    "finite, in the declared range and shape": in_range,
}


def _found(manifest: dict, goldens: Goldens):
    if set(goldens) != set(manifest["endpoints"]):
        raise ValueError(
            f"golden.npz must hold the endpoints {sorted(manifest['endpoints'])}. Received: {sorted(goldens)}"
        )
    lengths = {
        len(value) for found in goldens.values() for arrays in found for value in arrays.values()
    }
    if lengths != {golden_rows.ROWS}:
        raise ValueError(
            f"golden.npz must hold {golden_rows.ROWS} rows of everything. Received: {sorted(lengths)}"
        )
    return goldens.items()


def _rows(arrays: backends.Arrays, rows: slice) -> backends.Arrays:
    return {name: np.ascontiguousarray(value[rows]) for name, value in arrays.items()}


def _compare(
    endpoint: str, outputs: backends.Arrays, expected: backends.Arrays, tolerance: float
) -> float:
    if set(outputs) != set(expected):
        raise ValueError(
            f"{endpoint!r} must give the outputs {sorted(expected)}. Received: {sorted(outputs)}"
        )
    largest = 0.0
    for name, value in outputs.items():
        found = golden_rows.difference(value, expected[name])
        if found > tolerance:
            raise ValueError(
                f"{name!r} of {endpoint!r} must be equal to {tolerance:g}, at {len(value)} rows. Received: a difference of {found:.3g}"
            )
        largest = max(largest, found)
    return largest
