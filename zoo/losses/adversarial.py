"""AdversarialLoss and the two ways to make one."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

Pointwise = Callable[[tf.Tensor], tf.Tensor]


class AdversarialLoss(NamedTuple):
    """Four pointwise functions of a logit, each of which keeps its shape and reduces nothing.

    Attributes:
        critic_real: What the critic minimises on logits of the real branch.
        critic_fake: What the critic minimises on logits of the fake branch.
        opponent_real: What the player who shapes the real branch (an encoder, a lens) minimises.
        opponent_fake: What the player who shapes the fake branch (the generator) minimises.
        logs: Function from the logits of the real and of the fake branch to scalars by name, whose
            means over an epoch are logged.
    """

    critic_real: Pointwise
    critic_fake: Pointwise
    opponent_real: Pointwise
    opponent_fake: Pointwise
    logs: Callable[[tf.Tensor, tf.Tensor], dict[str, tf.Tensor]] = lambda real, fake: {}


def zero_sum(real: Pointwise, fake: Pointwise) -> AdversarialLoss:
    """Opponents minimise minus the critic's terms.

    Args:
        real: The critic's term on logits of the real branch.
        fake: The critic's term on logits of the fake branch.
    """

    def opponent_real(logits):
        return -real(logits)

    def opponent_fake(logits):
        return -fake(logits)

    return AdversarialLoss(real, fake, opponent_real, opponent_fake)


def swapped(real: Pointwise, fake: Pointwise) -> AdversarialLoss:
    """Opponents minimise the critic's terms with the labels exchanged.

    Args:
        real: The critic's term on logits of the real branch.
        fake: The critic's term on logits of the fake branch.
    """
    return AdversarialLoss(real, fake, opponent_real=fake, opponent_fake=real)
