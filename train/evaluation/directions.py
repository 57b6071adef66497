"""Which side of a metric is the better one."""

LOWER, HIGHER = "lower", "higher"
_OF = {  # what is not here has no better side
    **dict.fromkeys(["gaussian_fit", "reconstruction", "sliced_wasserstein"], LOWER),
    **dict.fromkeys(
        [
            "accuracy",
            "ais",
            "elbo",
            "iwae",
            "linear_probe",
            "modes",
            "nearest_neighbor",
            "parzen",
            "quadrature",
        ],
        HIGHER,
    ),
}
OF_FEATURES = {
    "classes": HIGHER,
    "coverage": HIGHER,
    "fd": LOWER,
    "kd": LOWER,
    "score": HIGHER,
}  # of KIND_SPACE, in whatever space


def better(metric: str) -> str | None:
    """Returns LOWER or HIGHER, or None for a metric of which neither is better."""
    kind, in_a_space, _ = metric.partition("_")
    return _OF.get(metric, OF_FEATURES.get(kind) if in_a_space else None)
