"""The hand-written step of the adversarial generator-encoder."""

import tensorflow as tf

from by_hand import steps

FAKE = 1  # section of the game's draws


class AGE(steps.Step):
    """An encoder, then some moves of a generator.

    Args:
        networks: The generator and the encoder by name.
        players: See `steps.Step`.
        draws: See `steps.Step`.
        prior: The game's prior.
        data_weight: Weight of the encoder's reconstruction error.
        latent_weight: Weight of the generator's reconstruction error.
        updates: Moves of the generator in a step.
        all_logs: See `steps.Step`.
    """

    def __init__(
        self, networks, players, draws, *, prior, data_weight, latent_weight, updates, all_logs=True
    ):
        names = ["kl_real", "kl_fake", "reconstruction_error", "latent_error"]
        super().__init__(players, draws, logs=names, all_logs=all_logs)
        self.generator, self.encoder = networks["generator"], networks["encoder"]
        self.prior, self.updates = prior, updates
        self.data_weight, self.latent_weight = data_weight, latent_weight

    def code(self, x):
        return tf.math.l2_normalize(self.encoder(x, training=True), axis=-1)

    def kl(self, codes):
        mean, variance = tf.nn.moments(codes, axes=[0])
        return tf.reduce_mean(0.5 * (variance - 1.0 - tf.math.log(variance) + tf.square(mean)))

    def step(self, batch):
        # the encoder sees the first stride of the batch; the generator takes no data
        logs = self.encoder_move(batch["x"][:: self.updates])
        for move in range(self.updates):
            logs |= self.generator_move(move)
        return logs

    def encoder_move(self, x):
        source = self.draws.of_move(0, 0)
        with source.current():
            x_fake = self.generator(steps.latents(self.prior, source), training=True)
            with self.tape("encoder") as tape:
                codes = self.code(x)
                with source.section(FAKE):
                    fake = self.kl(self.code(x_fake))
                real = self.kl(codes)
                error = tf.reduce_mean(tf.abs(x - self.generator(codes, training=True)))
                loss = real - fake + self.data_weight * error
        logs = {"kl_real": real, "kl_fake": fake, "reconstruction_error": error}
        self.apply("encoder", self.gradients(tape, "encoder", loss, logs))
        return logs

    def generator_move(self, move: int):
        source = self.draws.of_move(1, move)
        with source.current(), self.tape("generator") as tape:
            z = steps.latents(self.prior, source)
            x_fake = self.generator(z, training=True)
            with source.section(FAKE):
                codes = self.code(x_fake)
            error = 0.5 * tf.reduce_mean(tf.square(z - codes))
            loss = self.kl(codes) + self.latent_weight * error
        logs = {"latent_error": error}
        self.apply("generator", self.gradients(tape, "generator", loss, logs))
        return logs


def of(game, options: dict, draws, *, all_logs: bool) -> AGE | None:
    """Returns the peer of a game, or None if this step cannot compute it."""
    if game.schedule != "alternating" or {"reduction", "official_code"} & set(options):
        return None
    chosen = {"prior": game.prior, "updates": game.generator_updates, "all_logs": all_logs}
    chosen |= {"data_weight": game.data_weight, "latent_weight": game.latent_weight}
    return AGE(*steps.copies(game), draws, **chosen)
