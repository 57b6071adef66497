"""The variational autoencoder."""

import keras
import tensorflow as tf

from zoo import gaussian, likelihoods, priors
from zoo.games import endpoints, game, latent_models


class VAE(game.Game):
    """Encoder and decoder, who move as one player.

    autoencoder: mean(-log p(x | decoder(z)) + beta * KL(q(z | x) || N(0, I))), z = mean + std * eps, q = N(mean, std**2)

    It reports `elbo`, the bound on log p(x) in nats (with beta 1, whatever beta is), and its two parts.

    Args:
        encoder: Built network, [B, ...] -> [B, 2 Z]: the mean and the log variance of q, side by side.
        decoder: Built network, [B, Z] -> [B, ...], ending in a linear layer.
        prior: N(0, I); its size is Z.
        likelihood: Of an example under the decoder's outputs.
        beta: Weight of the KL term; 1 is the bound.
        binarize: Whether pixels in [0, 1] are probabilities of 0 or 1 drawn afresh in every step, as binarized MNIST is made.
        schedule: See `Game`.
        seed: See `Game`.

    Raises:
        ValueError: If shapes do not fit together, the decoder ends in an activation, or the prior is another.

    Reference: Kingma and Welling, 2014, equation 10. arXiv:1312.6114; beta: Higgins et al., 2017.
    """

    def __init__(
        self,
        *,
        encoder: keras.Model,
        decoder: keras.Model,
        prior: priors.Prior,
        likelihood: likelihoods.Likelihood,
        beta: float = 1.0,
        binarize: bool = False,
        schedule: str = "alternating",
        seed: int = 0,
    ):
        super().__init__(schedule=schedule, seed=seed)
        if encoder.output_shape[1:] != (2 * prior.size,):
            raise ValueError(
                f"`encoder` must give a mean and a log variance, [B, {2 * prior.size}]. Received: {encoder.output_shape}"
            )
        latent_models.check(decoder, prior, encoder.input_shape[1:], likelihood, binarize=binarize)
        point = tf.ones([1, prior.size])
        if (
            abs(float(prior.log_prob(point)[0] - priors.normal(prior.size).log_prob(point)[0]))
            > 1e-3
        ):
            raise ValueError(
                "`prior` must be N(0, I), to which the KL has its closed form. Received: another"
            )
        self.encoder, self.decoder = encoder, decoder
        self.prior, self.likelihood, self.beta, self.binarize = prior, likelihood, beta, binarize

    def players(self) -> dict[str, game.Player]:
        return {"autoencoder": game.Player((self.encoder, self.decoder), self._loss)}

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        def encode(x):
            mean, log_variance = self._posterior(x, training=False)
            return {"mean": mean, "std": tf.exp(0.5 * log_variance)}

        def decode(z):
            return self.likelihood.mean(self.decoder(z, training=False))

        def score(x):
            mean, log_variance = self._posterior(x, training=False)
            log_prob = self.likelihood.log_prob(x, self.decoder(mean, training=False))
            return gaussian.kl_to_standard_normal(mean, log_variance) - log_prob

        value_range, shape = self.likelihood.value_range, self.encoder.input_shape[1:]
        return {
            **endpoints.generative(decode, self.prior, value_range),
            **endpoints.inferential(
                encode, decode, score, shape, value_range, features=endpoints.hidden(self.encoder)
            ),
            **endpoints.featural(self.encoder, shape, value_range),
        }

    def latent_model(self) -> latent_models.LatentModel:
        """Returns the trained model for its evaluation."""

        def log_ratio(x, source):
            mean, log_variance = self._posterior(x, training=False)
            z = mean + tf.exp(0.5 * log_variance) * source.normal((self.prior.size,))
            return z, gaussian.log_prob(z, mean, log_variance) - self.prior.log_prob(z)

        return latent_models.LatentModel(
            prior=self.prior,
            log_likelihood=lambda x, z: self.likelihood.log_prob(
                x, self.decoder(z, training=False)
            ),
            posterior=lambda x, source: log_ratio(x, source)[0],
            log_ratio=log_ratio,
            exact=True,
            binarize=self.binarize,
        )

    def _posterior(self, x: tf.Tensor, *, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        mean, log_variance = tf.split(
            tf.cast(self.encoder(x, training=training), tf.float32), 2, axis=-1
        )
        return mean, log_variance

    def _loss(self, batch, noise):
        x = latent_models.binary(batch["x"], noise) if self.binarize else batch["x"]
        mean, log_variance = self._posterior(x, training=True)
        z = mean + tf.exp(0.5 * log_variance) * noise.normal((self.prior.size,))
        outputs = tf.cast(self.decoder(z, training=True), tf.float32)
        log_likelihood = tf.reduce_mean(self.likelihood.log_prob(x, outputs))
        kl = tf.reduce_mean(gaussian.kl_to_standard_normal(mean, log_variance))
        return self.beta * kl - log_likelihood, {
            "log_likelihood": log_likelihood,
            "kl": kl,
            "elbo": log_likelihood - kl,
        }
