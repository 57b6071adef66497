"""The smallest examples on which a config can be tried, as a run's record describes its data."""

from configs import schema
from train.data import toys


def described(experiment: schema.Experiment) -> dict:
    """Returns shape, value range, count and classes of the examples of a config at a tiny size."""
    points = experiment.data.name in toys.TOYS
    # translators normalise each channel of an image, and need more than its last four pixels
    side = 16 if "a_to_b" in experiment.game.options else 8
    return {
        "shape": toys.points(experiment.data.name, 1).shape[1:] if points else (side, side, 1),
        "value_range": None if points else experiment.data.value_range,
        "count": 64,
        "classes": None if points else 10,
    }
