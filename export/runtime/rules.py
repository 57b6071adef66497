"""Rules that golden values and every runtime of a bundle keep to.

A rule returns the largest difference that it saw, and raises ValueError where one is too large.
"""

from collections.abc import Iterable

import numpy as np

from export.runtime import backends, draws, golden_rows, latents, tensors

Goldens = dict[str, golden_rows.Golden]
_SLACK = 1e-6  # a runtime's tanh may end a rounding above 1


def golden_inputs(manifest: dict, goldens: Goldens) -> float:
    """Golden inputs keep to their declared range; noise with a stream is what the seeds draw."""
    largest = 0.0
    for endpoint, golden in _checked(manifest, goldens):
        for name, about in manifest["endpoints"][endpoint]["inputs"].items():
            value = golden.inputs[name]
            largest = max(largest, _excess(endpoint, name, value, about["range"]))
            if "stream" in about:
                expected = draws.normal(golden_rows.seeds(), about["stream"], value.shape[1:])
                difference = golden_rows.difference(value, expected)
                if difference > golden_rows.TOLERANCE:
                    raise ValueError(
                        f"{name!r} of {endpoint!r} must be drawn from the golden seeds, to "
                        f"{golden_rows.TOLERANCE:g}. Received: a difference of {difference:.3g}"
                    )
                largest = max(largest, difference)
    return largest


def golden_outputs(manifest: dict, goldens: Goldens) -> float:
    """Golden outputs are finite and keep to their declared range."""
    return max(
        _excess(endpoint, name, goldens[endpoint].outputs[name], about["range"])
        for endpoint, side, name, about in tensors.every(manifest["endpoints"])
        if side == "outputs"
    )


def golden_latents(manifest: dict, goldens: Goldens) -> float:
    """Golden latents of `generate` are what the prior draws for the golden seeds."""
    prior, generate = manifest["prior"], goldens.get("generate")
    if (
        not prior
        or prior["name"] not in latents.PRIORS
        or not generate
        or "z" not in generate.inputs
    ):
        return 0.0
    largest = latents.difference(generate.inputs["z"], golden_rows.seeds(), prior)
    size = max([1.0, *map(abs, prior["bounds"] or [])])
    if largest > golden_rows.TOLERANCE * size:
        raise ValueError(
            f"'z' of 'generate' must be drawn from the golden seeds by the prior {prior}, to "
            f"{golden_rows.TOLERANCE:g}. Received: a difference of {largest:.3g}"
        )
    return largest


def golden_values(run: backends.Run, manifest: dict, goldens: Goldens) -> float:
    """Outputs for the golden inputs are the golden outputs, at batch 1, 3 and 64."""
    largest = 0.0
    for endpoint, golden in _checked(manifest, goldens):
        for count in golden_rows.BATCHES:
            outputs = run(endpoint, _rows(golden.inputs, slice(count)))
            expected = _rows(golden.outputs, slice(count))
            largest = max(largest, _compare(endpoint, outputs, expected, golden_rows.TOLERANCE))
    return largest


def rows_alone(run: backends.Run, manifest: dict, goldens: Goldens) -> float:
    """A row alone, and in a batch in another order, gives what it gives in a batch."""
    largest = 0.0
    for endpoint, golden in _checked(manifest, goldens):
        together = run(endpoint, golden.inputs)
        for rows in (slice(0, 1), slice(1, 2), slice(33, 34), slice(63, 64), slice(None, None, -1)):
            outputs = run(endpoint, _rows(golden.inputs, rows))
            expected = _rows(together, rows)
            largest = max(largest, _compare(endpoint, outputs, expected, golden_rows.TOLERANCE))
    return largest


def repeatable(run: backends.Run, manifest: dict, goldens: Goldens) -> float:
    """Two calls with the same inputs give identical outputs."""
    return max(
        _compare(name, run(name, golden.inputs), run(name, golden.inputs), 0.0)
        for name, golden in _checked(manifest, goldens)
    )


