"""Which side of a metric is the better one."""

LOWER, HIGHER = "lower", "higher"
_OF = {  # what is not here has no better side
    **dict.fromkeys(["gaussian_fit", "reconstruction", "sliced_wasserstein"], LOWER),
    **dict.fromkeys(["accuracy", "ais", "elbo", "iwae", "linear_probe", "modes", "nearest_neighbor", "parzen", "quadrature"], HIGHER),
}
_OF_FEATURES = {"fd_": LOWER, "kd_": LOWER, "classes_": HIGHER, "coverage_": HIGHER, "score_": HIGHER}  # in whatever space


def better(metric: str) -> str | None:
    """Returns LOWER or HIGHER, or None for a metric of which neither is better."""
    return _OF.get(metric, next((side for start, side in _OF_FEATURES.items() if metric.startswith(start)), None))
