"""The hand-written step of bidirectional adversarial nets: one forward pass for both players."""

import tensorflow as tf

from by_hand import adversarial, steps


class BiGAN(steps.Step):
    """A critic of pairs against a generator with an encoder.

    Args:
        networks: The generator, the encoder and the critic by name.
        players: See `steps.Step`.
        draws: See `steps.Step`.
        prior: The game's prior.
        loss: Name in `adversarial.LOSSES`.
        stochastic: Whether the encoder gives means and log variances, and codes are drawn.
        all_logs: See `steps.Step`.
    """

    def __init__(self, networks, players, draws, *, prior, loss, stochastic, all_logs=True):
        super().__init__(players, draws, logs=adversarial.critic_logs(loss), all_logs=all_logs)
        self.generator, self.encoder = networks["generator"], networks["encoder"]
        self.critic, self.prior, self.stochastic = networks["critic"], prior, stochastic
        self.name, self.loss = loss, adversarial.LOSSES[loss]

    def code(self, x, source):
        codes = self.encoder(x, training=True)
        if not self.stochastic:
            return codes
        mean, log_variance = tf.split(codes, 2, axis=-1)
        return mean + tf.exp(0.5 * log_variance) * source.normal((self.prior.size,))

    def step(self, batch):
        source, x, logs = self.draws.of_move(0, 0), batch["x"], {}
        with (
            source.current(),
            self.tape("critic") as critic_tape,
            self.tape("generator") as generator_tape,
        ):
            z = steps.latents(self.prior, source)
            code = self.code(x, source)
            x_fake = self.generator(z, training=True)
            real = self.critic([x, code], training=True)
            fake = self.critic([x_fake, z], training=True)
            critic_loss = self.loss.critic_real(real) + self.loss.critic_fake(fake)
            generator_loss = self.loss.opponent_real(real) + self.loss.opponent_fake(fake)
        gradients = self.gradients(critic_tape, "critic", critic_loss, logs)
        others = self.gradients(generator_tape, "generator", generator_loss, logs)
        self.apply("critic", gradients)
        self.apply("generator", others)
        return logs | (adversarial.logged(self.name, real, fake) if self.all_logs else {})


def of(game, options: dict, draws, *, all_logs: bool) -> BiGAN | None:
    """Returns the peer of a game, or None if this step cannot compute it."""
    loss = adversarial.chosen(options["loss"])
    if loss is None or game.schedule != "simultaneous" or game.augmentation is not None:
        return None
    chosen = {"prior": game.prior, "loss": loss, "stochastic": game.stochastic}
    return BiGAN(*steps.copies(game), draws, **chosen, all_logs=all_logs)
