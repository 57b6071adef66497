"""Metrics of translators between two domains, on held-out examples of each."""

import dataclasses

import numpy as np

from train.data import changes, table
from train.evaluation import candidates, references
from zoo.metrics import means

EXAMPLES = 2000  # of each domain


def cycle_error(candidate: candidates.Candidate) -> dict:
    """Measures the mean absolute distance from examples to what comes back of them.

    An example of each domain is translated to the other domain and back. Next to it are the
    distances of each domain, and those to the true translations where the second domain is made
    of the first one, such as `mnist,inverted:mnist`.
    """
    offered, domains = candidate.model.offered(), table.domains(candidate.data.name)
    if not {"a_to_b", "b_to_a"} <= set(offered) or len(domains) != 2:
        raise ValueError(
            "`cycle_error` needs a model with the endpoints `a_to_b` and `b_to_a`, and data of two "
            f"domains. Received: {sorted(offered)}, data {candidate.data.name!r}"
        )
    examples, splits, said = [], [], {}
    for domain in domains:
        own = candidate._replace(data=dataclasses.replace(candidate.data, name=domain))
        x, split = references.held_out(own, candidate.num or EXAMPLES)
        examples.append(x)
        splits.append(f"{split}[:{len(x)}]")
        said |= references.protocol(own, split)
    x = dict(zip("ab", examples))
    made = {way: _translated(candidate, way, x[way[0]]) for way in ("a_to_b", "b_to_a")}
    cycles = {
        "a": _distances(x["a"], _translated(candidate, "b_to_a", made["a_to_b"])),
        "b": _distances(x["b"], _translated(candidate, "a_to_b", made["b_to_a"])),
    }
    value, error = means.mean_and_standard_error(np.concatenate(list(cycles.values())))
    beside = {f"{name}_cycle_error": float(each.mean()) for name, each in cycles.items()}
    if _paired(domains):  # row i of one domain is made of row i of the other
        beside["a_to_b_error"] = float(_distances(x["b"], made["a_to_b"]).mean())
        beside["b_to_a_error"] = float(_distances(x["a"], made["b_to_a"]).mean())
    return {
        "value": value,
        "standard_error": error,
        "protocol": {
            "examples": splits,
            "distance": "mean absolute difference over pixels in the run's range",
            "range": candidate.data.value_range,
            "trained_on": candidate.data.split,
        }
        | said,
        "beside": beside,
    }


def _translated(candidate: candidates.Candidate, way: str, x: np.ndarray) -> np.ndarray:
    given = candidates.taken(candidate, x)
    made = candidate.model.run(way, {way[0]: given}, seed=candidate.seed)
    return next(iter(made.values())).astype(np.float32)


def _distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.abs(x - y).reshape(len(x), -1).mean(axis=1, dtype=np.float64)


def _paired(domains: tuple[str, ...]) -> bool:
    """Whether the second domain is made of the first one, row by row."""
    return domains[1] in {f"{change}:{domains[0]}" for change in changes.CHANGES}
