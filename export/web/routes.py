"""Which graphs of a bundle a page runs for what, so that no weight is downloaded twice.

A route is a list of endpoints, each of which takes what the one before it gave. `prior` stands for
the page's own draw of latents. A route of several is taken where it gives the golden values.
"""

import numpy as np

from export.runtime import bundles, golden_rows, latents

PRIOR = "prior"
_ROUTES = {
    "sample": ([PRIOR, "generate"], ["sample"]),
    "generate": (["generate"],),
    "encode": (["encode"],),
    "reconstruct": (["encode", "generate"], ["reconstruct"]),
}


def plan(
    bundle: bundles.Bundle, goldens: dict[str, golden_rows.Golden], rows: int
) -> dict[str, list[str]]:
    """Returns the route of everything that a page does, by the endpoint that it computes.

    `sample`, `generate`, `encode` and `reconstruct` where the bundle has them, and every other
    endpoint that makes a picture of a picture.

    Args:
        bundle: An open bundle.
        goldens: Its golden rows.
        rows: Number of golden rows with which routes are tried.

    Raises:
        ValueError: If the bundle has nothing that a page shows.
    """
    offered = bundle.manifest["endpoints"]
    candidates = {name: ways for name, ways in _ROUTES.items() if name in offered}
    candidates |= {
        name: ([name],)
        for name in offered
        if name not in (*_ROUTES, "interpolate") and picture_of(offered[name])
    }
    chosen = {}
    for name, ways in candidates.items():
        for way in ways:
            if way == [name] or _agrees(bundle, way, name, goldens[name], rows):
                chosen[name] = way
                break
    if "sample" not in chosen and not any(picture_of(offered[name]) for name in chosen):
        raise ValueError(
            "A page shows what a model draws, or what it makes of pictures: it needs the endpoint "
            f"`sample`, or one from pictures to pictures. Received: {', '.join(offered)}"
        )
    return chosen


def picture_of(described: dict) -> bool:
    """Says whether an endpoint makes one picture of one picture."""
    taken = [about["shape"] for about in described["inputs"].values() if len(about["shape"]) == 4]
    given = [about["shape"] for about in described["outputs"].values()]
    return len(taken) == 1 and len(given) == 1 and len(given[0]) == 4


def run(bundle: bundles.Bundle, route: list[str], inputs: dict[str, np.ndarray]) -> dict:
    """Returns the outputs of a route's last endpoint in ONNX Runtime, as the page computes them."""
    offered, outputs = bundle.offered(), {}
    rest = {name: value for name, value in inputs.items() if name in ("label", "noise")}
    first = {name: value for name, value in inputs.items() if name not in rest}
    for endpoint in route:
        if endpoint == PRIOR:
            outputs = {"z": drawn(bundle.manifest["prior"], first["seed"])}
            continue
        if outputs:  # of the endpoint before this one, the first of which is what this one takes
            first = {offered[endpoint][0]: next(iter(outputs.values()))}
        extra = {name: value for name, value in rest.items() if name in offered[endpoint]}
        outputs = bundle.run(endpoint, first | extra)
    return outputs


def drawn(prior: dict, seeds: np.ndarray) -> np.ndarray:
    """Returns the latents [N, Z] of row seeds [N], which the page draws in JavaScript.

    Args:
        prior: The manifest's `prior`, of a name that `export.runtime.latents` knows.
        seeds: In [0, 2**63), int64.
    """
    return latents.PRIORS[prior["name"]].draw(seeds, 0, prior["size"], prior["bounds"])


def _agrees(
    bundle: bundles.Bundle,
    route: list[str],
    endpoint: str,
    golden: golden_rows.Golden,
    rows: int,
) -> bool:
    """Says whether a route gives an endpoint's golden outputs."""
    offered = bundle.offered()
    prior = bundle.manifest.get("prior")
    if any(part != PRIOR and part not in offered for part in route):
        return False
    known = prior and prior["name"] in latents.PRIORS
    if PRIOR in route and (not known or list(golden.inputs)[0] != "seed"):
        return False
    outputs = run(bundle, route, {name: value[:rows] for name, value in golden.inputs.items()})
    return all(
        name in outputs
        and outputs[name].shape == value[:rows].shape
        and golden_rows.difference(outputs[name], value[:rows]) <= golden_rows.TOLERANCE
        for name, value in golden.outputs.items()
    )
