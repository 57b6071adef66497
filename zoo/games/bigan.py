"""Bidirectional adversarial nets: a generator and an encoder become each other's inverse."""

import keras
import tensorflow as tf

from zoo import augmentations, losses, priors
from zoo.games import critics, endings, endpoints, game, hidden, own_networks, parts


class BiGAN(game.Game):
    """A critic against a generator with an encoder, over pairs of an example and a code.

    Generator and encoder move as one player, with one loss.

    critic: mean(critic_real(D(x, E(x)))) + mean(critic_fake(D(G(z), z)))
    generator: mean(opponent_real(D(x, E(x)))) + mean(opponent_fake(D(G(z), z)))

    Real and generated pairs pass through the critic separately, so their batch statistics stay
    apart. An encoder that gives a mean and a log variance is ALI's: its codes are drawn,
    mean + std * eps.

    Departs from the paper: the loss may be any, and its `opponent_real` is the encoder's.

    Args:
        generator: Built network, [B, Z] -> [B, ...] in `value_range`.
        encoder: Built network, [B, ...] -> codes [B, Z]; or [B, 2 Z], the mean of a code, then its
            log variance.
        critic: Built network with the inputs [x, z], -> logits [B, 1].
        prior: Distribution of the latents; its size is Z. A number is the size of N(0, I).
        loss: Any `AdversarialLoss`, or the name of one in `losses.LOSSES`.
        augmentation: Change of every image that the critic sees, or the name of one, as in `GAN`;
            the encoder sees the image itself.
        value_range: (low, high) of the examples; None for data without bounds.
        schedule: See `Game`; the paper's takes both players' gradients before it moves either.
        seed: See `Game`.

    Raises:
        ValueError: If shapes do not fit together, or the critic ends in an activation.

    Reference: Donahue et al., 2017, equation 3 and section 3.4. arXiv:1605.09782; Dumoulin et al.,
        2017, Algorithm 1. arXiv:1606.00704
    """

    def __init__(
        self,
        *,
        generator: keras.Model,
        encoder: keras.Model,
        critic: keras.Model,
        prior: priors.Prior,
        loss: losses.AdversarialLoss,
        augmentation: augmentations.Augmentation | None = None,
        value_range: tuple[float, float] | None = (-1.0, 1.0),
        schedule: str = "simultaneous",
        seed: int = 0,
    ):
        super().__init__(schedule=schedule, seed=seed)
        prior, loss = parts.prior(prior), parts.part("loss", losses.LOSSES, loss)
        generator = own_networks.functional("generator", generator, (prior.size,))
        shape = tuple(generator.output_shape[1:])
        encoder = own_networks.functional("encoder", encoder, shape)
        critic = own_networks.functional("critic", critic, shape, (prior.size,))
        shape = tuple(encoder.input_shape[1:])
        if generator.input_shape[1:] != (prior.size,) or tuple(generator.output_shape[1:]) != shape:
            raise ValueError(
                f"`generator` must take latents [B, {prior.size}] and give what `encoder` takes. "
                f"Received: generator {generator.input_shape} -> {generator.output_shape}, encoder "
                f"from {encoder.input_shape}"
            )
        if encoder.output_shape[1:] not in ((prior.size,), (2 * prior.size,)):
            raise ValueError(
                f"`encoder` must give codes [B, {prior.size}], or means and log variances. "
                f"Received: {encoder.output_shape}"
            )
        taken = [tuple(t.shape[1:]) for t in critic.inputs]
        if taken != [shape, (prior.size,)] or critic.output_shape[1:] != (1,):
            raise ValueError(
                f"`critic` must take {[shape, (prior.size,)]} and give [B, 1]. "
                f"Received: {taken} -> {critic.output_shape}"
            )
        endings.check_linear("critic", critic, "since losses take logits")
        self.generator, self.encoder, self.critic = generator, encoder, critic
        self.prior, self.loss, self.value_range = prior, loss, value_range
        table = augmentations.table(value_range)
        self.augmentation = parts.part("augmentation", table, augmentation)
        self.stochastic = encoder.output_shape[1:] == (2 * prior.size,)

    def players(self) -> dict[str, game.Player]:
        return {
            "critic": game.Player((self.critic,), self._critic_loss),
            "generator": game.Player((self.generator, self.encoder), self._generator_loss),
        }

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        def encode(x):
            mean, std = self._code(x, training=False)
            return {"mean": mean, "std": std} if self.stochastic else {"z": mean}

        def decode(z):
            return self.generator(z, training=False)

        def score(x):  # the squared error of a reconstruction, over features
            error = tf.square(x - decode(self._code(x, training=False)[0]))
            return tf.reduce_sum(error, axis=list(range(1, error.shape.rank)))

        shape = tuple(self.encoder.input_shape[1:])
        return {
            **endpoints.generative(decode, self.prior, shape, self.value_range),
            **endpoints.inferential(
                encode,
                decode,
                score,
                shape,
                self.value_range,
                features=hidden.features(self.encoder),
            ),
            **endpoints.featural(self.encoder, shape, self.value_range),
        }

    def references(self) -> dict[str, float]:
        at = losses.undecided(self.loss)
        known = {"critic_loss": at.critic}
        if at.opponent_fake is not None:
            known["generator_loss"] = at.opponent_real + at.opponent_fake
        return known

    def _code(self, x, *, training: bool) -> tuple[tf.Tensor, tf.Tensor | None]:
        outputs = tf.cast(self.encoder(x, training=training), tf.float32)
        if not self.stochastic:
            return outputs, None
        mean, log_variance = tf.split(outputs, 2, axis=-1)
        return mean, tf.exp(0.5 * log_variance)

    def _pairs(self, x, noise) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        z = self.prior.sample(noise)
        mean, std = self._code(x, training=True)
        code = mean + std * noise.normal((self.prior.size,)) if self.stochastic else mean
        x_fake = tf.cast(self.generator(z, training=True), tf.float32)
        x = critics.seen(self.augmentation, x, noise, critics.AUGMENTED_REAL)
        x_fake = critics.seen(self.augmentation, x_fake, noise, critics.AUGMENTED_FAKE)
        return [x, code], [x_fake, z]

    def _logits(self, pair: list[tf.Tensor]) -> tf.Tensor:
        return tf.cast(self.critic(pair, training=True), tf.float32)

    def _critic_loss(self, batch, noise):
        pairs = self._pairs(batch["x"], noise)
        real, fake = ([tf.stop_gradient(part) for part in pair] for pair in pairs)
        return critics.loss(self.loss, self._logits(real), self._logits(fake))

    def _generator_loss(self, batch, noise):
        real, fake = self._pairs(batch["x"], noise)
        loss = tf.reduce_mean(self.loss.opponent_real(self._logits(real))) + tf.reduce_mean(
            self.loss.opponent_fake(self._logits(fake))
        )
        return loss, {}
