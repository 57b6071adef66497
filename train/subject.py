"""What a metric is given, and the examples that it is measured on."""

from typing import NamedTuple

import numpy as np

from configs import experiment as experiments
from train import data, toys
from zoo.games import game as game_module

FIRST, LAST = "train[:84%]", "train[84%:]"  # in the place of train and test, of data that has no test split


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


def examples(subject: Subject, split: str, count: int | None = None) -> np.ndarray:
    """Returns the first `count` examples of a split of the experiment's data, or all, [N, ...] in the range of its networks.

    Raises:
        ValueError: If there is no such split.
    """
    config = subject.experiment.data
    source = data.load(config.name, split=split, size=config.size, crop=config.crop, value_range=config.value_range)
    return data.in_range(data.images(source, count).astype(np.float32), source.value_range)


def held_out(subject: Subject, count: int | None = None) -> tuple[np.ndarray, str]:
    """Returns the first `count` examples that are measured, or all, and which split they are.

    The test split; of data without one the last sixth of `train`, which may have been trained on; of points what was trained on.
    """
    name = subject.experiment.data.name
    split = subject.experiment.data.split if name in toys.TOYS else "test"
    try:
        return examples(subject, split, count), split
    except ValueError:
        return examples(subject, LAST, count), LAST
