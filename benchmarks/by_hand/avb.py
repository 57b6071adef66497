"""The hand-written step of adversarial variational Bayes."""

import tensorflow as tf

from by_hand import steps

POSTERIOR = 1  # section of the game's draws
FLOOR = 1e-4  # added to a posterior's variance


class AVB(steps.Step):
    """An adversary against an encoder with a decoder, in turns or on one forward pass.

    Args:
        networks: The encoder, the decoder and the adversary by name.
        players: See `steps.Step`.
        draws: See `steps.Step`.
        noise: Shape of the encoder's noise.
        size: Length of a latent.
        adaptive: Whether the contrast is adaptive; otherwise it is the standard one.
        binarize: Whether pixels are probabilities of 0 or 1.
        updates: Moves of the adversary in a step.
        simultaneous: Whether both players move on one forward pass.
        all_logs: See `steps.Step`.
    """

    def __init__(
        self,
        networks,
        players,
        draws,
        *,
        noise,
        size,
        adaptive,
        binarize,
        updates,
        simultaneous,
        all_logs=True,
    ):
        names = ["adversary_accuracy", "log_likelihood", "kl", "elbo"]
        super().__init__(players, draws, logs=names, all_logs=all_logs)
        self.encoder, self.decoder = networks["encoder"], networks["decoder"]
        self.adversary, self.noise, self.size = networks["adversary"], noise, size
        self.adaptive, self.binarize = adaptive, binarize
        self.updates, self.simultaneous = updates, simultaneous

    def start(self, x, source):
        """Returns the pixels, draws of the posterior, and what log r(z | x) - log p(z) needs."""
        x = steps.binary(x, source) if self.binarize else x
        outputs = self.encoder([x, source.normal(self.noise)], training=True)
        if not isinstance(outputs, (list, tuple)):
            return x, outputs, None, None
        first, weights, bases = outputs
        z = first + tf.reduce_sum(weights * bases, axis=1)
        if not self.adaptive:
            return x, z, None, None
        center, spread = tf.nn.moments(bases, axes=[0])
        mean = first + tf.reduce_sum(weights * center, axis=1)
        variance = tf.reduce_sum(tf.square(weights) * spread, axis=1) + FLOOR
        return x, z, tf.stop_gradient(mean), tf.stop_gradient(tf.sqrt(variance))

    def posterior(self, x, z, mean, std, source):
        """Returns the adversary's logits of posterior draws."""
        with source.section(POSTERIOR):
            seen = (z - mean) / std if self.adaptive else z
            return self.adversary([x, seen], training=True)

    def log_ratio(self, logits, z, mean, std):
        ratio = logits[:, 0]
        if self.adaptive:  # log r(z | x) - log p(z), whose constants cancel
            squares = tf.square(z) - tf.square((z - mean) / std)
            ratio += tf.reduce_sum(0.5 * squares - tf.math.log(std), axis=-1)
        return tf.reduce_mean(ratio)

    def adversary_loss(self, x, logits, source):
        other = self.adversary([x, source.normal((self.size,))], training=True)
        loss = tf.reduce_mean(tf.nn.softplus(-logits)) + tf.reduce_mean(tf.nn.softplus(other))
        return loss, {"adversary_accuracy": tf.reduce_mean(tf.cast(logits > other, tf.float32))}

    def autoencoder_loss(self, x, z, mean, std, logits):
        likelihood = steps.log_likelihood(x, self.decoder(z, training=True))
        kl = self.log_ratio(logits, z, mean, std)
        return kl - likelihood, {"log_likelihood": likelihood, "kl": kl, "elbo": likelihood - kl}

    def step(self, batch):
        if self.simultaneous:
            return self.both(batch["x"])
        logs = {}
        for move in range(self.updates):
            logs |= self.adversary_move(batch["x"][move :: self.updates], move)
        return logs | self.autoencoder_move(batch["x"][:: self.updates])

    def adversary_move(self, x, move: int):
        source = self.draws.of_move(0, move)
        with source.current():
            x, z, mean, std = self.start(x, source)
            with self.tape("adversary") as tape:
                logits = self.posterior(x, z, mean, std, source)
                loss, logs = self.adversary_loss(x, logits, source)
        self.apply("adversary", self.gradients(tape, "adversary", loss, logs))
        return logs

    def autoencoder_move(self, x):
        source = self.draws.of_move(1, 0)
        with source.current(), self.tape("autoencoder") as tape:
            x, z, mean, std = self.start(x, source)
            logits = self.posterior(x, z, mean, std, source)
            loss, logs = self.autoencoder_loss(x, z, mean, std, logits)
        self.apply("autoencoder", self.gradients(tape, "autoencoder", loss, logs))
        return logs

    def both(self, x):
        source = self.draws.of_move(0, 0)
        with (
            source.current(),
            self.tape("adversary") as adversary_tape,
            self.tape("autoencoder") as autoencoder_tape,
        ):
            x, z, mean, std = self.start(x, source)
            logits = self.posterior(x, z, mean, std, source)
            adversary_loss, logs = self.adversary_loss(x, logits, source)
            loss, more = self.autoencoder_loss(x, z, mean, std, logits)
        logs |= more
        gradients = self.gradients(adversary_tape, "adversary", adversary_loss, logs)
        others = self.gradients(autoencoder_tape, "autoencoder", loss, logs)
        self.apply("adversary", gradients)
        self.apply("autoencoder", others)
        return logs


def of(game, options: dict, draws, *, all_logs: bool) -> AVB | None:
    """Returns the peer of a game, or None if this step cannot compute it."""
    if options["likelihood"].name != "bernoulli" or game.prior.name != "normal" or game.beta != 1.0:
        return None
    chosen = {"noise": game.noise_shape, "size": game.prior.size}
    chosen |= {"adaptive": options["contrast"].name == "adaptive", "binarize": game.binarize}
    chosen |= {"updates": game.adversary_updates}
    chosen |= {"simultaneous": game.schedule == "simultaneous", "all_logs": all_logs}
    return AVB(*steps.copies(game), draws, **chosen)
