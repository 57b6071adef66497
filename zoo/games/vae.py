"""The variational autoencoder."""

from typing import Literal

import keras
import tensorflow as tf

from zoo import gaussian, likelihoods, names, priors
from zoo.games import endpoints, game, hidden, labels, latent_models, own_networks, parts

KLS = ("analytic", "monte_carlo")


class VAE(game.Game):
    """One player, an encoder with a decoder, over the bound on the likelihood of data.

    autoencoder: mean(-log p(x | decoder(z)) + beta * KL(q(z | x) || N(0, I)))

    where z = mean + std * eps and q = N(mean, std**2). With kl="monte_carlo" the divergence is not
    its closed form but the draw's 0.5 * sum(z**2 - 1) - sum(log(std)), whose mean it is. With
    `classes`, batches hold labels too, and both networks take them: q(z | x, label) and
    p(x | z, label).

    Logs: `elbo`, the bound on log p(x) in nats (with beta 1, whatever beta is), and its two parts.

    Departs from the papers: with labels p(z | label) is N(0, I), where Sohn et al. learn it.

    Args:
        encoder: Built network, [B, ...] -> [B, 2 Z]: the mean of q, then its log variance; with
            `classes`, of [x, label].
        decoder: Built network, [B, Z] -> [B, ...], ending in a linear layer; with `classes`, of
            [z, label].
        prior: N(0, I); its size is Z, and a number is that size.
        likelihood: Likelihood of an example under the decoder's outputs, or the name of one.
        beta: Weight of the KL term; 1 is the bound.
        kl: "analytic", or "monte_carlo" for the value at the draw z, which has the same mean and
            the same mean gradient.
        binarize: Whether pixels in [0, 1] are probabilities of 0 or 1 that are drawn afresh in
            every step, as binarized MNIST is made.
        classes: Number of classes of a conditional model, whose labels are integers [B] in
            [0, classes); None for a model without labels. In a config this is `conditional=True`.
        schedule: See `Game`.
        seed: See `Game`.

    Raises:
        ValueError: If shapes do not fit together, the decoder ends in an activation, or the prior
            or `kl` is another.

    Reference: Kingma and Welling, 2014, equation 10. arXiv:1312.6114; beta: Higgins et al., 2017.
        With labels, Sohn et al., 2015, equation 4, NeurIPS, with the label for the paper's x and
        the example for its y.
    """

    def __init__(
        self,
        *,
        encoder: keras.Model,
        decoder: keras.Model,
        prior: priors.Prior,
        likelihood: likelihoods.Likelihood,
        beta: float = 1.0,
        kl: Literal["analytic", "monte_carlo"] = "analytic",
        binarize: bool = False,
        classes: int | None = None,
        schedule: str = "alternating",
        seed: int = 0,
    ):
        super().__init__(schedule=schedule, seed=seed)
        prior = parts.prior(prior)
        likelihood = parts.part("likelihood", likelihoods.LIKELIHOODS, likelihood)
        second = () if classes is None else ((),)
        decoder = own_networks.functional("decoder", decoder, (prior.size,), *second)
        encoder = own_networks.functional("encoder", encoder, decoder.output_shape[1:], *second)
        if encoder.output_shape[1:] != (2 * prior.size,):
            raise ValueError(
                f"`encoder` must give a mean and a log variance, [B, {2 * prior.size}]. "
                f"Received: {encoder.output_shape}"
            )
        example = tuple(encoder.inputs[0].shape[1:])
        labels.check("encoder", encoder, example, classes, "examples")
        latent_models.check(decoder, prior, example, likelihood, binarize=binarize, classes=classes)
        point = tf.ones([1, prior.size])
        densities = [p.log_prob(point)[0] for p in (prior, priors.normal(prior.size))]
        if abs(float(densities[0] - densities[1])) > 1e-3:
            raise ValueError(
                "`prior` must be N(0, I), to which the KL has its closed form. Received: another"
            )
        self.encoder, self.decoder = encoder, decoder
        if kl not in KLS:
            raise ValueError(names.unknown("kl", kl, KLS))
        self.prior, self.likelihood, self.beta, self.binarize = prior, likelihood, beta, binarize
        self.kl = kl
        self._classes = classes
        if classes is not None:
            self.inputs = ("x", "label")

    def players(self) -> dict[str, game.Player]:
        return {"autoencoder": game.Player((self.encoder, self.decoder), self._loss)}

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        def encode(x, *label):
            mean, log_variance = self._posterior(x, *label, training=False)
            return {"mean": mean, "std": tf.exp(0.5 * log_variance)}

        def decode(z, *label):
            return self.likelihood.mean(self._outputs(z, *label, training=False))

        def score(x, *label):
            mean, log_variance = self._posterior(x, *label, training=False)
            log_prob = self.likelihood.log_prob(x, self._outputs(mean, *label, training=False))
            return gaussian.kl_to_standard_normal(mean, log_variance) - log_prob

        value_range, shape = self.likelihood.value_range, tuple(self.encoder.inputs[0].shape[1:])
        options = {"classes": self._classes}
        features = hidden.features(self.encoder)
        return {
            **endpoints.generative(decode, self.prior, shape, value_range, **options),
            **endpoints.inferential(
                encode, decode, score, shape, value_range, features=features, **options
            ),
            **endpoints.featural(self.encoder, shape, value_range, **options),
        }

    def latent_model(self, label: int | None = None) -> latent_models.LatentModel:
        """Returns the trained model for its evaluation.

        Args:
            label: Class of all examples, which a conditional model needs; what is bounded is then
                log p(x | label).

        Raises:
            ValueError: If `label` is not one of the classes, or is given to a model without.
        """
        valid = [None] if self._classes is None else range(self._classes)
        if label not in valid:
            expected = "None" if self._classes is None else f"in [0, {self._classes})"
            raise ValueError(f"`label` must be {expected}. Received: {label}")

        def of_class(x):
            return (
                () if label is None else (tf.fill(tf.shape(x)[:1], tf.constant(label, tf.int64)),)
            )

        def log_ratio(x, source):
            mean, log_variance = self._posterior(x, *of_class(x), training=False)
            z = mean + tf.exp(0.5 * log_variance) * source.normal((self.prior.size,))
            return z, gaussian.log_prob(z, mean, log_variance) - self.prior.log_prob(z)

        return latent_models.LatentModel(
            prior=self.prior,
            log_likelihood=lambda x, z: self.likelihood.log_prob(
                x, self._outputs(z, *of_class(z), training=False)
            ),
            posterior=lambda x, source: log_ratio(x, source)[0],
            log_ratio=log_ratio,
            exact=True,
            binarize=self.binarize,
        )

    def _posterior(
        self, x: tf.Tensor, *label: tf.Tensor, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        statistics = self.encoder(labels.given(x, *label), training=training)
        mean, log_variance = tf.split(tf.cast(statistics, tf.float32), 2, axis=-1)
        return mean, log_variance

    def _outputs(self, z: tf.Tensor, *label: tf.Tensor, training: bool) -> tf.Tensor:
        return tf.cast(self.decoder(labels.given(z, *label), training=training), tf.float32)

    def _loss(self, batch, noise):
        x = latent_models.binary(batch["x"], noise) if self.binarize else batch["x"]
        label = labels.of(batch)
        mean, log_variance = self._posterior(x, *label, training=True)
        z = mean + tf.exp(0.5 * log_variance) * noise.normal((self.prior.size,))
        outputs = self._outputs(z, *label, training=True)
        log_likelihood = tf.reduce_mean(self.likelihood.log_prob(x, outputs))
        kl = tf.reduce_mean(
            gaussian.kl_to_standard_normal(mean, log_variance)
            if self.kl == "analytic"
            else gaussian.drawn_kl_to_standard_normal(z, log_variance)
        )
        return self.beta * kl - log_likelihood, {
            "log_likelihood": log_likelihood,
            "kl": kl,
            "elbo": log_likelihood - kl,
        }