def repeatable_as(run: backends.Run, endpoint: str, name: str, golden: golden_rows.Golden) -> float:
    """What is called by another name gives what the endpoint gives."""
    return _compare(name, run(name, golden.inputs), run(endpoint, golden.inputs), 0.0)


def in_range(run: backends.Run, manifest: dict, goldens: Goldens) -> float:
    """Outputs are finite and keep to the range, dtype and shape of the manifest.

    Returns:
        The largest excess over a range.
    """
    largest = 0.0
    for endpoint, golden in _checked(manifest, goldens):
        for name, value in run(endpoint, golden.inputs).items():
            about = manifest["endpoints"][endpoint]["outputs"][name]
            if str(value.dtype) != about["dtype"] or list(value.shape[1:]) != about["shape"][1:]:
                raise ValueError(
                    f"{endpoint!r} must give {name!r} as {about['dtype']} {about['shape']}. "
                    f"Received: {value.dtype} {value.shape}"
                )
            largest = max(largest, _excess(endpoint, name, value, about["range"]))
    return largest


GOLDEN = "golden values at batch 1, 3 and 64"
RULES = {
    GOLDEN: golden_values,
    "a row alone equals the row in a batch": rows_alone,
    "two calls agree": repeatable,
    "finite, in the declared range and shape": in_range,
}

# of golden.npz alone, which no runtime is needed for
GOLDEN_RULES = {
    "inputs in the declared range, noise as it is drawn": golden_inputs,
    "outputs finite and in the declared range": golden_outputs,
    "latents as the prior draws them": golden_latents,
}


def _checked(manifest: dict, goldens: Goldens) -> Iterable[tuple[str, golden_rows.Golden]]:
    """Returns the golden values by endpoint, after a check that there are 64 rows of everything."""
    if set(goldens) != set(manifest["endpoints"]):
        raise ValueError(
            f"golden.npz must hold the endpoints {sorted(manifest['endpoints'])}. "
            f"Received: {sorted(goldens)}"
        )
    lengths = {
        len(value) for golden in goldens.values() for arrays in golden for value in arrays.values()
    }
    if lengths != {golden_rows.ROWS}:
        raise ValueError(
            f"golden.npz must hold {golden_rows.ROWS} rows of everything. "
            f"Received: {sorted(lengths)}"
        )
    return goldens.items()


def _rows(arrays: backends.Arrays, rows: slice) -> backends.Arrays:
    return {name: np.ascontiguousarray(value[rows]) for name, value in arrays.items()}


def _excess(endpoint: str, name: str, value: np.ndarray, bounds: list | None) -> float:
    """Returns how far finite values leave their range, which a rounding may do."""
    if not np.isfinite(value).all():
        raise ValueError(
            f"Values must be finite. Received: NaN or infinity in {name!r} of {endpoint!r}"
        )
    if not bounds:
        return 0.0
    low, high = bounds
    # as Python's numbers, since 0 - 1 of uint8 is 255
    largest = max(0.0, float(low - value.min().item()), float(value.max().item() - high))
    if largest > _SLACK:
        raise ValueError(
            f"{name!r} of {endpoint!r} must be in [{low}, {high}]. "
            f"Received: [{value.min():.7g}, {value.max():.7g}]"
        )
    return largest


def _compare(
    endpoint: str, outputs: backends.Arrays, expected: backends.Arrays, tolerance: float
) -> float:
    if set(outputs) != set(expected):
        raise ValueError(
            f"{endpoint!r} must give the outputs {sorted(expected)}. Received: {sorted(outputs)}"
        )
    largest = 0.0
    for name, value in outputs.items():
        difference = golden_rows.difference(value, expected[name])
        if difference > tolerance:
            raise ValueError(
                f"{name!r} of {endpoint!r} must be equal to {tolerance:g}, at {len(value)} rows. "
                f"Received: a difference of {difference:.3g}"
            )
        largest = max(largest, difference)
    return largest
