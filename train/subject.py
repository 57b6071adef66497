"""What a metric is given."""

from typing import NamedTuple

from configs import experiment as experiments
from zoo.games import game as game_module


class Subject(NamedTuple):
    """What is measured, and how.

    Attributes:
        game: A trained game, at the weights that are measured.
        experiment: What it was trained under.
        num: How many samples, or draws for each example; None for the metric's own number.
        seed: Of the samples and of every other draw.
        verbose: Whether to show progress bars.
    """

    game: game_module.Game
    experiment: experiments.Experiment
    num: int | None
    seed: int
    verbose: bool
