"""The loss of LSGAN."""

import tensorflow as tf

from zoo.losses import adversarial


def least_squares(
    fake: float = 0.0, real: float = 1.0, target: float = 1.0
) -> adversarial.AdversarialLoss:
    """Least-squares adversarial loss.

    critic = 0.5 * (logits_real - real)**2 + 0.5 * (logits_fake - fake)**2
    generator = 0.5 * (logits_fake - target)**2

    Args:
        fake: Label `a` of generated data.
        real: Label `b` of data; must differ from `fake`.
        target: Label `c` that the generator aims at; b - c = 1 with b - a = 2 gives Pearson
            chi-squared.

    Returns:
        Pointwise functions: logits of any shape in, values >= 0 of the same shape out, not reduced.
        The player who shapes the real branch aims at `fake`.

    Raises:
        ValueError: If `fake == real`.

    Example:
        >>> float(least_squares().critic_real(tf.constant(0.0)))
        0.5

    Reference: Mao et al., 2017, equation 2; the defaults are its 0-1 coding, which the released
        code uses. arXiv:1611.04076
    """
    if fake == real:
        raise ValueError(
            f"`real` and `fake` labels must differ. Received: real={real}, fake={fake}"
        )

    def to(label: float) -> adversarial.Pointwise:
        return lambda logits: 0.5 * tf.square(logits - label)

    return adversarial.swapped(real=to(real), fake=to(fake))._replace(opponent_fake=to(target))
