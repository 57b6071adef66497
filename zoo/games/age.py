"""The adversarial generator-encoder: an encoder against a generator, without a critic."""

from typing import Literal

import keras
import tensorflow as tf

from zoo import gaussian, names, priors
from zoo.games import endpoints, game, hidden, own_networks, parts

FAKE = 1  # section of the draws of the encoder's pass over generated data


class AGE(game.Game):
    """An encoder against a generator, over the codes of generated images.

    encoder: KL(E(x)) - KL(E(G(z))) + data_weight * mean(|x - G(E(x))|)
    generator: KL(E(G(z))) + latent_weight * 0.5 * |z - E(G(z))|**2

    KL is that of a Gaussian, fitted to each coordinate of the codes of the whole batch, to N(0, 1).
    Codes and latents lie on the unit sphere in Z dimensions, where KL is at least
    (1 / Z + log(Z) - 1) / 2 a coordinate, reached by uniform codes: only differences matter.

    Real and generated batches pass through the encoder separately, and the moving statistics of its
    normalization are those of the real ones. Let the generator normalise each example by itself: KL
    of real less KL of generated does not change when all codes draw together, and a generator that
    normalises over the batch takes that back before the reconstruction can tell.

    Departs from the paper: both reductions are options, since formula and released code differ.

    Args:
        encoder: Built network, [B, ...] -> codes [B, Z]; they are scaled to length 1 here.
        generator: Built network, [B, Z] -> [B, ...] in `value_range`.
        prior: Uniform on the sphere; its size is Z, and a number is that size.
        generator_updates: Moves of the generator in a step, after the encoder's one.
        data_weight: Weight of the encoder's reconstruction error, a mean over features; the paper's
            mu.
        latent_weight: Weight of the generator's reconstruction error; the paper's lambda, in the
            units of the released code.
        reduction: Reduction of KL and of the latent error over coordinates: "mean", as in the
            released code, or "sum".
        official_code: Whether to take the variance for the deviation in KL, as the released code
            does by a slip. The best codes are the same.
        value_range: (low, high) of the examples; None for data without bounds.
        schedule: See `Game`.
        seed: See `Game`.

    Raises:
        ValueError: If shapes do not fit together, the prior is not on the sphere, or an option is
            none of the accepted.

    Reference: Ulyanov et al., 2017, equations 6 to 8 and section 3.3. arXiv:1704.02304;
        DmitryUlyanov/AGE
    """

    def __init__(
        self,
        *,
        encoder: keras.Model,
        generator: keras.Model,
        prior: priors.Prior,
        generator_updates: int = 2,
        data_weight: float = 10.0,
        latent_weight: float = 1000.0,
        reduction: Literal["mean", "sum"] = "mean",
        official_code: bool = False,
        value_range: tuple[float, float] | None = (-1.0, 1.0),
        schedule: str = "alternating",
        seed: int = 0,
    ):
        super().__init__(schedule=schedule, seed=seed)
        prior = parts.prior(prior, of_size=priors.sphere)
        generator = own_networks.functional("generator", generator, (prior.size,))
        encoder = own_networks.functional("encoder", encoder, generator.output_shape[1:])
        if (
            generator.input_shape[1:] != (prior.size,)
            or generator.output_shape[1:] != encoder.input_shape[1:]
        ):
            raise ValueError(
                f"`generator` must take latents [B, {prior.size}] and give what `encoder` takes. "
                f"Received: generator {generator.input_shape} -> {generator.output_shape}, encoder "
                f"from {encoder.input_shape}"
            )
        if encoder.output_shape[1:] != (prior.size,):
            raise ValueError(
                f"`encoder` must give codes [B, {prior.size}]. Received: {encoder.output_shape}"
            )
        two = prior.sample(_Fixed())
        if not bool(tf.reduce_all(tf.abs(tf.norm(two, axis=-1) - 1.0) < 1e-5)):
            raise ValueError(
                "`prior` must lie on the unit sphere, where codes are put. Received: another"
            )
        if generator_updates < 1:
            raise ValueError(
                f"`generator_updates` must be at least 1. Received: {generator_updates}"
            )
        if reduction not in ("mean", "sum"):
            raise ValueError(names.unknown("reduction", reduction, ["mean", "sum"]))
        self.encoder, self.generator, self.prior = encoder, generator, prior
        self.generator_updates = generator_updates
        self.data_weight, self.latent_weight = data_weight, latent_weight
        self.official_code, self.value_range = official_code, value_range
        self._over = tf.reduce_mean if reduction == "mean" else tf.reduce_sum

    def players(self) -> dict[str, game.Player]:
        return {
            "encoder": game.Player((self.encoder,), self._encoder_loss),
            "generator": game.Player(
                (self.generator,), self._generator_loss, self.generator_updates
            ),
        }

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        def encode(x):
            return {"z": self._code(x, training=False)}

        def decode(z):
            return self.generator(z, training=False)

        def score(x):  # the mean absolute error of a reconstruction, which the encoder minimises
            error = tf.abs(x - decode(encode(x)["z"]))
            return tf.reduce_mean(error, axis=list(range(1, error.shape.rank)))

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

    def _code(self, x, *, training: bool) -> tf.Tensor:
        return tf.math.l2_normalize(
            tf.cast(self.encoder(x, training=training), tf.float32), axis=-1
        )

    def _generated(self, z) -> tf.Tensor:
        return tf.cast(self.generator(z, training=True), tf.float32)

    def _kl(self, codes) -> tf.Tensor:
        return self._over(
            gaussian.batch_kl_to_standard_normal(codes, variance_for_std=self.official_code)
        )

    def _encoder_loss(self, batch, noise):
        x, x_fake = batch["x"], tf.stop_gradient(self._generated(self.prior.sample(noise)))
        codes = self._code(x, training=True)
        # moving statistics are those of data, which the encoder is given after training
        with keras.StatelessScope(), noise.section(FAKE):
            codes_fake = self._code(x_fake, training=True)
        real, fake = self._kl(codes), self._kl(codes_fake)
        error = tf.reduce_mean(tf.abs(x - self._generated(codes)))
        return real - fake + self.data_weight * error, {
            "kl_real": real,
            "kl_fake": fake,
            "reconstruction_error": error,
        }

    def _generator_loss(self, batch, noise):
        z = self.prior.sample(noise)
        x_fake = self._generated(z)
        with noise.section(FAKE):
            codes = self._code(x_fake, training=True)
        error = tf.reduce_mean(0.5 * self._over(tf.square(z - codes), axis=-1))
        return self._kl(codes) + self.latent_weight * error, {"latent_error": error}


class _Fixed:
    """A source of two fixed draws, to look at a prior with."""

    def normal(self, shape) -> tf.Tensor:
        return tf.stack([tf.fill(shape, 3.0), tf.fill(shape, -0.2)])

    uniform = normal
