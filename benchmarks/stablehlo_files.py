"""One training step as files: a StableHLO module, its arguments, and what it gave on a CPU.

The folder of a step holds

    step.mlir    the module; its function `main` is one whole step
    step.json    what each argument and each result of `main` is, and where the step comes from
    before.npz   the value of every argument, in order
    after.npz    the state after the step, in the order of the results

This module needs numpy only.
"""

import json
import pathlib
import re
from collections.abc import Mapping, Sequence

import numpy as np

DTYPES = {"f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64", "i1": "bool"}
# What a state is: a weight that a player moves, what its optimizer keeps, or anything else, such as
# moving statistics and the means of the logs.
WEIGHT, OPTIMIZER, OTHER = "weight", "optimizer", "other"
CLOSE = 1e-5  # two weights that differ by more count as different; a step moves most of them more
# Largest difference that rounding explains, see `within`.
ROUNDING = {"float32": 1e-3, "tf32": 1e-2, "bfloat16": 1e-1}
DIFFERENT = 0.01  # fraction of the weights


def signature(module: str) -> tuple[list[tuple], list[tuple]]:
    """Returns (shape, dtype) of each argument and of each result of a module's function `main`.

    Example:
        >>> signature("func.func @main(%arg0: tensor<2x3xf32>) -> tensor<i64> {")
        ([((2, 3), 'float32')], [((), 'int64')])
    """
    line = re.search(r"func\.func (?:public )?@main\((.*)", module)
    if line is None:
        raise ValueError("A module must have a function `main`. Received: one without")
    arguments, _, results = line[1].partition(") -> ")
    return _types(arguments), _types(results)


def _types(text: str) -> list[tuple]:
    types = []
    for inner in re.findall(r"tensor<([^>]*)>", text):
        *shape, name = inner.split("x")
        dtype = DTYPES.get(name) or name.replace("i", "int", 1)
        types.append((tuple(map(int, shape)), dtype))
    return types


def portable(module: str) -> str:
    """Returns a module without the one operation of TensorFlow's that is not of StableHLO.

    It copies what is a result twice, as the state is: once of the function and once of the
    variables that it writes. A reshape to the same shape takes its place, which is no work.

    Example:
        >>> portable("%1 = mhlo.copy %0 : tensor<2xf32>")
        '%1 = stablehlo.reshape %0 : (tensor<2xf32>) -> tensor<2xf32>'
    """
    return re.sub(
        r"mhlo\.copy (%\w+) : (tensor<[^>]*>)", r"stablehlo.reshape \1 : (\2) -> \2", module
    )


def write(
    folder: pathlib.Path,
    module: str,
    about: Mapping,
    before: Sequence[np.ndarray],
    after: Sequence[np.ndarray],
) -> None:
    """Writes a step.

    Args:
        folder: Where to; it is made.
        module: The text of the module.
        about: What step.json holds, with `arguments`, a list of dicts, each with its `kind`:
            `batch`, `draw` (with `distribution`, and `low` and `high` of a uniform one), `state` or
            `constant`; `state`, a list of dicts with `name` and `role`; and `logs`, by name. The
            first results of `main` are the states and then the logs, each in this order.
        before: Value of each argument.
        after: Value of each state after the step.

    Raises:
        ValueError: If `main` has other arguments or results.
    """
    arguments, results = signature(module)
    given = [(value.shape, value.dtype.name) for value in before]
    states = [(value.shape, value.dtype.name) for value in after]
    if arguments != given or results[: len(states)] != states:
        raise ValueError(
            "The arguments of `main` must be those of the step, and its first results the state. "
            f"Received: {len(arguments)} arguments and {len(results)} results, for {len(given)} "
            f"and {len(states)}; first differences: {_differing(arguments, given)}, "
            f"{_differing(results, states)}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "before.npz", *before)
    np.savez(folder / "after.npz", *after)
    (folder / "step.json").write_text(json.dumps(dict(about), indent=1) + "\n")
    (folder / "step.mlir").write_text(module)  # the last one, which says that all are there


def _differing(some: list, others: list):
    return next(((a, b) for a, b in zip(some, others) if a != b), None)


def about(folder: pathlib.Path) -> dict:
    """Returns what step.json holds; of a step that could not be written it has an `error`."""
    return json.loads((folder / "step.json").read_text())


def module(folder: pathlib.Path, *, tf32: bool = False) -> str:
    """Returns the text of the module.

    Args:
        folder: Folder of the step.
        tf32: Whether a GPU may round the factors of float32 products to 10 bits, which the modules
            forbid as they are written.
    """
    text = (folder / "step.mlir").read_text()
    return text.replace("[HIGHEST, HIGHEST]", "[DEFAULT, DEFAULT]") if tf32 else text


def arrays(path: pathlib.Path) -> list[np.ndarray]:
    """Returns the arrays of a file in their order."""
    with np.load(path) as file:
        return [file[f"arr_{index}"] for index in range(len(file.files))]


def differences(
    about: Mapping, expected: Sequence, state: Sequence, logs: Mapping[str, float]
) -> dict[str, float | None]:
    """Returns how far a step is from the CPU's.

    Args:
        about: What step.json holds.
        expected: The state after the step on the CPU.
        state: The state after the step elsewhere.
        logs: The step's logs elsewhere.

    Returns:
        `weights`, the largest difference of a weight; `different`, the fraction of the weights that
        differ by more than 1e-5; `optimizers`, the difference of everything that the optimizers
        keep of the gradients, relative to its norm, None if they keep nothing; `logs`, the largest
        relative difference of a logged value. Adam's first step moves a weight by the sign of its
        gradient. Where that is rounding only, two right steps differ by two steps' lengths, in
        `weights` but not in `optimizers`.
    """
    pairs = {WEIGHT: [], OPTIMIZER: [], OTHER: []}
    for entry, a, b in zip(about["state"], expected, state, strict=True):
        if np.issubdtype(a.dtype, np.floating):
            pairs[entry["role"]].append((np.float64(a).ravel(), np.float64(b).ravel()))
    weights = np.concatenate([np.abs(a - b) for a, b in pairs[WEIGHT]])
    kept = [np.concatenate(side) for side in zip(*pairs[OPTIMIZER])]
    norm = np.linalg.norm(kept[0]) if kept else 0.0
    return {
        "weights": float(weights.max()),
        "different": float((weights > CLOSE).mean()),
        "optimizers": float(np.linalg.norm(kept[0] - kept[1]) / norm) if norm else None,
        "logs": max(
            abs(value - logs[name]) / (1e-3 + abs(value)) for name, value in about["logs"].items()
        ),
    }


def within(differences: Mapping[str, float | None], arithmetic: str) -> bool:
    """Says whether rounding explains the differences of a step from the CPU's; NaN it does not.

    Args:
        differences: What `differences` returned.
        arithmetic: `float32`, `tf32` or `bfloat16`.
    """
    limit = ROUNDING[arithmetic]
    # in half precision most signs of small gradients are rounding, and so are many weights' moves
    few = arithmetic != "float32" or differences["different"] < DIFFERENT
    kept = differences["optimizers"]
    return few and differences["logs"] <= limit and (kept is None or kept <= limit)
