"""Generated examples that are copies of training examples, or nearly so."""

import math
from typing import NamedTuple

import numpy as np
from scipy import stats

RARE = 0.001  # fraction of held-out examples that are nearer to a training example
CHANCE = 0.001  # probability with which samples without copies exceed `by_chance`


class Copies(NamedTuple):
    """How many samples are as near to a training example as held-out examples hardly ever are.

    Attributes:
        distance: The distance below which a sample is a near-copy, and so is any at distance 0.
        count: Number of samples that are near-copies.
        of_examples: Number of held-out examples that are as near.
        exact: Number of samples at distance 0.
        exact_of_examples: Number of held-out examples at distance 0.
        by_chance: Number of near-copies that samples exceed with a probability of at most `CHANCE`
            if they are distributed as the held-out examples are.
    """

    distance: float
    count: int
    of_examples: int
    exact: int
    exact_of_examples: int
    by_chance: int

    @property
    def suspicious(self) -> bool:
        """Whether there are more near-copies than chance gives, or exact ones as only samples are.

        The second says more where held-out examples are few, and chance may give many.
        """
        return self.count > self.by_chance or (self.exact > 0 and not self.exact_of_examples)


def near_copies(samples: np.ndarray, examples: np.ndarray) -> Copies:
    """Counts near-copies among samples, by what held-out examples show.

    If n held-out distances and m distances of samples are drawn alike from a continuous
    distribution, and k held-out ones are below the threshold, which is the (k + 1)-th of them, then
    the number of samples below it is beta-binomial with m draws, alpha = k + 1 and beta = n - k.

    Args:
        samples: Distance from each sample to its nearest training example, [M], >= 0.
        examples: The same of held-out examples, [N], >= 0; 1000 or more let a fraction of `RARE`
            be nearer than the threshold, fewer let none.

    Returns:
        The counts.

    Example:
        >>> near_copies(np.array([0.0, 0.5, 3.0, 4.0]), np.array([1.0, 2.0, 3.0])).count
        2
    """
    threshold = np.sort(examples)[math.floor(RARE * len(examples))]
    exact, exact_of_examples = (int(np.sum(each == 0.0)) for each in (samples, examples))
    near, of_examples = (
        int(np.sum((each < threshold) | (each == 0.0))) for each in (samples, examples)
    )
    # where more than a fraction of `RARE` are copies, all held-out examples may be
    rest = max(len(examples) - of_examples, 1)
    by_chance = stats.betabinom.ppf(1.0 - CHANCE, len(samples), of_examples + 1, rest)
    return Copies(float(threshold), near, of_examples, exact, exact_of_examples, int(by_chance))
