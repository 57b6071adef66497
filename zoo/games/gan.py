"""The generative adversarial network: a critic against a generator, for every adversarial loss."""

import keras
import tensorflow as tf

from zoo import augmentations, constraints, losses, penalties, priors
from zoo.games import critics, endings, endpoints, game, labels, own_networks, parts

FAKE = 1  # section of the draws of the critic's pass over generated data


class GAN(game.Game):
    """A critic against a generator, over examples that are data or generated.

    In a step the critic moves `critic_updates` times, each time on fresh data and latents; then the
    generator moves once.

    critic: mean(critic_real(D(x))) + mean(critic_fake(D(G(z)))) + penalty
    generator: mean(opponent_fake(D(G(z))))

    Real and generated batches pass through the critic separately, so their batch statistics stay
    apart. Dropout in the critic is on in the generator's moves too. In the simultaneous schedule
    its masks are those of the critic's own pass over generated data, as in the first GAN's released
    code, which makes one pass for both players.

    With an `augmentation` T, the critic sees T(x) and T(G(z)) in the place of x and G(z), in the
    generator's moves and in the penalty too.

    With `classes`, batches hold labels too, and both networks take them: G(z, label), D(x, label)
    and D(G(z, label), label), with the labels of the player's own batch. A penalty is on the slope
    by x at fixed labels.

    Departs from the paper: the generator's loss is whatever `loss` says, and data may be of any
    kind; a penalty or a constraint makes it WGAN-GP, SNGAN and others.

    Args:
        generator: Built network, [B, Z] -> [B, ...] in `value_range`; with `classes`, of
            [z, label].
        critic: Built network, [B, ...] -> logits [B, 1]; with `classes`, of [x, label].
        prior: Distribution of the latents; its size is Z. A number is the size of N(0, I).
        loss: Any `AdversarialLoss`, or the name of one in `losses.LOSSES`.
        penalty: Penalty on the critic's slope, or the name of one; the critic must then not have
            BatchNormalization, which mixes examples.
        constraint: Constraint on the critic's weights, or the name of one.
        augmentation: Change of every image that the critic sees, or the name of one; what the game
            samples and exports does not have it.
        critic_updates: Moves of the critic in a step; the papers' k or n_critic.
        value_range: (low, high) of the examples; None for data without bounds.
        classes: Number of classes of a conditional game, whose labels are integers [B] in
            [0, classes); None for a game without labels. In a config this is `conditional=True`.
        schedule: See `Game`.
        seed: See `Game`.

    Raises:
        ValueError: If shapes do not fit together, the critic ends in an activation, or a penalty
            meets BatchNormalization.

    Reference: Goodfellow et al., 2014, Algorithm 1. arXiv:1406.2661; with labels, Mirza and
        Osindero, 2014, equation 2. arXiv:1411.1784
    """

    def __init__(
        self,
        *,
        generator: keras.Model,
        critic: keras.Model,
        prior: priors.Prior,
        loss: losses.AdversarialLoss,
        penalty: penalties.Penalty | None = None,
        constraint: constraints.Constraint | None = None,
        augmentation: augmentations.Augmentation | None = None,
        critic_updates: int = 1,
        value_range: tuple[float, float] | None = (-1.0, 1.0),
        classes: int | None = None,
        schedule: str = "alternating",
        seed: int = 0,
    ):
        super().__init__(schedule=schedule, seed=seed)
        prior, loss = parts.prior(prior), parts.part("loss", losses.LOSSES, loss)
        penalty = parts.part("penalty", penalties.PENALTIES, penalty)
        constraint = parts.part("constraint", constraints.CONSTRAINTS, constraint)
        table = augmentations.table(value_range)
        self.augmentation = parts.part("augmentation", table, augmentation)
        second = () if classes is None else ((),)
        generator = own_networks.functional("generator", generator, (prior.size,), *second)
        critic = own_networks.functional("critic", critic, generator.output_shape[1:], *second)
        labels.check("generator", generator, (prior.size,), classes, "latents of the prior")
        example = tuple(generator.output_shape[1:])
        labels.check("critic", critic, example, classes, "what `generator` makes")
        if critic.output_shape[1:] != (1,):
            raise ValueError(
                "`critic` must end in one logit an example, [B, 1]. "
                f"Received: {critic.output_shape}"
            )
        endings.check_linear("critic", critic, "since losses take logits")
        if penalty is not None:
            critics.check_separate(critic)
        if critic_updates < 1:
            raise ValueError(f"`critic_updates` must be at least 1. Received: {critic_updates}")
        self.generator = generator
        self.critic = constraint(critic) if constraint else critic
        self.prior, self.loss, self.penalty = prior, loss, penalty
        self.critic_updates, self.value_range = critic_updates, value_range
        self._classes = classes
        if classes is not None:
            self.inputs = ("x", "label")

    def players(self) -> dict[str, game.Player]:
        return {
            "critic": game.Player((self.critic,), self._critic_loss, self.critic_updates),
            "generator": game.Player((self.generator,), self._generator_loss),
        }

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        def decode(z, *label):
            return self.generator(labels.given(z, *label), training=False)

        example = tuple(self.generator.output_shape[1:])
        options = {"classes": self._classes}
        return {
            **endpoints.generative(decode, self.prior, example, self.value_range, **options),
            **endpoints.featural(self.critic, example, self.value_range, **options),
        }

    def references(self) -> dict[str, float]:
        at = losses.undecided(self.loss)
        known = {} if self.penalty is not None else {"critic_loss": at.critic}
        if at.opponent_fake is not None:
            known["generator_loss"] = at.opponent_fake
        return known

    def _fake(self, batch, noise) -> tf.Tensor:
        z = self.prior.sample(noise)
        return self.generator(labels.given(z, *labels.of(batch)), training=True)

    def _seen(self, x: tf.Tensor, noise, section: int) -> tf.Tensor:
        return critics.seen(self.augmentation, x, noise, section)

    def _logits(self, x: tf.Tensor, *label: tf.Tensor) -> tf.Tensor:
        return tf.cast(self.critic(labels.given(x, *label), training=True), tf.float32)

    def _logits_fake(self, x_fake: tf.Tensor, batch, noise) -> tf.Tensor:
        with noise.section(FAKE):
            return self._logits(x_fake, *labels.of(batch))

    def _critic_loss(self, batch, noise):
        def logits(x):
            return self._logits(x, *labels.of(batch))

        x = self._seen(batch["x"], noise, critics.AUGMENTED_REAL)
        x_fake = self._seen(
            tf.stop_gradient(self._fake(batch, noise)), noise, critics.AUGMENTED_FAKE
        )
        loss, logs = critics.loss(self.loss, logits(x), self._logits_fake(x_fake, batch, noise))
        if self.penalty is not None:
            logs["penalty"] = self.penalty(logits, x, x_fake, noise)
            loss += logs["penalty"]
        return loss, logs

    def _generator_loss(self, batch, noise):
        x_fake = self._seen(self._fake(batch, noise), noise, critics.AUGMENTED_FAKE)
        logits = self._logits_fake(x_fake, batch, noise)
        return tf.reduce_mean(self.loss.opponent_fake(logits)), {}
