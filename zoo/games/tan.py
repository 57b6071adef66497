"""The tempered adversarial network: a GAN whose critic at first sees data through a lens."""

import math
from typing import Literal

import keras
import tensorflow as tf

from zoo import augmentations, constraints, losses, names, penalties, priors, replicas, tempering
from zoo.games import critics, endpoints, game, gan, labels, own_networks

LENS = 2  # section of the draws of the lens's pass


class TAN(gan.GAN):
    """A critic against a generator, over data that a third player, the lens, changes at first.

    The lens makes data look generated while it keeps near to them, and lets go of them in time.

    critic: as GAN's, with L(x) in the place of x, in the penalty too
    generator: as GAN's
    lens: weight(step) * mean(opponent_real(D(L(x)))) + mean(|x - L(x)|**2)

    The squared error is a sum over features (see `reduction`), and weight(t) is
    1 - sin(pi * t / (2 * horizon)) up to the horizon. From there on the lens is gone: the critic
    sees x, the lens moves no more, and a step is GAN's.

    The adversarial term is any loss's `opponent_real`, which pushes D(L(x)) to where the critic has
    generated data. Departs from the paper: the loss may be any, and notes in circulation print this
    term with the other sign, which would help the critic.

    Logs, next to GAN's: `lens_weight`; `lens_error`, |x - L(x)|**2, always summed over features;
    `lens_distance`, between the mean of lensed and of generated data.

    Args:
        generator: See `GAN`.
        critic: See `GAN`.
        lens: Built network, [B, ...] -> [B, ...] of the critic's input; the paper's begins at the
            identity.
        prior: See `GAN`.
        loss: See `GAN`.
        horizon: K, the step at which the lens has let go; at least 1. None for a lens that stays.
        weight: A fixed weight, at least 0, in the place of the falling one: the paper's ablation.
            Just one of the two is given.
        reduction: Reduction of the lens's squared error over features: "sum", as the formula has
            it, which holds the lens of an image near the identity; or "mean", under which it can
            make data look generated (results/tan/). It
            is not known which of them the paper's code has.
        penalty: See `GAN`.
        constraint: See `GAN`.
        augmentation: See `GAN`; the critic sees T(L(x)) of data.
        critic_updates: See `GAN`.
        value_range: See `GAN`; what the lens makes is not bound to it.
        classes: See `GAN`. The lens does not take the label.
        schedule: See `Game`.
        seed: See `Game`.

    Raises:
        ValueError: As `GAN`; if the lens changes shapes; if not just one of `horizon` and `weight`
            is given; if the reduction is unknown.

    Reference: Sajjadi et al., 2018, figures 1, 2 and 4. arXiv:1802.04374
    """

    def __init__(
        self,
        *,
        generator: keras.Model,
        critic: keras.Model,
        lens: keras.Model,
        prior: priors.Prior,
        loss: losses.AdversarialLoss,
        horizon: int | None = None,
        weight: float | None = None,
        reduction: Literal["sum", "mean"] = "sum",
        penalty: penalties.Penalty | None = None,
        constraint: constraints.Constraint | None = None,
        augmentation: augmentations.Augmentation | None = None,
        critic_updates: int = 1,
        value_range: tuple[float, float] | None = (-1.0, 1.0),
        classes: int | None = None,
        schedule: str = "alternating",
        seed: int = 0,
    ):
        parts = {
            "generator": generator,
            "critic": critic,
            "prior": prior,
            "loss": loss,
            "penalty": penalty,
            "constraint": constraint,
            "augmentation": augmentation,
        }
        super().__init__(
            **parts,
            critic_updates=critic_updates,
            value_range=value_range,
            classes=classes,
            schedule=schedule,
            seed=seed,
        )
        example = self.generator.output_shape[1:]
        lens = own_networks.functional("lens", lens, example)
        if lens.input_shape[1:] != example or lens.output_shape[1:] != example:
            shapes = f"{lens.input_shape} -> {lens.output_shape}"
            raise ValueError(
                "`lens` must take and give what `generator` makes, "
                f"[B, {', '.join(map(str, example))}]. Received: {shapes}"
            )
        if (horizon is None) == (weight is None):
            raise ValueError(
                "Give `horizon` or `weight`, and not both. "
                f"Received: horizon={horizon}, weight={weight}"
            )
        if horizon is not None and horizon < 1 or weight is not None and not weight >= 0.0:
            raise ValueError(
                "`horizon` must be at least 1, `weight` at least 0. "
                f"Received: horizon={horizon}, weight={weight}"
            )
        if reduction not in ("sum", "mean"):
            raise ValueError(names.unknown("reduction", reduction, ["mean", "sum"]))
        self.lens, self.horizon, self.weight = lens, horizon, weight
        self._error_weight = 1.0 if reduction == "sum" else 1.0 / math.prod(example)

    def players(self) -> dict[str, game.Player]:
        plain = super().players()
        critic = plain["critic"]._replace(
            loss=lambda batch, noise: self._critic_loss(
                batch | {"x": tf.stop_gradient(self._lensed(batch["x"], noise))}, noise
            )
        )
        return plain | {"critic": critic, "lens": game.Player((self.lens,), self._lens_loss)}

    def phases(self) -> dict[int, dict[str, game.Player]]:
        without = {} if self.horizon is None else {self.horizon: super().players()}
        return {0: self.players()} | without

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        shape = tuple(self.lens.input_shape[1:])
        return super().endpoints() | endpoints.transforming(
            "lens", lambda x: self.lens(x, training=False), shape, self.value_range
        )

    def _lensed(self, x, noise) -> tf.Tensor:
        with noise.section(LENS):
            return tf.cast(self.lens(x, training=True), tf.float32)

    def _weight(self) -> tf.Tensor:
        if self.horizon is None:
            return tf.constant(self.weight)
        return tempering.weight(tf.cast(self.step.value, tf.float32), self.horizon)

    def _lens_loss(self, batch, noise):
        x, x_fake, weight = batch["x"], self._fake(batch, noise), self._weight()
        x_lens = self._lensed(x, noise)
        error = tempering.squared_error(x, x_lens)
        logs = {
            "lens_weight": weight,
            "lens_error": error,
            "lens_distance": tf.norm(replicas.mean(x_lens) - replicas.mean(x_fake)),
        }
        seen = self._seen(x_lens, noise, critics.AUGMENTED_REAL)
        logits = self._logits(seen, *labels.of(batch))
        adversarial = tf.reduce_mean(self.loss.opponent_real(logits))
        return weight * adversarial + self._error_weight * error, logs
