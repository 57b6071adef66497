"""Adversarial variational Bayes: a variational autoencoder whose posterior may be any sampler."""

import keras
import tensorflow as tf

from zoo import contrasts, likelihoods, losses, priors, replicas
from zoo.games import endings, endpoints, game, hidden, latent_models, own_networks, parts

FLOOR = 1e-4  # of a posterior's variance before its root is taken: the released code's
POSTERIOR = 1  # section of the draws of the adversary's pass over draws of the posterior


class AVB(game.Game):
    """An adversary against an encoder with a decoder, over pairs of an example and its code.

    The adversary T tells a draw z of q(z | x) from a contrast; the autoencoder reads its KL term
    off the adversary.

    adversary: mean(softplus(-T(x, z))) + mean(softplus(T(x, z_contrast))), the same x in both
    autoencoder: mean(beta * log_ratio - log p(x | decoder(z)))

    where log_ratio = T(x, z) under the standard contrast. The gradient reaches the encoder through
    z alone. `elbo` is a bound on log p(x) where the adversary is at its best; until then it may be
    above log p(x).

    Departs from the paper: `beta`, and several moves of the adversary in a step; with their
    defaults it is Algorithm 1.

    Args:
        encoder: Built network with the inputs [x, noise]. A black box has one output, z [B, Z]. A
            sum of noise bases has three, [B, Z] and twice [B, K, Z]: the posterior is
            z = first + sum over k of second * third, the third a function of the noise alone.
        decoder: Built network, [B, Z] -> [B, ...], ending in a linear layer.
        adversary: Built network with the inputs [x, z], -> logits [B, 1].
        prior: p(z); its size is Z.
        likelihood: Likelihood of an example under the decoder's outputs, or the name of one.
        contrast: `contrasts.standard()`, or `contrasts.adaptive()`, which needs an encoder that is
            a sum of noise bases.
        beta: Weight of the KL term; 1 is the bound.
        binarize: Whether pixels in [0, 1] are probabilities of 0 or 1 drawn afresh in every move.
        adversary_updates: Moves of the adversary in a step.
        schedule: See `Game`; the released code takes both players' gradients before it moves
            either, and its notebook of the toy alternates with two moves of the adversary.
        seed: See `Game`.

    Raises:
        ValueError: If shapes do not fit together, the decoder or the adversary ends in an
            activation, or the contrast needs moments that there are not.

    Reference: Mescheder et al., 2017, Algorithm 1 and section 3.3. arXiv:1701.04722
    """

    def __init__(
        self,
        *,
        encoder: keras.Model,
        decoder: keras.Model,
        adversary: keras.Model,
        prior: priors.Prior,
        likelihood: likelihoods.Likelihood,
        contrast: contrasts.Contrast,
        beta: float = 1.0,
        binarize: bool = False,
        adversary_updates: int = 1,
        schedule: str = "simultaneous",
        seed: int = 0,
    ):
        super().__init__(schedule=schedule, seed=seed)
        prior = parts.prior(prior)
        likelihood = parts.part("likelihood", likelihoods.LIKELIHOODS, likelihood)
        contrast = parts.part("contrast", contrasts.CONTRASTS, contrast)
        encoder = own_networks.functional("encoder", encoder)
        decoder = own_networks.functional("decoder", decoder, (prior.size,))
        example = decoder.output_shape[1:]
        adversary = own_networks.functional("adversary", adversary, example, (prior.size,))
        if (
            len(encoder.inputs) != 2
            or len(encoder.outputs) not in (1, 3)
            or encoder.outputs[0].shape[1:] != (prior.size,)
        ):
            taken, given = ([tuple(t.shape) for t in e] for e in (encoder.inputs, encoder.outputs))
            raise ValueError(
                f"`encoder` must take [x, noise] and give latents [B, {prior.size}], or those and "
                f"bases. Received: {taken} -> {given}"
            )
        shape = tuple(encoder.inputs[0].shape[1:])
        latent_models.check(decoder, prior, shape, likelihood, binarize=binarize)
        taken = [tuple(t.shape[1:]) for t in adversary.inputs]
        if taken != [shape, (prior.size,)] or adversary.output_shape[1:] != (1,):
            raise ValueError(
                f"`adversary` must take {[shape, (prior.size,)]} and give [B, 1]. "
                f"Received: {taken} -> {adversary.output_shape}"
            )
        endings.check_linear("adversary", adversary, "since losses take logits")
        if contrast.needs_moments and len(encoder.outputs) == 1:
            raise ValueError(
                "This contrast needs the posterior's moments, which a sum of noise bases has. "
                "Received: a black-box encoder"
            )
        if adversary_updates < 1:
            raise ValueError(
                f"`adversary_updates` must be at least 1. Received: {adversary_updates}"
            )
        self.encoder, self.decoder, self.adversary = encoder, decoder, adversary
        self.prior, self.likelihood, self.contrast = prior, likelihood, contrast
        self.beta, self.binarize, self.adversary_updates = beta, binarize, adversary_updates
        self.noise_shape = tuple(encoder.inputs[1].shape[1:])

    def players(self) -> dict[str, game.Player]:
        return {
            "adversary": game.Player(
                (self.adversary,), self._adversary_loss, self.adversary_updates
            ),
            "autoencoder": game.Player((self.encoder, self.decoder), self._autoencoder_loss),
        }

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        def encode(x, noise):
            return {"z": self._posterior(x, noise, training=False)[0]}

        def decode(z):
            return self.likelihood.mean(self.decoder(z, training=False))

        def score(x, noise):
            return -self.latent_model().log_likelihood(x, encode(x, noise)["z"])

        value_range, shape = self.likelihood.value_range, tuple(self.encoder.inputs[0].shape[1:])
        return {
            **endpoints.generative(decode, self.prior, shape, value_range),
            **endpoints.inferential(
                encode,
                decode,
                score,
                shape,
                value_range,
                noise=self.noise_shape,
                features=hidden.features(self.encoder),
            ),
        }

    def latent_model(self) -> latent_models.LatentModel:
        """Returns the trained model for its evaluation."""

        def log_ratio(x, source):
            z, mean, std = self._posterior(x, source.normal(self.noise_shape), training=False)
            return z, self._log_ratio(x, z, mean, std, training=False)

        return latent_models.LatentModel(
            prior=self.prior,
            log_likelihood=lambda x, z: self.likelihood.log_prob(
                x, self.decoder(z, training=False)
            ),
            posterior=lambda x, source: self._posterior(
                x, source.normal(self.noise_shape), training=False
            )[0],
            log_ratio=log_ratio,
            exact=False,
            binarize=self.binarize,
        )

    def _posterior(self, x, noise, *, training: bool):
        """Returns a draw z and, of a sum of bases, its mean and std given x; None without."""
        outputs = self.encoder([x, noise], training=training)
        if len(self.encoder.outputs) == 1:
            return tf.cast(outputs, tf.float32), None, None
        first, weights, bases = (tf.cast(output, tf.float32) for output in outputs)
        center = replicas.mean(bases)  # over the batch: bases do not depend on x
        spread = replicas.mean(tf.square(bases - center))
        mean = first + tf.reduce_sum(weights * center, axis=1)
        variance = tf.reduce_sum(tf.square(weights) * spread, axis=1)
        return first + tf.reduce_sum(weights * bases, axis=1), mean, tf.sqrt(variance + FLOOR)

    def _logits(self, x, seen, *, training: bool) -> tf.Tensor:
        return tf.cast(self.adversary([x, seen], training=training), tf.float32)

    def _log_ratio(self, x, z, mean, std, *, training: bool) -> tf.Tensor:
        logits = self._logits(x, self.contrast.seen(z, mean, std), training=training)
        return self.contrast.log_ratio(logits, z, mean, std, self.prior)

    def _start(self, x, noise):
        x = latent_models.binary(x, noise) if self.binarize else x
        return x, *self._posterior(x, noise.normal(self.noise_shape), training=True)

    def _adversary_loss(self, batch, noise):
        x, z, mean, std = self._start(batch["x"], noise)
        seen = tf.stop_gradient(self.contrast.seen(z, mean, std))
        with noise.section(POSTERIOR):
            posterior = self._logits(x, seen, training=True)
        other = self._logits(x, self.contrast.other(self.prior, noise), training=True)
        loss = losses.minimax()
        logs = {"adversary_accuracy": tf.reduce_mean(tf.cast(posterior > other, tf.float32))}
        return tf.reduce_mean(loss.critic_real(posterior)) + tf.reduce_mean(
            loss.critic_fake(other)
        ), logs

    def _autoencoder_loss(self, batch, noise):
        x, z, mean, std = self._start(batch["x"], noise)
        outputs = tf.cast(self.decoder(z, training=True), tf.float32)
        log_likelihood = tf.reduce_mean(self.likelihood.log_prob(x, outputs))
        with noise.section(POSTERIOR):
            kl = tf.reduce_mean(self._log_ratio(x, z, mean, std, training=True))
        return self.beta * kl - log_likelihood, {
            "log_likelihood": log_likelihood,
            "kl": kl,
            "elbo": log_likelihood - kl,
        }
