"""AdversarialLoss and the two ways to make one."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

Pointwise = Callable[[tf.Tensor], tf.Tensor]


class AdversarialLoss(NamedTuple):
    """Four pointwise functions of a logit; each keeps the shape that it gets and reduces nothing. And what else there is to tell.

    Attributes:
        critic_real: What the critic minimises on logits of the real branch.
        critic_fake: What the critic minimises on logits of the fake branch.
        opponent_real: What the player who shapes the real branch (an encoder, a lens) minimises.
        opponent_fake: What the player who shapes the fake branch (the generator) minimises.
        reports: Takes the logits of the real and of the fake branch, returns scalars by name for the epoch's means.
    """

    critic_real: Pointwise
    critic_fake: Pointwise
    opponent_real: Pointwise
    opponent_fake: Pointwise
    reports: Callable[[tf.Tensor, tf.Tensor], dict[str, tf.Tensor]] = (
        lambda logits_real, logits_fake: {}
    )


def zero_sum(real: Pointwise, fake: Pointwise) -> AdversarialLoss:
    """Opponents minimise minus the critic's terms.

    Args:
        real: The critic's term on logits of the real branch.
        fake: The critic's term on logits of the fake branch.
    """
    return AdversarialLoss(
        real,
        fake,
        opponent_real=lambda logits: (
            -real(logits)
        ),  # a line each: autograph reads a function's source by its line
        opponent_fake=lambda logits: -fake(logits),
    )


def swapped(real: Pointwise, fake: Pointwise) -> AdversarialLoss:
    """Opponents minimise the critic's terms with the labels exchanged.

    Args:
        real: The critic's term on logits of the real branch.
        fake: The critic's term on logits of the fake branch.
    """
    return AdversarialLoss(real, fake, opponent_real=fake, opponent_fake=real)
