"""The loss of f-GAN: the variational bound of any divergence."""

import inspect
import typing

import tensorflow as tf

from zoo import divergences, names
from zoo.losses import adversarial


def f_gan(
    divergence: divergences.Divergence | str,
    generator: typing.Literal["published", "alternative"] = "published",
    clip: float | None = None,
) -> adversarial.AdversarialLoss:
    """The f-GAN loss: the critic V raises the bound F on D_f(P || Q), P the data, Q the model.

    F = mean(activation(V_real)) - mean(conjugate(activation(V_fake)))
    critic = -F
    generator = F (published), or -mean(activation(V_fake)) (alternative)

    The alternative has the labels exchanged, so that the gradient does not vanish where the critic
    is sure; for the GAN divergence it is the non-saturating loss, for any other it is no descent on
    D_f.

    The logs hold F as `divergence_bound`. `threshold_real_share` and `threshold_fake_share` are the
    fractions of real and of fake logits whose activation is above f'(1), where the critic says
    p > q. With `clip`, `clipped_share` is the fraction of logits outside.

    Args:
        divergence: A `Divergence`, or the name of one that has no options.
        generator: Objective of the player who shapes the fake branch.
        clip: Bound above 0. V is clipped to [-clip, clip], so that exponentials stay finite, and
            the gradient is 0 outside. None does not clip.

    Returns:
        Pointwise functions: logits of any shape in, the same shape out, not reduced.

    Raises:
        ValueError: If an argument is none of the accepted.

    Example:
        >>> round(float(f_gan("gan").opponent_fake(tf.constant(0.0))), 6)
        -0.693147

    Reference: Nowozin et al., 2016, equation 6 and section 3.2. arXiv:1606.00709
    """
    if isinstance(divergence, str):
        if divergence not in divergences.DIVERGENCES:
            raise ValueError(names.unknown("divergence", divergence, divergences.DIVERGENCES))
        row = divergences.DIVERGENCES[divergence]
        options = list(inspect.signature(row).parameters)
        if options:
            raise ValueError(
                f"Divergence {divergence!r} needs the options {options}: "
                f"give divergences.{divergence}(...). Received: its name"
            )
        divergence = row()
    if generator not in ("published", "alternative"):
        raise ValueError(
            names.unknown("generator's objective", generator, ["published", "alternative"])
        )
    if clip is not None and not clip > 0.0:
        raise ValueError(f"`clip` must be above 0, or None for no clipping. Received: {clip}")

    def held(logits):
        return logits if clip is None else tf.clip_by_value(logits, -clip, clip)

    def real(logits):
        return -divergence.activation(held(logits))

    def fake(logits):
        return divergence.conjugate_of_activation(held(logits))

    def fraction(flags):
        return tf.reduce_mean(tf.cast(flags, tf.float32))

    def logs(logits_real, logits_fake):
        bound = -tf.reduce_mean(real(logits_real)) - tf.reduce_mean(fake(logits_fake))
        scalars = {
            "divergence_bound": bound,
            "threshold_real_share": fraction(-real(logits_real) > divergence.threshold),
            "threshold_fake_share": fraction(-real(logits_fake) > divergence.threshold),
        }
        if clip is not None:
            clipped_real = fraction(tf.abs(logits_real) > clip)
            clipped_fake = fraction(tf.abs(logits_fake) > clip)
            scalars["clipped_share"] = 0.5 * clipped_real + 0.5 * clipped_fake
        return scalars

    make = adversarial.zero_sum if generator == "published" else adversarial.swapped
    return make(real, fake)._replace(logs=logs)
