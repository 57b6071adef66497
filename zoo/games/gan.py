"""The generative adversarial network: a critic against a generator, for every adversarial loss."""

import keras
import tensorflow as tf

from zoo import constraints, losses, penalties, priors
from zoo.games import critics, endpoints, game


class GAN(game.Game):
    """Critic and generator; the critic moves `critic_updates` times, each on fresh data and latents, then the generator.

    critic: mean(critic_real(D(x))) + mean(critic_fake(D(G(z)))) + penalty
    generator: mean(opponent_fake(D(G(z))))

    Real and generated batches pass through the critic separately, so their batch statistics stay apart. Dropout in the
    critic is on in the generator's moves too, as in the first GAN's released code.

    Args:
        generator: Built network, [B, Z] -> [B, ...] in `value_range`.
        critic: Built network, [B, ...] -> logits [B, 1].
        prior: Of the latents; its size is Z.
        loss: Any `AdversarialLoss`.
        penalty: On the critic's slope; the critic must then not have BatchNormalization, which mixes examples.
        constraint: On the critic's weights.
        critic_updates: k, or n_critic.
        value_range: (low, high) of images; None for data without bounds.
        schedule: See `Game`.
        seed: See `Game`.

    Raises:
        ValueError: If shapes do not fit together or a penalty meets BatchNormalization.

    Reference: Goodfellow et al., 2014, Algorithm 1. arXiv:1406.2661
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
        critic_updates: int = 1,
        value_range: tuple[float, float] | None = (-1.0, 1.0),
        schedule: str = "alternating",
        seed: int = 0,
    ):
        super().__init__(schedule=schedule, seed=seed)
        if generator.input_shape[1:] != (prior.size,):
            raise ValueError(
                f"`generator` must take latents of the prior, [B, {prior.size}]. Received: {generator.input_shape}"
            )
        if generator.output_shape[1:] != critic.input_shape[1:]:
            shapes = f"generator to {generator.output_shape}, critic from {critic.input_shape}"
            raise ValueError(f"`critic` must take what `generator` makes. Received: {shapes}")
        if critic.output_shape[1:] != (1,):
            raise ValueError(
                f"`critic` must end in one logit an example, [B, 1]. Received: {critic.output_shape}"
            )
        if penalty is not None and any(
            isinstance(layer, keras.layers.BatchNormalization) for layer in _layers(critic)
        ):
            raise ValueError(
                "A penalty needs a critic that treats each example by itself (layer or no normalization). Received: BatchNormalization"
            )
        if critic_updates < 1:
            raise ValueError(f"`critic_updates` must be at least 1. Received: {critic_updates}")
        self.generator = generator
        self.critic = constraint(critic) if constraint else critic
        self.prior, self.loss, self.penalty = prior, loss, penalty
        self.critic_updates, self.value_range = critic_updates, value_range

    def players(self) -> dict[str, game.Player]:
        return {
            "critic": game.Player((self.critic,), self._critic_loss, self.critic_updates),
            "generator": game.Player((self.generator,), self._generator_loss),
        }

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        return {
            **endpoints.generative(
                lambda z: self.generator(z, training=False), self.prior, self.value_range
            ),
            **endpoints.featural(
                self.critic, tuple(self.generator.output_shape[1:]), self.value_range
            ),
        }

    def _fake(self, noise) -> tf.Tensor:
        return self.generator(self.prior.sample(noise), training=True)

    def _logits(self, x: tf.Tensor) -> tf.Tensor:
        return tf.cast(self.critic(x, training=True), tf.float32)

    def _critic_loss(self, batch, noise):
        x, x_fake = batch["x"], tf.stop_gradient(self._fake(noise))
        logits_real, logits_fake = self._logits(x), self._logits(x_fake)
        loss, logs = critics.loss(self.loss, logits_real, logits_fake)
        if self.penalty is not None:
            logs["penalty"] = self.penalty(self._logits, x, x_fake, noise)
            loss += logs["penalty"]
        return loss, logs

    def _generator_loss(self, batch, noise):
        return tf.reduce_mean(self.loss.opponent_fake(self._logits(self._fake(noise)))), {}


def _layers(network: keras.Model) -> list[keras.Layer]:
    return [
        inner
        for layer in network.layers
        for inner in ([layer, *_layers(layer)] if isinstance(layer, keras.Model) else [layer])
    ]
