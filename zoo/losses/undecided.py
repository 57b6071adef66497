"""What players minimise where the critic cannot tell the two branches apart."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from zoo.losses import adversarial

WIDEST, POINTS = 30.0, 201  # logits among which the critic chooses


class Undecided(NamedTuple):
    """What players minimise where the critic cannot tell the two branches apart.

    Attributes:
        critic: The critic's loss on one pair.
        opponent_real: The loss of the player who shapes the real branch; None where several logits
            cost the critic equally little, since the loss then depends on which of them it gives.
        opponent_fake: The same of the player who shapes the fake branch.
    """

    critic: float
    opponent_real: float | None
    opponent_fake: float | None


def undecided(loss: adversarial.AdversarialLoss) -> Undecided:
    """Returns the losses where the branches are the same and the critic has learned that.

    It then gives every example the logit c that minimises critic_real(c) + critic_fake(c).

    Args:
        loss: Any `AdversarialLoss`.

    Example:
        >>> from zoo import losses
        >>> round(undecided(losses.minimax()).critic, 4)
        1.3863

    Reference: Goodfellow et al., 2014, section 4.1: -log 4 is the value at the optimum.
        arXiv:1406.2661
    """
    logits = np.linspace(-WIDEST, WIDEST, POINTS)
    for narrowing in range(4):  # each to a hundredth of the range
        total = _values(loss.critic_real, logits) + _values(loss.critic_fake, logits)
        least = int(np.argmin(total))
        if narrowing == 0 and np.sum(total < total[least] + 1e-9) > 2:
            return Undecided(float(total[least]), None, None)
        ends = logits[max(least - 1, 0)], logits[min(least + 1, POINTS - 1)]
        logits = np.linspace(*ends, POINTS)
    logit = logits[POINTS // 2 :][:1]
    return Undecided(
        float(total[least]),
        float(_values(loss.opponent_real, logit)[0]),
        float(_values(loss.opponent_fake, logit)[0]),
    )


def _values(function: adversarial.Pointwise, logits: np.ndarray) -> np.ndarray:
    values = function(tf.constant(logits, tf.float64)).numpy()
    return np.where(np.isfinite(values), values, np.inf)
