"""The hand-written step of a variational autoencoder."""

import tensorflow as tf

from by_hand import gan, steps


class VAE(steps.Step):
    """An encoder with a decoder, on pixels in [0, 1].

    Args:
        networks: The encoder and the decoder by name.
        players: See `steps.Step`.
        draws: See `steps.Step`.
        size: Length of a latent.
        analytic: Whether the KL term is its closed form, and not its value at the draw.
        binarize: Whether pixels are probabilities of 0 or 1.
        beta: Weight of the KL term.
        all_logs: See `steps.Step`.
    """

    def __init__(
        self, networks, players, draws, *, size, analytic, binarize, beta=1.0, all_logs=True
    ):
        super().__init__(players, draws, logs=["log_likelihood", "kl", "elbo"], all_logs=all_logs)
        self.encoder, self.decoder, self.size = networks["encoder"], networks["decoder"], size
        self.analytic, self.binarize, self.beta = analytic, binarize, beta

    def step(self, batch):
        source = self.draws.of_move(0, 0)
        with source.current(), self.tape("autoencoder") as tape:
            x = steps.binary(batch["x"], source) if self.binarize else batch["x"]
            statistics = self.encoder(gan.given(x, batch), training=True)
            mean, log_variance = tf.split(statistics, 2, axis=-1)
            z = mean + tf.exp(0.5 * log_variance) * source.normal((self.size,))
            likelihood = steps.log_likelihood(x, self.decoder(gan.given(z, batch), training=True))
            squares = tf.exp(log_variance) + tf.square(mean) if self.analytic else tf.square(z)
            kl = 0.5 * tf.reduce_mean(tf.reduce_sum(squares - 1.0 - log_variance, axis=-1))
            loss = self.beta * kl - likelihood
        logs = {"log_likelihood": likelihood, "kl": kl, "elbo": likelihood - kl}
        self.apply("autoencoder", self.gradients(tape, "autoencoder", loss, logs))
        return logs


def of(game, options: dict, draws, *, all_logs: bool) -> VAE | None:
    """Returns the peer of a game, or None if this step cannot compute it."""
    if options["likelihood"].name != "bernoulli":
        return None
    chosen = {"size": game.prior.size, "analytic": game.kl == "analytic"}
    chosen |= {"binarize": game.binarize, "beta": game.beta, "all_logs": all_logs}
    return VAE(*steps.copies(game), draws, **chosen)
